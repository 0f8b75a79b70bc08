// CDISC Dataset-JSON 1.1 as datasets: one JSON document, NDJSON (metadata, then a row a line), and compressed
// NDJSON (DSJC, zlib or gzip).
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"
#include "formats/dataset_json_rows.hpp"

namespace trialmill::formats {

/// Reads any of the three forms, told by content. Memory does not grow with the file. Errors: TM1001, TM1330
/// (not Dataset-JSON), TM1331 (damaged: not JSON, ends early, a row of the wrong width, a value of the wrong
/// type, fewer rows than NDJSON states), each with the row.
std::unique_ptr<DatasetFile> open_dataset_json(const std::filesystem::path& file, const ReadOptions& options);

/// One dataset in one of the three forms; metadata in the order of the specification, from `meta` and its
/// attributes (studyOID …) where it has them. Compressed is zlib. Text is UTF-8; null stays null, "" stays
/// ""; missing numbers are null, special missing codes too with a note. Dates held as numbers are ISO 8601
/// text with targetDataType integer; one that ISO 8601 cannot say is refused.
std::unique_ptr<DatasetWriter> create_dataset_json(const std::filesystem::path& file, const DatasetMeta& meta,
                                                   const WriteOptions& options, DatasetJsonForm form);

}  // namespace trialmill::formats
