// The JSON Schemas of schemas/, compiled into the program by cmake/EmbedFiles.cmake.
#pragma once

#include <string_view>
#include <vector>

namespace trialmill::study {

struct SchemaText {
  std::string_view path;  ///< mapping.schema.json
  std::string_view content;
};

/// All of them, ordered by path.
const std::vector<SchemaText>& schema_texts();

}  // namespace trialmill::study
