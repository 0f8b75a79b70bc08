// Turns text of any encoding into UTF-8, value by value. Files conversions as a whole: convert_to_utf8 in
// csv_scan.hpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace trialmill::formats {

/// Whether all bytes are below 0x80.
inline bool is_ascii(std::string_view bytes) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::uint64_t seen = 0, word = 0;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
    std::memcpy(&word, at, sizeof word);
    seen |= word;
  }
  for (; left > 0; --left) seen |= static_cast<std::uint64_t>(static_cast<unsigned char>(*at++));
  return (seen & high_bits) == 0;
}

class TextDecoder {
 public:
  /// `encoding` is a name that iconv knows; "" = UTF-8 where a value is valid UTF-8, else windows-1252. Error
  /// TM1354 for a name that iconv does not know, with `file` as place.
  TextDecoder(std::string encoding, const std::string& file);
  ~TextDecoder();
  TextDecoder(const TextDecoder&) = delete;
  TextDecoder& operator=(const TextDecoder&) = delete;

  /// The value in UTF-8: itself if it is ASCII (or UTF-8 already), else a text that lives until clear().
  /// nullopt if the bytes have no meaning in the encoding.
  std::optional<std::string_view> decode(std::string_view bytes) {
    // The encodings in use for clinical data (UTF-8, windows-125x, ISO 8859, Shift_JIS, Big5, GB, EUC) read
    // bytes below 0x80 as ASCII.
    return is_ascii(bytes) ? bytes : decode_others(bytes);
  }
  /// Forgets the texts that decode() made.
  void clear() { texts_.clear(); }

 private:
  std::optional<std::string_view> decode_others(std::string_view bytes);
  std::string encoding_;
  void* converter_;
  std::deque<std::string> texts_;
};

}  // namespace trialmill::formats
