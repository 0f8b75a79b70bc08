// What SAS transport files (XPORT versions 5 and 8) hold, shared by reader and writer, and their number
// format. docs/formats/xpt.md shows every byte.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::formats {

// Limits of version 5, in bytes (not characters).
inline constexpr std::size_t xpt_name_bytes_max = 8;
inline constexpr std::size_t xpt_label_bytes_max = 40;
inline constexpr std::size_t xpt_value_bytes_max = 200;
inline constexpr std::size_t xpt8_value_bytes_max = 32767;  ///< version 8
inline constexpr std::size_t xpt8_name_bytes_max = 32, xpt8_label_bytes_max = 256;
inline constexpr std::size_t xpt_record_bytes = 80;
inline constexpr std::size_t xpt_columns_max = 9999;  ///< the header has four digits for the count

struct XptColumn {
  std::string name;
  std::string label;
  bool is_text = true;
  int length = 8;      ///< bytes of a value: text 1–200, number 3–8 (files from mainframes: 2–8)
  std::string format;  ///< display format without width, e.g. "DATE"; "" = none
  int width = 0, decimals = 0;
  std::string informat{};
  int informat_width = 0, informat_decimals = 0;
  int position = 0;  ///< of the value in a row, from 0; the writer works it out itself
};

/// One dataset of a file.
struct XptMember {
  std::string name;
  std::string label;
  std::string created, modified;  ///< as the file has them ("01JAN20:00:00:00"); the writer ignores them
  std::vector<XptColumn> columns;
};

/// Something that version 5 cannot hold. Nothing is ever cut or rounded to make it fit.
struct XptProblem {
  enum class Kind { name, label, length, value, number, blank_row };
  Kind kind;
  std::string column;    ///< "" = the dataset itself
  std::string value;     ///< the name, label or value as given
  std::string message;   ///< one sentence
  std::int64_t row = 0;  ///< from 1; 0 = not about a row
};

/// A number read: either a value or a SAS missing code.
struct XptNumber {
  double value = 0;
  char missing = 0;  ///< 0 = not missing; else '.', '_' or 'A' to 'Z'
};

/// IEEE double → IBM/360 double, big-endian. Every finite double between about 5.4e-79 and 7.2e75 converts
/// without loss; NaN, infinities and magnitudes beyond give nullopt. -0.0 becomes 0.
std::optional<std::array<unsigned char, 8>> to_ibm(double value);

/// IBM/360 number as a 64-bit integer (first byte highest) → IEEE double, or a missing code.
inline XptNumber from_ibm_bits(std::uint64_t bits) {
  const auto first = static_cast<unsigned char>(bits >> 56U);
  const std::uint64_t fraction = bits & 0x00FFFFFFFFFFFFFFU;
  if (fraction == 0) {
    // A normalised number other than zero has a fraction, so the codes cannot be mistaken for numbers.
    const bool is_code = first == '.' || first == '_' || (first >= 'A' && first <= 'Z');
    return {0, is_code ? static_cast<char>(first) : '\0'};
  }
  // fraction × 16^(exponent - 64) / 2^56. A power of two between 2^-312 and 2^196, so the product is exact
  // but for the last 3 bits of the fraction; ldexp would do the same, slowly.
  const int exponent2 = 4 * ((first & 0x7F) - 64) - 56;
  const double magnitude = static_cast<double>(fraction) *
                           std::bit_cast<double>(static_cast<std::uint64_t>(exponent2 + 1023) << 52U);
  return {(first & 0x80) != 0 ? -magnitude : magnitude, 0};
}

/// IBM/360 number of 2 to 8 bytes → IEEE double (56 fraction bits are rounded to 53), or a missing code.
XptNumber from_ibm(std::string_view bytes);

}  // namespace trialmill::formats
