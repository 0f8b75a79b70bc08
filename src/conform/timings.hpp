// How long a validation took, by rule and by dataset: `trialmill validate --timings`.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "conform/engine.hpp"

namespace trialmill::conform {

/// Wall-clock seconds of the steps, and the process's highest memory use.
struct Timings {
  double load_rules = 0, load_data = 0, check = 0, peak_mib = 0;
};

/// Highest resident memory of the process so far.
double peak_mib();
/// {"load_rules_seconds", "load_data_seconds", "check_seconds", "peak_mib", "rules": [{"rule", "seconds"}],
/// "datasets": [{"dataset", "seconds"}]}; slowest first. Seconds of rules and datasets are those of the
/// thread that did the work, so with two threads they add up to more than check_seconds.
base::Json timings_json(const std::vector<RuleResult>& results, const Timings& timings);
/// The same for people.
std::string timings_text(const std::vector<RuleResult>& results, const Timings& timings);

}  // namespace trialmill::conform
