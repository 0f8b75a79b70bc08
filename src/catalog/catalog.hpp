// What the lake holds, in SQLite beside the workflow's own tables: delivered files, datasets, releases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "findings/finding.hpp"

namespace trialmill::catalog {

struct Dataset {
  std::string name, zone;  ///< zone raw or sdtm
  std::int64_t rows = 0;
  std::vector<std::string> columns;
  std::string run;  ///< the run that wrote it last
};

struct Release {
  std::string id, run, manifest_sha256;
};

class Catalog {
 public:
  /// Opens or creates the database. Error TM2101 for every failure of it.
  explicit Catalog(const std::filesystem::path& database);
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  /// Records the detail of a crawl's Outcome in one transaction. Columns of a source that came or went since
  /// the last crawl are findings TM2150 of severity info.
  void record_crawl(const base::Json& detail, const std::string& run, findings::Findings& findings);
  void record_release(const Release& release);

  std::vector<Dataset> datasets();  ///< by zone and name
  std::vector<Release> releases();  ///< in the order recorded

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::catalog
