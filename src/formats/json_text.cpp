#include "formats/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace trialmill::formats {
namespace {

constexpr std::array<bool, 256> must_escape = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0; c < 0x20; ++c) out[c] = true;
  out['"'] = out['\\'] = true;
  return out;
}();

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  static constexpr char digits[] = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[code >> 4U];
  out += digits[code & 15U];
}

}  // namespace

bool is_plain_json_text(std::string_view text) {
  // Eight bytes at a time: the highest bit of a byte becomes set where the byte is below n, or equals b.
  constexpr std::uint64_t ones = 0x0101010101010101U, high = 0x8080808080808080U;
  const auto below = [](std::uint64_t word, std::uint64_t n) { return (word - ones * n) & ~word; };
  std::uint64_t found = 0;
  for (std::size_t at = 0; at < text.size(); at += 8) {
    std::uint64_t word = ones * ' ';
    std::memcpy(&word, text.data() + at, std::min<std::size_t>(8, text.size() - at));
    found |= word | below(word, ' ') | below(word ^ (ones * '"'), 1) | below(word ^ (ones * '\\'), 1);
  }
  return (found & high) == 0;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  if (is_plain_json_text(text)) {
    out.append(text) += '"';
    return;
  }
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!must_escape[static_cast<unsigned char>(text[i])]) continue;
    out.append(text, from, i - from);
    append_escaped(out, text[i]);
    from = i + 1;
  }
  out.append(text, from);
  out += '"';
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 32> digits{};
  const bool whole = std::fabs(value) < 1e15 && value == std::trunc(value);
  const auto end =
      whole
          ? std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::int64_t>(value)).ptr
          : std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace trialmill::formats
