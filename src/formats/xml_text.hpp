// Texts from data in XML: characters that XML 1.0 forbids, and bytes that are not UTF-8, become U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace trialmill::formats {

/// `text` with nothing that XML 1.0 (section 2.2, Char) cannot hold. Markup characters are left alone: the
/// writing library escapes them.
std::string xml_text(std::string_view text);

}  // namespace trialmill::formats
