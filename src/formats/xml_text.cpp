#include "formats/xml_text.hpp"

#include "base/text.hpp"

namespace trialmill::formats {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Bytes of the UTF-8 character that starts with `lead`; 1 for anything that starts none.
std::size_t length_of(unsigned char lead) {
  return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

bool forbidden(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 && first != '\t' && first != '\n' && first != '\r';
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";  // U+FFFE, U+FFFF
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::string_view character = text.substr(at, length_of(static_cast<unsigned char>(text[at])));
    if (!base::is_valid_utf8(character)) {
      character = character.substr(0, 1);
      out += replacement;
    } else if (forbidden(character)) {
      out += replacement;
    } else {
      out += character;
    }
    at += character.size();
  }
  return out;
}

}  // namespace trialmill::formats
