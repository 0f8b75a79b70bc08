// The durable history of runs: SQLite tables run and event in lake/state/trialmill.db, and the lock that
// keeps two runs of one lake apart.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

struct sqlite3;

namespace trialmill::workflow {

using base::Json;
namespace fs = std::filesystem;

/// Status: RUNNING, SUCCEEDED, PAUSED, FAILED, INTERRUPTED, ABORTED (its process died), CANCELLED.
struct RunRow {
  std::string id, study, environment, status, started, ended;
  Json definition;  ///< the state machine as this run uses it
  Json snapshot;    ///< PAUSED: where to go on
  Json summary;     ///< as printed by `trialmill run --json`
};

struct EventRow {
  std::int64_t sequence = 0;
  std::string time, type, state;
  Json details;
};

class History {
 public:
  /// Opens or creates the database. Error TM2806.
  explicit History(const fs::path& database);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  void save(const RunRow& run);  ///< inserts or replaces
  void add_event(const std::string& run, const std::string& type, const std::string& state,
                 const Json& details);
  /// Marks what a dead process left RUNNING as ABORTED; call only while holding the RunLock. Returns their
  /// ids.
  std::vector<std::string> abort_orphans();

  std::vector<RunRow> runs();  ///< newest first
  /// By id, or "last" for the newest; "last" prefers a paused one when `paused` is set. Error TM2803.
  RunRow run(const std::string& id, bool paused = false);
  std::vector<EventRow> events(const std::string& run);

 private:
  sqlite3* db_ = nullptr;
};

/// Held while a run works (flock on state/run.lock). Released by the kernel even if the process is killed.
class RunLock {
 public:
  /// Error TM2802 when another process holds it.
  explicit RunLock(const fs::path& lake);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// Process id of the holder, if a live process holds the lock of this lake.
  static std::optional<int> holder(const fs::path& lake);

 private:
  int descriptor_ = -1;
};

}  // namespace trialmill::workflow
