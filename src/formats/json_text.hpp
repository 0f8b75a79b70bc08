// Writing JSON fast: texts and numbers straight into a buffer.
#pragma once

#include <string>
#include <string_view>

namespace trialmill::formats {

/// Whether a text is ASCII that JSON takes as it stands: no quote, backslash or control character.
bool is_plain_json_text(std::string_view text);

/// Appends `text` in quotes, escaped as RFC 8259 asks; other characters stay UTF-8.
void append_json_text(std::string& out, std::string_view text);

/// Appends the shortest number that reads back as the same double; whole numbers without a fraction. NaN and
/// infinities, which JSON does not know, become null.
void append_json_number(std::string& out, double value);

}  // namespace trialmill::formats
