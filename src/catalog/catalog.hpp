// What the lake holds, in SQLite beside the workflow's own tables: delivered files, raw tables and their
// columns, releases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "findings/finding.hpp"

namespace trialmill::catalog {

struct File {
  std::string source, path, sha256;
  std::int64_t bytes = 0;
  std::string first_seen;  ///< UTC, of the crawl that saw this content first
  bool current = true;     ///< part of the last crawl; else it was replaced or taken away
};

struct Source {
  std::string name;
  std::int64_t rows = 0;
  std::vector<std::string> columns;
  std::string run;  ///< the run that recorded it last
};

/// A column that came or went between two crawls.
struct ColumnChange {
  std::string source, column, change;  ///< change: "new" or "gone"
  std::string run, seen;               ///< the run that saw it, and when (UTC)
};

struct Release {
  std::string id, run, manifest_sha256, recorded;
};

/// What a crawl brought, in numbers.
struct CrawlRecord {
  std::int64_t sources = 0, files = 0, new_files = 0, changed_columns = 0;
};

class Catalog {
 public:
  /// Opens or creates the database. Error TM2101 for every failure of it.
  explicit Catalog(const std::filesystem::path& database);
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  /// Records the detail of a crawl's Outcome in one transaction; doing so again changes nothing. Columns of a
  /// source that `run` saw come (info) or go (warning) are findings TM2150, also when recorded again.
  CrawlRecord record_crawl(const base::Json& detail, const std::string& run, findings::Findings& findings);
  void record_release(const Release& release);

  std::vector<File> files();            ///< by source, path, and order of delivery
  std::vector<Source> sources();        ///< by name
  std::vector<ColumnChange> changes();  ///< in the order seen
  std::vector<Release> releases();      ///< in the order recorded

 private:
  void record_source(const std::string& name, const base::Json& entry, const std::string& run,
                     CrawlRecord& record);
  void record_changes(const std::string& source, const std::vector<std::string>& columns,
                      const std::string& run);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::catalog
