#include "workflow/history.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/time.hpp"

namespace trialmill::workflow {

namespace {

base::Error database_error(sqlite3* db) {
  return base::Error("TM2806", sqlite3_errmsg(db));
}

/// A prepared statement with text parameters.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql, const std::vector<std::string>& values = {}) : db_(db) {
    if (sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) != SQLITE_OK) throw database_error(db);
    int i = 0;
    for (const auto& value : values) {
      sqlite3_bind_text(statement_, ++i, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    }
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  bool next() {
    const int status = sqlite3_step(statement_);
    if (status != SQLITE_ROW && status != SQLITE_DONE) throw database_error(db_);
    return status == SQLITE_ROW;
  }
  std::string text(int column) const {
    const unsigned char* value = sqlite3_column_text(statement_, column);
    return value ? std::string(reinterpret_cast<const char*>(value)) : std::string();
  }
  Json json(int column) const {
    const std::string value = text(column);
    return value.empty() ? Json() : base::parse_json(value, "run history");
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

constexpr const char* schema = R"(
  CREATE TABLE IF NOT EXISTS run(
    id TEXT PRIMARY KEY, study TEXT NOT NULL, environment TEXT NOT NULL, status TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT NOT NULL, definition TEXT NOT NULL, snapshot TEXT NOT NULL,
    summary TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS event(
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, time TEXT NOT NULL, type TEXT NOT NULL,
    state TEXT NOT NULL, details TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS event_run ON event(run, sequence);)";

constexpr const char* columns =
    "SELECT id, study, environment, status, started, ended, definition, snapshot, summary FROM run ";

RunRow row_of(const Statement& in) {
  return {in.text(0), in.text(1), in.text(2), in.text(3), in.text(4),
          in.text(5), in.json(6), in.json(7), in.json(8)};
}

fs::path lock_file(const fs::path& lake) {
  return lake / "state" / "run.lock";
}

}  // namespace

History::History(const fs::path& database) {
  base::make_folders(database.parent_path());
  if (sqlite3_open(database.c_str(), &db_) != SQLITE_OK) {
    const auto problem = database_error(db_);
    sqlite3_close(db_);
    throw problem;
  }
  sqlite3_busy_timeout(db_, 5000);
  for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", schema}) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      const auto problem = database_error(db_);
      sqlite3_close(db_);
      throw problem;
    }
  }
}

History::~History() {
  sqlite3_close(db_);
}

void History::save(const RunRow& run) {
  Statement(db_, "INSERT OR REPLACE INTO run VALUES(?,?,?,?,?,?,?,?,?)",
            {run.id, run.study, run.environment, run.status, run.started, run.ended,
             base::dump_json(run.definition, -1), base::dump_json(run.snapshot, -1),
             base::dump_json(run.summary, -1)})
      .next();
}

void History::add_event(const std::string& run, const std::string& type, const std::string& state,
                        const Json& details) {
  Statement(db_, "INSERT INTO event(run, time, type, state, details) VALUES(?,?,?,?,?)",
            {run, base::utc_now(), type, state, base::dump_json(details, -1)})
      .next();
}

std::vector<std::string> History::abort_orphans() {
  std::vector<std::string> out;
  Statement orphans(db_, "SELECT id FROM run WHERE status = 'RUNNING' ORDER BY id");
  while (orphans.next()) out.push_back(orphans.text(0));
  for (const auto& id : out) {
    Statement(db_, "UPDATE run SET status = 'ABORTED', ended = ? WHERE id = ?", {base::utc_now(), id}).next();
    add_event(id, "RunAborted", "", {{"why", "its process ended without a word"}});
  }
  return out;
}

std::vector<RunRow> History::runs() {
  std::vector<RunRow> out;
  Statement rows(db_, (std::string(columns) + "ORDER BY started DESC, rowid DESC").c_str());
  while (rows.next()) out.push_back(row_of(rows));
  return out;
}

RunRow History::run(const std::string& id, bool paused) {
  for (auto& row : runs()) {
    if (row.id == id || (id == "last" && (!paused || row.status == "PAUSED"))) return std::move(row);
  }
  const bool none = id == "last";
  throw base::usage_error(
      "TM2803", none ? (paused ? "no run is paused" : "there is no run yet") : "there is no run '" + id + "'",
      {}, "`trialmill runs` lists them");
}

std::vector<EventRow> History::events(const std::string& run) {
  std::vector<EventRow> out;
  Statement rows(
      db_, "SELECT sequence, time, type, state, details FROM event WHERE run = ? ORDER BY sequence", {run});
  while (rows.next())
    out.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.text(3), rows.json(4)});
  return out;
}

RunLock::RunLock(const fs::path& lake) {
  const fs::path file = lock_file(lake);
  base::make_folders(file.parent_path());
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw base::Error("TM1002", "cannot write " + file.string());
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    const auto other = holder(lake);
    throw base::Error("TM2802",
                      "another run is working on " + lake.string() +
                          (other ? " (process " + std::to_string(*other) + ")" : ""),
                      {}, "wait for it, or `trialmill cancel last`");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, pid.data(), pid.size(), 0) < 0) {
    ::close(descriptor_);
    throw base::Error("TM1002", "cannot write " + file.string());
  }
}

RunLock::~RunLock() {
  ::close(descriptor_);
}

std::optional<int> RunLock::holder(const fs::path& lake) {
  const fs::path file = lock_file(lake);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;
  ::close(descriptor);
  if (!locked) return std::nullopt;
  const int pid = std::atoi(base::read_file(file).c_str());
  return pid > 0 ? std::optional(pid) : std::nullopt;
}

}  // namespace trialmill::workflow
