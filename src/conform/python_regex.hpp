// Regular expressions of rules. Rules are written for Python's `re`; RE2 runs them, in linear time, after a
// translation that keeps their meaning. What RE2 cannot mean is refused with the reason.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>

namespace trialmill::conform {

/// Why a pattern cannot be run: a mistake in it, or a construct outside RE2 (look-around, back references);
/// "" = it can.
std::string regex_problem(const std::string& pattern);
/// The compiled pattern, kept for the life of the program; only for patterns without a problem.
const RE2& python_regex(const std::string& pattern);
/// Python's re.match: a match that begins at the start of the text, but need not reach its end.
bool matches_at_start(const RE2& pattern, std::string_view text);
/// Python's re.search: a match anywhere.
bool matches_anywhere(const RE2& pattern, std::string_view text);

/// The first `count` characters (not bytes) of UTF-8 text.
std::string_view first_characters(std::string_view text, std::size_t count);
/// The last `count` characters.
std::string_view last_characters(std::string_view text, std::size_t count);
/// How many characters, not bytes.
std::size_t characters(std::string_view text);

}  // namespace trialmill::conform
