// Apple Health exports (export.zip or its export.xml) as datasets, streamed. Reading only.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// One dataset for each kind of element (Record, Workout, ActivitySummary …); docs/formats/wearables.md lists
/// them. The file is read once for each call of read() or read_all(), with constant memory. Errors: TM1001,
/// TM1320 (the archive), TM1332 (no health export in the archive), TM1333 (not well-formed).
std::unique_ptr<DatasetFile> open_apple_health(const std::filesystem::path& file);

/// True if the text (the start of a file) is that of an export.xml.
bool is_apple_health(std::string_view start);

}  // namespace trialmill::formats
