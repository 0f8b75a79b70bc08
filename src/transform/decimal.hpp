// Exact decimal arithmetic for unit conversions. Binary doubles would round 2.675 to 2.67 and let the result
// depend on the order of operations; a decimal of up to 38 digits does not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "table/session.hpp"

namespace trialmill::transform {

/// (value + offset) × numerator ÷ denominator as decimal text, computed exactly. `factor` is "0.4536" or a
/// ratio "5/9". `digits` decimals, half rounded away from zero; -1 = not rounded (a ratio that does not end
/// is then the nearest double). nullopt: a part is no number, the denominator is 0, or there are more digits
/// than fit.
std::optional<std::string> convert_exactly(std::string_view value, std::string_view offset,
                                           std::string_view factor, int digits);

/// The number without an exponent: 5e-05 is 0.00005. As it is if that takes more digits than fit.
std::string plain_number(std::string_view number);

/// SQL: trialmill_plain_number(text) → text, as plain_number, and trialmill_convert(value, offset || tab ||
/// factor, digits) → text, as convert_exactly.
void register_convert_function(table::Session& session);

}  // namespace trialmill::transform
