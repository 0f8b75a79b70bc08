// Which delivered files belong to a source, and their immutable copies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "study/stage.hpp"

namespace trialmill::ingest {

struct Delivered {
  std::filesystem::path path;  ///< absolute
  std::string name;            ///< relative to the inbox, as findings and lineage show it
};

/// All files below the inbox, sorted by name. Symbolic links to files are followed, those to folders are not,
/// so a loop of links cannot hold the crawl. Error TM2002.
std::vector<Delivered> inbox_files(const study::Study& study);

/// Those of `everything` that match the patterns of `source`. Error TM2001.
std::vector<Delivered> matched_files(const study::Study& study, const study::Source& source,
                                     const std::vector<Delivered>& everything);

/// What the file system says of a file: changes when its content may have.
std::string file_state(const std::filesystem::path& file);

/// Copies a file to raw/objects/ab/ab12… unless it is there already. May be called from several threads.
/// Error TM1002.
void keep_object(const study::Layout& layout, const std::filesystem::path& file, const std::string& sha256);

/// True for the names that raw tables and the crawl use for themselves (case ignored).
bool is_reserved_column(const std::string& name);

}  // namespace trialmill::ingest
