// Prepared files of one source → a relation of the engine.
#pragma once

#include <string>
#include <vector>

#include "ingest/prepare.hpp"
#include "study/stage.hpp"

namespace trialmill::ingest {

/// Makes the view `relation` with columns _part (place among the files), _file, _row and the delivered
/// columns as text, joined by name. It reads the clean copies, so each use costs a pass over them. Returns
/// true if its rows come in the order of _part and _row.
bool open_relation(table::Session& session, const std::vector<Delivered>& files,
                   const std::vector<Prepared>& prepared, const std::vector<CleanCopy>& copies,
                   const std::string& relation);

/// Drops what open_relation() made.
void close_relation(table::Session& session, const std::string& relation);

/// Compares what the engine has loaded of each file with what was counted without it. `loaded`: a relation
/// with a row per loaded record and the column _file. Error TM2003.
void check_counts(table::Session& session, const std::vector<Delivered>& files,
                  const std::vector<Prepared>& prepared, const std::string& loaded);

}  // namespace trialmill::ingest
