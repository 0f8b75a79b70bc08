#include "catalog/catalog.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace trialmill::catalog {

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
  for (const char* sql :
       {"PRAGMA journal_mode=WAL", "PRAGMA foreign_keys=ON",
        "CREATE TABLE IF NOT EXISTS file_version (path TEXT, sha256 TEXT, bytes INTEGER, delivered_at TEXT, "
        "PRIMARY KEY (path, sha256))",
        "CREATE TABLE IF NOT EXISTS dataset (name TEXT, zone TEXT CHECK (zone IN ('raw', 'sdtm')), rows "
        "INTEGER, "
        "columns TEXT, run TEXT, PRIMARY KEY (zone, name))",
        "CREATE TABLE IF NOT EXISTS release (id TEXT PRIMARY KEY, run TEXT, manifest_sha256 TEXT)"}) {
    state_->run(sql);
  }
}

Catalog::~Catalog() = default;

void Catalog::record_crawl(const base::Json& detail, const std::string& run, findings::Findings& findings) {
  std::vector<findings::Finding> drift;
  state_->run("BEGIN IMMEDIATE");
  try {
    for (const auto& [source, entry] : detail.items()) {
      for (const auto& file : entry.at("files")) {
        state_->run("INSERT OR IGNORE INTO file_version VALUES (?, ?, ?, ?)",
                    {file.at("file").get<std::string>(), file.at("sha256").get<std::string>(),
                     file.at("bytes").dump(), base::utc_now()});
      }
      const auto columns = entry.at("columns").get<std::vector<std::string>>();
      const auto before =
          state_->run("SELECT columns FROM dataset WHERE zone = 'raw' AND name = ?", {source});
      if (!before.empty()) {
        const auto old = base::parse_json(before[0][0], "the catalog").get<std::vector<std::string>>();
        const auto report = [&](const auto& from, const auto& in, const std::string& verb) {
          for (const auto& column : from) {
            if (std::find(in.begin(), in.end(), column) != in.end()) continue;
            auto& finding = drift.emplace_back();
            finding.rule = "TM2150";
            finding.severity = findings::Severity::info;
            finding.stage = "ingest";
            finding.dataset = source;
            finding.variable = column;
            finding.message = "Column " + column + verb + " since the last crawl.";
          }
        };
        report(columns, old, " is new");
        report(old, columns, " is gone");
      }
      state_->run("INSERT OR REPLACE INTO dataset VALUES (?, 'raw', ?, ?, ?)",
                  {source, entry.at("rows").dump(), base::dump_json(entry.at("columns"), -1), run});
    }
    state_->run("COMMIT");
  } catch (...) {
    sqlite3_exec(state_->database, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
  for (auto& finding : drift) findings.add(std::move(finding));
}

void Catalog::record_release(const Release& release) {
  state_->run("INSERT OR REPLACE INTO release VALUES (?, ?, ?)",
              {release.id, release.run, release.manifest_sha256});
}

std::vector<Dataset> Catalog::datasets() {
  std::vector<Dataset> found;
  for (const auto& row :
       state_->run("SELECT name, zone, rows, columns, run FROM dataset ORDER BY zone, name")) {
    found.push_back({row[0], row[1], std::stoll(row[2]),
                     base::parse_json(row[3], "the catalog").get<std::vector<std::string>>(), row[4]});
  }
  return found;
}

std::vector<Release> Catalog::releases() {
  std::vector<Release> found;
  for (const auto& row : state_->run("SELECT id, run, manifest_sha256 FROM release ORDER BY rowid")) {
    found.push_back({row[0], row[1], row[2]});
  }
  return found;
}

}  // namespace trialmill::catalog
