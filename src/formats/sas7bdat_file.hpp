// SAS7BDAT files as datasets. Reading only.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// One dataset. Text is decoded by the encoding that the file states, or options.encoding; trailing blanks
/// are padding. Deleted rows do not come back. Errors: TM1001, TM1305, TM1306, TM1307, TM1354.
std::unique_ptr<DatasetFile> open_sas7bdat(const std::filesystem::path& file, const ReadOptions& options);

}  // namespace trialmill::formats
