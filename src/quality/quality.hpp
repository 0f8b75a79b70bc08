// The quality stage: the DQDL rulesets that study.yaml names, on the raw tables. A failed rule is a finding,
// and so is every row that fails it. Rules labelled "severity"="warning" report; all others block
// (Outcome.passed = false).
#pragma once

#include <string>

#include "quality/options.hpp"
#include "study/stage.hpp"

namespace trialmill::quality {

std::string fingerprint(const Options& options, study::Context& context);
study::Outcome run(const Options& options, study::Context& context);

}  // namespace trialmill::quality
