#include "formats/xpt.hpp"

#include <cmath>

namespace trialmill::formats {

namespace {

constexpr int fraction_bits = 56;
constexpr int excess = 64;  // of the base-16 exponent

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
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < 8; ++at)
    bits = bits << 8 | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U);
  return from_ibm_bits(bits);
}

}  // namespace trialmill::formats
