// The metadata of Dataset-JSON 1.1 both ways: what stands before the rows of a document, and the first line
// of NDJSON. Source: Dataset-JSON 1.1, "Dataset Metadata" and "Column Metadata".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "formats/dataset_file.hpp"

namespace trialmill::formats {

struct DatasetJsonHead {
  DatasetMeta meta;
  std::vector<bool> untyped;  ///< columns that state no dataType
};

/// What the metadata say; what has no place in a DatasetMeta goes into `notes`. `file` is shown in errors.
/// Error TM1330: not Dataset-JSON 1.1.
DatasetJsonHead read_dataset_json_head(const base::Json& head, const std::string& file, NoteCollector& notes);

/// "2024-01-31T08:15:00", with fractions of a second and a time zone if wanted: what CDISC's schema takes.
bool is_dataset_json_time(std::string_view text);

/// The metadata as one object without rows, keys in the order of the standard. `fractions`: number columns
/// that hold a value which is no exact integer. What the standard has no place for goes into `notes`.
/// Error TM1328: `options.created` or `.modified` is no time.
std::string dataset_json_head(const DatasetMeta& meta, const WriteOptions& options, std::int64_t records,
                              const std::vector<bool>& fractions, NoteCollector& notes);

/// Error TM1328 as above, before anything is written.
void check_dataset_json_times(const WriteOptions& options);

}  // namespace trialmill::formats
