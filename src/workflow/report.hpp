// What a run leaves behind in audit/runs/RUN, and what `trialmill run --json` prints.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "findings/finding.hpp"
#include "findings/reconciliation.hpp"
#include "study/layout.hpp"
#include "workflow/stage_runner.hpp"

namespace trialmill::workflow {

struct RunReport {
  std::string run, study, environment;
  std::string status;  ///< succeeded, paused, failed, interrupted
  int exit_code = 0;
  std::string started, ended;
  std::vector<StageResult> stages;
  findings::Reconciliation reconciliation;
  findings::Findings* findings = nullptr;  ///< of all stages
  std::optional<base::Error> error;
};

/// Joins the accounts of crawl (received, rejected, superseded) with those of transform (mapped, filtered). A
/// source that the study declares `unmapped` and transform says nothing about counts as filtered for that
/// reason.
findings::Reconciliation reconcile(const std::vector<StageResult>& stages);

/// Throws Error TM2810 naming sources and numbers if rows are unaccounted for.
void require_accounted(const findings::Reconciliation& accounts);

base::Json json_of(const RunReport& report, const study::Layout& layout);

/// Writes summary.json, findings.csv, findings.jsonl, reconciliation.csv and returns the summary.
base::Json write_reports(const RunReport& report, const study::Layout& layout);

}  // namespace trialmill::workflow
