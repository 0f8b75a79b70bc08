// Bounds-checked access to the bytes of a SAS7BDAT file: every number that the file holds may be a lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace trialmill::formats {

/// A piece of a SAS7BDAT file (a page, a subheader) with its place in the file for messages.
class Sas7bdatBytes {
 public:
  Sas7bdatBytes(std::string_view bytes, std::uint64_t place, bool little_endian, bool wide,
                const std::string& file)
      : bytes_(bytes), place_(place), little_endian_(little_endian), wide_(wide), file_(&file) {}

  std::size_t size() const { return bytes_.size(); }
  bool little_endian() const { return little_endian_; }
  bool wide() const { return wide_; }  ///< of a 64-bit system: lengths and offsets have 8 bytes
  std::string_view all() const { return bytes_; }

  /// Bytes [offset, offset + size). Error TM1306 if the piece is too short.
  std::string_view at(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset)
      damaged("something of " + std::to_string(size) + " bytes would reach beyond its page or subheader",
              offset);
    return bytes_.substr(offset, size);
  }
  Sas7bdatBytes part(std::uint64_t offset, std::uint64_t size) const {
    return {at(offset, size), place_ + offset, little_endian_, wide_, *file_};
  }

  std::uint64_t number(std::uint64_t offset, std::size_t size) const {
    const std::string_view raw = at(offset, size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8U | static_cast<unsigned char>(raw[little_endian_ ? size - 1 - i : i]);
    return value;
  }
  std::uint16_t u16(std::uint64_t offset) const { return static_cast<std::uint16_t>(number(offset, 2)); }
  std::uint32_t u32(std::uint64_t offset) const { return static_cast<std::uint32_t>(number(offset, 4)); }
  std::uint8_t u8(std::uint64_t offset) const { return static_cast<std::uint8_t>(number(offset, 1)); }
  /// A length or offset: 4 or 8 bytes.
  std::uint64_t word(std::uint64_t offset) const { return number(offset, wide_ ? 8 : 4); }

  [[noreturn]] void damaged(const std::string& what, std::uint64_t offset = 0) const {
    throw base::Error("TM1306", what + " (at byte " + std::to_string(place_ + offset) + ")", {*file_},
                      "the file is damaged or was cut; ask for it again and compare sizes");
  }

 private:
  std::string_view bytes_;
  std::uint64_t place_;
  bool little_endian_, wide_;
  const std::string* file_;
};

}  // namespace trialmill::formats
