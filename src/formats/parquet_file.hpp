// Parquet files as datasets, in and out, through the SQL engine. docs/formats/parquet.md says what becomes of
// what.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// One dataset named like the file, or as its metadata say. Labels, types, lengths and formats come from the
/// metadata key `trialmill` where the file has it. Errors: TM1001, TM1318 (no Parquet, or damaged).
std::unique_ptr<DatasetFile> open_parquet(const std::filesystem::path& file);

/// Whole numbers become BIGINT, dates DATE, TIME and TIMESTAMP; metadata go to the key `trialmill`. Special
/// missing codes are kept in one more column, `_special_missing`, which only files with such codes have.
std::unique_ptr<DatasetWriter> create_parquet(const std::filesystem::path& file, const DatasetMeta& meta,
                                              const WriteOptions& options);

/// The name of that column.
inline constexpr const char* parquet_special_column = "_special_missing";

}  // namespace trialmill::formats
