// Writing JSON fast: texts and numbers straight into a buffer.
#pragma once

#include <string>
#include <string_view>

namespace trialmill::formats {

/// Appends `text` in quotes, escaped as RFC 8259 asks; other characters stay UTF-8.
void append_json_text(std::string& out, std::string_view text);

/// Appends the shortest number that reads back as the same double; whole numbers without a fraction. NaN and
/// infinities, which JSON does not know, become null.
void append_json_number(std::string& out, double value);

}  // namespace trialmill::formats
