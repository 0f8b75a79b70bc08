// SAS transport files as datasets: the columnar way in (dataset.hpp) over the reader and the writer of the
// format.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// Versions 5 and 8, any number of members. Text is taken as UTF-8 where it is valid, else as
/// `options.encoding` or windows-1252. Errors: TM1001, TM1301, TM1302.
std::unique_ptr<DatasetFile> open_xpt(const std::filesystem::path& file, const ReadOptions& options);

/// `version` 5 or 8. A text variable without a length is an error of the caller (see measured_lengths in
/// convert.hpp): values longer than its length are refused. What the format cannot hold is refused
/// (docs/formats/xpt.md); nothing is cut.
std::unique_ptr<DatasetWriter> create_xpt(const std::filesystem::path& file, const DatasetMeta& meta,
                                          const WriteOptions& options, int version = 5);

}  // namespace trialmill::formats
