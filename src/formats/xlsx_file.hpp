// XLSX workbooks as datasets, in and out. docs/formats/xlsx.md says what becomes of what.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// One dataset for each sheet with cells, in the workbook's order. The first row that is not empty has the
/// names; all values are text. Errors: TM1001, TM1320, TM1321 (archive), TM1322, TM1323 (workbook, sheet).
std::unique_ptr<DatasetFile> open_xlsx(const std::filesystem::path& file, const ReadOptions& options);

/// A workbook with a sheet for each dataset; one writer each, in their order. Numbers as numbers, dates as
/// dates, text never as a formula. What a sheet cannot hold is refused (1,048,576 rows, 16,384 columns,
/// 32,767 characters in a cell). The file appears with the last commit(), unless one of them was refused.
std::vector<std::unique_ptr<DatasetWriter>> create_xlsx(const std::filesystem::path& file,
                                                        const std::vector<const DatasetMeta*>& sheets,
                                                        const WriteOptions& options);

}  // namespace trialmill::formats
