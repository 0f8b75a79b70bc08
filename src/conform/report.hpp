// Results as text: for people (table), programs (json, csv) and comparison with other engines (core).
#pragma once

#include <string>
#include <vector>

#include "conform/engine.hpp"

namespace trialmill::conform {

/// format: table, json, csv or core. core: Dataset,Record,Variable,Value with CRLF, one line a value.
std::string report(const std::vector<RuleResult>& results, const std::string& format);
/// Issues as findings of stage validate.
void add_findings(const std::vector<RuleResult>& results, findings::Findings& out);

}  // namespace trialmill::conform
