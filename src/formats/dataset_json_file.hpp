// CDISC Dataset-JSON 1.1 as datasets: one JSON document, NDJSON (metadata, then a row a line), and compressed
// NDJSON (DSJC, zlib or gzip).
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// Reads any of the three forms, told by content. Memory does not grow with the file. Errors: TM1001, TM1330
/// (not Dataset-JSON), TM1331 (damaged: not JSON, ends early, a row of the wrong width, a value of the wrong
/// type, fewer rows than NDJSON states), each with the row.
std::unique_ptr<DatasetFile> open_dataset_json(const std::filesystem::path& file, const ReadOptions& options);

}  // namespace trialmill::formats
