// Where things lie in a study's lake, in one place. docs/lake.md describes it for users.
//
//   raw/objects/ab/ab12…        delivered files, content-addressed by SHA-256, never changed
//   stage/tables/SOURCE.parquet     raw table: _file, _row, then the columns as text
//   stage/tables/SOURCE.aside.parquet  rows set aside: _file, _row, fate (rejected|superseded), reason,
//   content stage/releases/ID/parquet/DS.parquet + stage/current → releases/ID   staged SDTM datasets
//   stage/lineage/DS.parquet        record of DS → source, _file, _row
//   output/releases/ID/{csv,parquet,xpt}/ds.*, manifest.json + output/current → releases/ID
//   audit/runs/RUN/…                summary.json, findings.csv, reconciliation.csv, log.jsonl
//   state/trialmill.db              SQLite: catalog, runs, events
//   state/stages/STAGE.json         last completed outcome: fingerprint, findings, what the stage made
#pragma once

#include <filesystem>
#include <string>

namespace trialmill::table {
class Session;
}

namespace trialmill::study {

struct Layout {
  std::filesystem::path lake;

  std::filesystem::path objects() const { return lake / "raw" / "objects"; }
  std::filesystem::path tables() const { return lake / "stage" / "tables"; }
  std::filesystem::path raw_table(const std::string& source) const {
    return tables() / (source + ".parquet");
  }
  std::filesystem::path aside_table(const std::string& source) const {
    return tables() / (source + ".aside.parquet");
  }
  /// Whether the last crawl found a file; an optional source may have a table, without rows, before.
  bool delivered(const std::string& source) const { return std::filesystem::exists(aside_table(source)); }
  std::filesystem::path staged_releases() const { return lake / "stage" / "releases"; }
  std::filesystem::path staged_current() const { return lake / "stage" / "current"; }
  std::filesystem::path lineage() const { return lake / "stage" / "current" / "lineage"; }
  std::filesystem::path output() const { return lake / "output"; }
  std::filesystem::path output_current() const { return lake / "output" / "current"; }
  std::filesystem::path run(const std::string& id) const { return lake / "audit" / "runs" / id; }
  std::filesystem::path database() const { return lake / "state" / "trialmill.db"; }
  std::filesystem::path stage_record(const std::string& stage) const {
    return lake / "state" / "stages" / (stage + ".json");
  }
};

/// Creates schema raw with one view per stage/tables/*.parquet (raw.SOURCE and raw."SOURCE.aside").
void mount_raw(table::Session& session, const Layout& layout);

/// Creates schema sdtm with one view per dataset in stage/current/parquet, schema lineage likewise.
void mount_staged(table::Session& session, const Layout& layout);

}  // namespace trialmill::study
