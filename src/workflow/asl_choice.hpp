// Choice rules: the 39 comparison operators, And, Or, Not.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "workflow/asl_value.hpp"

namespace trialmill::workflow::asl {

/// True if the rule (an element of Choices) holds. TaskError States.Runtime if its Variable does not exist.
bool rule_holds(const Json& rule, const Scope& scope);

/// True for every operator name that a rule may carry ("StringEquals", "IsPresent", …; not And, Or, Not).
bool is_operator(const std::string& name);

/// Seconds and nanoseconds since 1970 of "2016-03-14T01:59:00Z" (RFC 3339, capital T and Z); nullopt if it is
/// none.
std::optional<std::pair<std::int64_t, std::int64_t>> parse_timestamp(const std::string& text);

}  // namespace trialmill::workflow::asl
