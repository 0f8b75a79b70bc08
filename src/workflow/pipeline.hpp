// The state machine that `trialmill run` executes unless the study has a workflow.asl.json.
#pragma once

#include <string>

#include "base/json.hpp"
#include "study/study.hpp"

namespace trialmill::workflow {

/// The built-in pipeline as text, as `trialmill workflow print` shows it.
const char* builtin_pipeline();

/// The study's own machine, checked (Error TM2801), or the built-in one.
base::Json pipeline_of(const study::Study& study);

/// The same machine ended after the stage `until` ("" = all of it). Error TM2807 when no state runs that
/// stage.
base::Json ended_after(base::Json machine, const std::string& until);

}  // namespace trialmill::workflow
