#include "formats/xpt.hpp"

#include <bit>
#include <cmath>

namespace trialmill::formats {

namespace {

constexpr int fraction_bits = 56;
constexpr int excess = 64;  // of the base-16 exponent

bool is_missing_code(unsigned char byte) {
  return byte == '.' || byte == '_' || (byte >= 'A' && byte <= 'Z');
}

}  // namespace

std::optional<std::array<unsigned char, 8>> to_ibm(double value) {
  std::array<unsigned char, 8> out{};
  if (!std::isfinite(value)) return std::nullopt;
  if (value == 0) return out;
  int exponent2 = 0;
  const double mantissa = std::frexp(std::fabs(value), &exponent2);  // 0.5 ≤ mantissa < 1
  // The base-16 exponent is the base-2 one divided by 4, rounded up: the fraction then lies in [1/16, 1).
  const int exponent16 = exponent2 >= 0 ? (exponent2 + 3) / 4 : -(-exponent2 / 4);
  const int field = exponent16 + excess;
  if (field < 0 || field > 127) return std::nullopt;
  auto fraction =
      static_cast<std::uint64_t>(std::ldexp(mantissa, fraction_bits - (4 * exponent16 - exponent2)));
  out[0] = static_cast<unsigned char>(field | (std::signbit(value) ? 0x80 : 0));
  for (std::size_t at = 7; at >= 1; --at) {
    out[at] = static_cast<unsigned char>(fraction & 0xFF);
    fraction >>= 8;
  }
  return out;
}

XptNumber from_ibm(std::string_view bytes) {
  if (bytes.empty()) return {0, '.'};
  const auto first = static_cast<unsigned char>(bytes[0]);
  std::uint64_t fraction = 0;
  for (std::size_t at = 1; at < 8; ++at) {
    fraction = fraction << 8 | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u);
  }
  if (fraction == 0) {
    // A normalised number other than zero has a fraction, so the codes cannot be mistaken for numbers.
    if (is_missing_code(first)) return {0, static_cast<char>(first)};
    return {0, 0};
  }
  // A power of two between 2^-312 and 2^196, so the product is exact; ldexp would do the same, slowly.
  const int exponent2 = 4 * ((first & 0x7F) - excess) - fraction_bits;
  const double magnitude = static_cast<double>(fraction) *
                           std::bit_cast<double>(static_cast<std::uint64_t>(exponent2 + 1023) << 52);
  return {(first & 0x80) != 0 ? -magnitude : magnitude, 0};
}

}  // namespace trialmill::formats
