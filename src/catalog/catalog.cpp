#include "catalog/catalog.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace trialmill::catalog {

namespace {

constexpr const char* schema[] = {
    "PRAGMA journal_mode=WAL",
    "CREATE TABLE IF NOT EXISTS delivered_file (source TEXT, path TEXT, sha256 TEXT, bytes INTEGER, "
    "first_seen TEXT, current INTEGER, PRIMARY KEY (source, path, sha256))",
    "CREATE TABLE IF NOT EXISTS source (name TEXT PRIMARY KEY, rows INTEGER, columns TEXT, run TEXT)",
    "CREATE TABLE IF NOT EXISTS column_change (source TEXT, name TEXT, change TEXT, run TEXT, seen TEXT)",
    "CREATE TABLE IF NOT EXISTS published_release (id TEXT PRIMARY KEY, run TEXT, manifest_sha256 TEXT, "
    "recorded TEXT)"};

}  // namespace

struct Catalog::State {
  ~State() { sqlite3_close(database); }
  sqlite3* database = nullptr;

  void check(int code) const {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    throw base::Error("TM2101", std::string("the catalog cannot be used: ") + sqlite3_errmsg(database));
  }

  // Runs one statement with text parameters; gives the rows as text.
  std::vector<std::vector<std::string>> run(const char* sql,
                                            const std::vector<std::string>& values = {}) const {
    sqlite3_stmt* prepared = nullptr;
    check(sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr));
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(prepared, &sqlite3_finalize);
    for (std::size_t i = 0; i < values.size(); ++i) {
      check(sqlite3_bind_text(prepared, static_cast<int>(i) + 1, values[i].c_str(),
                              static_cast<int>(values[i].size()), nullptr));
    }
    std::vector<std::vector<std::string>> rows;
    int code = sqlite3_step(prepared);
    for (; code == SQLITE_ROW; code = sqlite3_step(prepared)) {
      auto& row = rows.emplace_back();
      for (int column = 0; column < sqlite3_column_count(prepared); ++column) {
        const auto* text = sqlite3_column_text(prepared, column);
        row.emplace_back(text ? reinterpret_cast<const char*>(text) : "");
      }
    }
    check(code);
    return rows;
  }
};

Catalog::Catalog(const std::filesystem::path& database) : state_(std::make_unique<State>()) {
  base::make_folders(database.parent_path());
  state_->check(sqlite3_open(database.c_str(), &state_->database));
  sqlite3_busy_timeout(state_->database, 10000);
  for (const char* sql : schema) state_->run(sql);
}

Catalog::~Catalog() = default;

CrawlRecord Catalog::record_crawl(const base::Json& detail, const std::string& run,
                                  findings::Findings& findings) {
  CrawlRecord record;
  state_->run("BEGIN IMMEDIATE");
  try {
    state_->run("UPDATE delivered_file SET current = 0");
    for (const auto& [source, entry] : detail.items()) record_source(source, entry, run, record);
    state_->run("COMMIT");
  } catch (...) {
    sqlite3_exec(state_->database, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
  for (const auto& change : changes()) {
    if (change.run != run) continue;
    findings::Finding finding;
    finding.rule = "TM2150";
    finding.severity = change.change == "gone" ? findings::Severity::warning : findings::Severity::info;
    finding.stage = "crawl";
    finding.dataset = change.source;
    finding.variable = change.column;
    finding.message = "Column " + change.column + " is " + change.change + " since the last delivery.";
    findings.add(std::move(finding));
    ++record.changed_columns;
  }
  return record;
}

void Catalog::record_source(const std::string& name, const base::Json& entry, const std::string& run,
                            CrawlRecord& record) {
  ++record.sources;
  for (const auto& file : entry.at("files")) {
    const std::string path = file.at("file").get<std::string>(),
                      sha256 = file.at("sha256").get<std::string>();
    const bool known = !state_
                            ->run("SELECT 1 FROM delivered_file WHERE source = ? AND path = ? AND sha256 = ?",
                                  {name, path, sha256})
                            .empty();
    ++record.files;
    record.new_files += known ? 0 : 1;
    state_->run("INSERT INTO delivered_file VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET current = 1",
                {name, path, sha256, file.at("bytes").dump(), base::utc_now()});
  }
  record_changes(name, entry.at("columns").get<std::vector<std::string>>(), run);
  state_->run("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?)",
              {name, entry.at("rows").dump(), base::dump_json(entry.at("columns"), -1), run});
}

void Catalog::record_changes(const std::string& source, const std::vector<std::string>& columns,
                             const std::string& run) {
  const auto before = state_->run("SELECT columns FROM source WHERE name = ?", {source});
  if (before.empty()) return;
  const auto old = base::parse_json(before[0][0], "the catalog").get<std::vector<std::string>>();
  const auto note = [&](const auto& from, const auto& in, const char* change) {
    for (const auto& column : from) {
      if (std::find(in.begin(), in.end(), column) != in.end()) continue;
      state_->run("INSERT INTO column_change VALUES (?, ?, ?, ?, ?)",
                  {source, column, change, run, base::utc_now()});
    }
  };
  note(columns, old, "new");
  note(old, columns, "gone");
}

void Catalog::record_release(const Release& release) {
  state_->run("INSERT OR IGNORE INTO published_release VALUES (?, ?, ?, ?)",
              {release.id, release.run, release.manifest_sha256, base::utc_now()});
}

std::vector<File> Catalog::files() {
  std::vector<File> found;
  for (const auto& row : state_->run("SELECT source, path, sha256, bytes, first_seen, current FROM "
                                     "delivered_file ORDER BY source, path, rowid")) {
    found.push_back({row[0], row[1], row[2], std::stoll(row[3]), row[4], row[5] == "1"});
  }
  return found;
}

std::vector<Source> Catalog::sources() {
  std::vector<Source> found;
  for (const auto& row : state_->run("SELECT name, rows, columns, run FROM source ORDER BY name")) {
    found.push_back({row[0], std::stoll(row[1]),
                     base::parse_json(row[2], "the catalog").get<std::vector<std::string>>(), row[3]});
  }
  return found;
}

std::vector<ColumnChange> Catalog::changes() {
  std::vector<ColumnChange> found;
  for (const auto& row :
       state_->run("SELECT source, name, change, run, seen FROM column_change ORDER BY rowid")) {
    found.push_back({row[0], row[1], row[2], row[3], row[4]});
  }
  return found;
}

std::vector<Release> Catalog::releases() {
  std::vector<Release> found;
  for (const auto& row :
       state_->run("SELECT id, run, manifest_sha256, recorded FROM published_release ORDER BY rowid")) {
    found.push_back({row[0], row[1], row[2], row[3]});
  }
  return found;
}

}  // namespace trialmill::catalog
