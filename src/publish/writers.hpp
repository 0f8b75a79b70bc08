// Writes one dataset in each format of a release. Same input, same bytes.
#pragma once

#include <filesystem>
#include <string>

#include "findings/finding.hpp"
#include "formats/dataset_file.hpp"
#include "publish/dataset.hpp"
#include "table/session.hpp"

namespace trialmill::publish {

/// UTF-8, header line, LF, empty = missing, quotes only where needed. Error TM2501.
void write_csv(table::Session& session, const Dataset& dataset, const std::filesystem::path& file);

/// zstd; labels, origins and keys in the key-value metadata ("trialmill"). Error TM2501.
void write_parquet(table::Session& session, const Dataset& dataset, const std::filesystem::path& file);

/// False (and dataset.xpt_reason, findings) if a number or the last row cannot be held; no file is then
/// there.
bool write_xpt(table::Session& session, Dataset& dataset, const std::filesystem::path& file,
               const std::string& created, findings::Findings& findings);

/// Any other format of formats/dataset_file.hpp. Error TM2501 if the format cannot hold a value.
void write_dataset_file(table::Session& session, const Dataset& dataset, const std::filesystem::path& file,
                        formats::Format format, const std::string& created, const std::string& study);

}  // namespace trialmill::publish
