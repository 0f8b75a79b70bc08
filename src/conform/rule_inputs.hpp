// What a rule needs besides the datasets.
#pragma once

#include <string>

#include "conform/dataset.hpp"
#include "conform/engine.hpp"
#include "conform/rule.hpp"

namespace trialmill::conform {

/// Why the rule cannot be executed in this run: it needs a Define-XML file or controlled terminology that was
/// not given, or variable tables of a standard that the program does not hold. "" = nothing is missing.
std::string missing_input(const Rule& rule, const Data& data, const RunOptions& options);

}  // namespace trialmill::conform
