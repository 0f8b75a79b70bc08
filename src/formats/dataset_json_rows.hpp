// Where the metadata and the rows of a Dataset-JSON file lie, for its three forms. Values are not looked at
// here; dataset_json_file.cpp does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "formats/mapped_file.hpp"

namespace trialmill::formats {

/// Takes the text of one row, a JSON array, and its number from 1; false = no more wanted.
using JsonRowConsumer = std::function<bool(std::string_view text, std::int64_t number)>;

enum class DatasetJsonForm { document, lines, compressed };

DatasetJsonForm form_of_dataset_json(std::string_view bytes);

/// The text of the metadata as one JSON object without `rows`. Error TM1331 with `name` if it ends early.
std::string dataset_json_metadata(const MappedFile& file, DatasetJsonForm form, const std::string& name);

/// Every row. Error TM1331 where the text ends early or is no JSON as far as its brackets go.
void dataset_json_rows(const MappedFile& file, DatasetJsonForm form, const std::string& name,
                       const JsonRowConsumer& consume);

}  // namespace trialmill::formats
