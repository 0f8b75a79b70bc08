// Small text helpers that several folders need: trimming, splitting, nearest known word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trialmill::base {

std::string_view trim(std::string_view text);
std::string to_upper(std::string_view text);  // ASCII only
std::string to_lower(std::string_view text);  // ASCII only
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// The candidate closest to `word` by edit distance (case ignored), or "" if none is close enough to be a
/// typo.
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean 'x'?" or "" – ready to be used as a hint.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// 'text' as an SQL string literal / "text" as an SQL identifier, quotes doubled.
std::string sql_literal(std::string_view text);
std::string sql_identifier(std::string_view name);

/// A field of a CSV file: quoted when it holds a comma, a quote or a line end (RFC 4180).
std::string csv_cell(std::string_view text);
/// The same with any delimiter, added to a line.
void append_csv_field(std::string& line, std::string_view field, char delimiter);

/// True if `text` is valid UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_valid_utf8(std::string_view text);

/// 1234567 → "1,234,567" for people to read.
std::string thousands(long long value);

}  // namespace trialmill::base
