// What a rule does, in a sentence for people: the description of a method in define.xml.
#pragma once

#include <string>

#include "base/yaml.hpp"

namespace trialmill::transform {

/// An English sentence (or a few) about a verb and its options, e.g. {study_day: AESTDTC} → "Days from
/// DM.RFSTDTC to AESTDTC, …". "" for a verb that says nothing more than its expression.
std::string method_text(const base::YamlValue& rule);

}  // namespace trialmill::transform
