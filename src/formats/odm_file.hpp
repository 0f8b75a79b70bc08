// ODM-XML clinical data (1.3.x, 2.0) and Dataset-XML 1.0 as datasets. Reading only; docs/formats/odm.md says
// which tables and columns arise.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// One dataset for each item group that has data. Definitions come from the file, and from options.metadata
/// (for Dataset-XML also from a define.xml beside it). Errors: TM1001; TM1340 (not ODM), TM1341 (not
/// well-formed), TM1342 (data without keys, or a text where a define.xml says number), TM1343 (definitions
/// only), with the line.
std::unique_ptr<DatasetFile> open_odm(const std::filesystem::path& file, const ReadOptions& options);

}  // namespace trialmill::formats
