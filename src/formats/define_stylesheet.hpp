// Files that cmake/EmbedFiles.cmake compiles into the program: src/formats/define_html.
#pragma once

#include <string_view>
#include <vector>

namespace trialmill::formats::define {

struct EmbeddedText {
  std::string_view path;  ///< define.xsl
  std::string_view content;
};

const std::vector<EmbeddedText>& define_html_files();

}  // namespace trialmill::formats::define
