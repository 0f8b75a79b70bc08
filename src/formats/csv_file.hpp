// Delimited text as a dataset, in and out. Every value is text; docs/formats/csv.md states the dialects.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// One dataset named like the file. The delimiter is found in the header, the encoding by its byte order
/// mark, else UTF-8, else windows-1252 with a note. Errors: TM1001, TM1316 (a malformed record: never a
/// shorter table), TM1350 to TM1355.
std::unique_ptr<DatasetFile> open_csv(const std::filesystem::path& file, const ReadOptions& options);

/// UTF-8, a header line, LF, empty = missing, quotes only where needed. Dates are written in ISO 8601 and
/// missing codes as empty with a note; with options.raw_numbers, dates as numbers, 17 significant digits, and
/// missing as ".", ".A".
std::unique_ptr<DatasetWriter> create_csv(const std::filesystem::path& file, const DatasetMeta& meta,
                                          const WriteOptions& options, char delimiter);

}  // namespace trialmill::formats
