#include "formats/text_encoding.hpp"

#include <iconv.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::formats {

TextDecoder::TextDecoder(std::string encoding, const std::string& file) : encoding_(std::move(encoding)) {
  converter_ = iconv_open("UTF-8", encoding_.empty() ? "WINDOWS-1252" : encoding_.c_str());
  if (converter_ == reinterpret_cast<void*>(-1)) {
    throw base::usage_error("TM1354", "the encoding '" + encoding_ + "' is not known", {file},
                            "iconv -l lists the known ones");
  }
}

TextDecoder::~TextDecoder() {
  iconv_close(converter_);
}

std::optional<std::string_view> TextDecoder::decode_others(std::string_view bytes) {
  if (encoding_.empty() && base::is_valid_utf8(bytes)) return bytes;
  std::string& text = texts_.emplace_back(bytes.size() * 4, '\0');
  char* source = const_cast<char*>(bytes.data());  // iconv does not write to it
  std::size_t left = bytes.size(), room = text.size();
  char* target = text.data();
  iconv(converter_, nullptr, nullptr, nullptr, nullptr);
  if (iconv(converter_, &source, &left, &target, &room) == static_cast<std::size_t>(-1)) {
    texts_.pop_back();
    return std::nullopt;
  }
  text.resize(text.size() - room);
  return text;
}

}  // namespace trialmill::formats
