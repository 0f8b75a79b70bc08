// Which delivered files belong to a source, and their immutable copies.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/stage.hpp"

namespace trialmill::ingest {

struct Delivered {
  std::filesystem::path path;  ///< absolute
  std::string name;            ///< relative to the inbox, as findings and lineage show it
};

/// Files of the inbox that match the patterns of `source`, sorted by name. Error TM2001, TM2002.
std::vector<Delivered> matched_files(const study::Study& study, const study::Source& source);

/// Copies a file to raw/objects/ab/ab12… unless it is there already.
void keep_object(const study::Layout& layout, const std::filesystem::path& file, const std::string& sha256);

}  // namespace trialmill::ingest
