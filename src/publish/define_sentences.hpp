// Methods for people: what a rule of the mapping does, in a sentence.
#pragma once

#include <string>
#include <vector>

#include "publish/define_description.hpp"

namespace trialmill::publish {

/// The method that a rule such as {study_day: VSDTC} stands for: a sentence, and the rule as the expression
/// (the SQL itself for {sql: …}, and then `inputs` are named). A rule that cannot be read gets a sentence
/// that says no more than that.
MethodWords method_from_rule(const std::string& rule, const std::vector<std::string>& inputs = {});

}  // namespace trialmill::publish
