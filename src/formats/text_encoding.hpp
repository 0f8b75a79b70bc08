// Turns text of any encoding into UTF-8, value by value. Files conversions as a whole: convert_to_utf8 in
// csv_scan.hpp.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace trialmill::formats {

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
  std::optional<std::string_view> decode(std::string_view bytes);
  /// Forgets the texts that decode() made.
  void clear() { texts_.clear(); }

 private:
  std::string encoding_;
  void* converter_;
  std::deque<std::string> texts_;
};

}  // namespace trialmill::formats
