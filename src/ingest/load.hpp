// Prepared files of one source → a table of the engine.
#pragma once

#include <string>
#include <vector>

#include "ingest/prepare.hpp"
#include "study/stage.hpp"

namespace trialmill::ingest {

/// Makes `relation` with columns _part (place among the files), _file, _row and the delivered columns as
/// text, joined by name. Error TM2003 if the engine's number of rows differs from what was counted in any
/// file. Returns true if the rows of the relation are in the order of _part and _row already.
bool load(table::Session& session, const std::vector<Delivered>& files, const std::vector<Prepared>& prepared,
          const std::vector<CleanCopy>& copies, const std::string& relation);

/// Drops what load() made.
void unload(table::Session& session, const std::string& relation);

}  // namespace trialmill::ingest
