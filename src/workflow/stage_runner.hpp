// Runs one stage, or takes its last completed outcome when nothing it depends on has changed.
//
// A record (state/stages/STAGE.json) is removed before a stage runs and written after its outputs, so that a
// record never describes anything but a completed stage, whenever the process may die.
#pragma once

#include <string>

#include "findings/finding.hpp"
#include "study/stage.hpp"
#include "workflow/stages.hpp"

namespace trialmill::workflow {

struct StageResult {
  std::string name;
  std::string status;  ///< done, skipped, failed
  double seconds = 0;
  double peak_mib = 0;  ///< most resident memory while it ran
  study::Outcome outcome;
  std::vector<findings::Finding> findings;
};

enum class Freshness {
  if_changed,  ///< run unless the record's fingerprint and outputs still hold
  always,      ///< run
  never        ///< take the record as it is; Error TM2805 if there is none
};

/// `context.findings` receives the stage's findings, also those of a skipped one.
StageResult run_stage(const StageEntry& stage, study::Context& context, Freshness freshness);

/// The recorded outcome, if complete; used to report stages that ran before a pause.
std::optional<StageResult> recorded_stage(const std::string& name, const study::Layout& layout);

base::Json json_of(const findings::Reconciliation& accounts);

}  // namespace trialmill::workflow
