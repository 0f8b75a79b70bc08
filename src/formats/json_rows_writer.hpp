// Datasets as plain JSON: an object for each record.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// With `lines` an object a line (NDJSON), else one array. Numbers as numbers, dates in ISO 8601, missing as
/// null (special missing codes with a note).
std::unique_ptr<DatasetWriter> create_json_rows(const std::filesystem::path& file, const DatasetMeta& meta,
                                                bool lines);

}  // namespace trialmill::formats
