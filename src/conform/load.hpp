// Readers of single file formats, used by load.cpp.
#pragma once

#include <filesystem>

#include "conform/dataset.hpp"

namespace trialmill::conform {

/// Every member of a SAS transport file, version 5 or 8, with labels, types and lengths. Errors TM1001,
/// TM1301, TM1302.
void load_xpt(Data& data, const std::filesystem::path& path);

/// Every dataset of a file of another format that formats/ reads, e.g. Dataset-JSON. Errors: those of the
/// format, TM2402 for a variable that comes twice.
void load_dataset_file(Data& data, const std::filesystem::path& path);

}  // namespace trialmill::conform
