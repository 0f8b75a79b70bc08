// JSON of any shape as tables: exports of apps and devices, pages of APIs. docs/formats/json.md says which
// tables and columns arise. Reading only.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "formats/dataset_file.hpp"

namespace trialmill::formats {

/// Records are the objects of arrays: of the document itself (one dataset), of its lines (NDJSON), or of
/// arrays below its keys (one dataset each). All values are text, numbers as they are written; the type that
/// all values of a column have is noted in its variable. Arrays of records and lines are streamed; another
/// document may have 256 MiB. Errors: TM1001, TM1334 (not JSON, or it ends early; with the record), TM1335
/// (no records), TM1336 (too large).
std::unique_ptr<DatasetFile> open_json_tables(const std::filesystem::path& file);

/// True if the start of a file says that it is meant as Dataset-JSON.
bool looks_like_dataset_json(std::string_view start);

}  // namespace trialmill::formats
