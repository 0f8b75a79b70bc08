// What a rule needs besides the datasets.
#pragma once

#include <string>

#include "conform/dataset.hpp"
#include "conform/rule.hpp"

namespace trialmill::conform {

/// Why the rule cannot be executed in this run: it needs a Define-XML file or controlled terminology that was
/// not given. "" = nothing is missing.
std::string missing_input(const Rule& rule, const Data& data);

}  // namespace trialmill::conform
