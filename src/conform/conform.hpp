// The stage `validate`: the built-in rules and those of the study's rules folder over the staged datasets
// (sdtm.*). Issues are findings; the stage itself always passes, the run's exit code applies the study's
// threshold.
#pragma once

#include "conform/options.hpp"
#include "study/stage.hpp"

namespace trialmill::conform {

/// Changes with the staged datasets, the rules and the options.
std::string fingerprint(const Options& options, study::Context& context);
/// detail: {"rules": {run, passed, issues, skipped, not_executable}, "not_run": {"TMR-0001": reason …}}.
study::Outcome run(const Options& options, study::Context& context);

}  // namespace trialmill::conform
