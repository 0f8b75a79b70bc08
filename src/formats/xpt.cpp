#include "formats/xpt.hpp"

#include <bit>
#include <cmath>
#include <cstring>

namespace trialmill::formats {

namespace {

constexpr int fraction_bits = 56;
constexpr int excess = 64;  // of the base-16 exponent

}  // namespace

std::optional<std::array<unsigned char, 8>> to_ibm(double value) {
  std::array<unsigned char, 8> out{};
  if (!std::isfinite(value)) return std::nullopt;
  if (value == 0) return out;
  // value = significand / 2^53 · 2^exponent2, with the significand's bit 52 set (IEEE 754; subnormal numbers
  // are far below what the format has).
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const int exponent2 = static_cast<int>(bits >> 52U & 0x7FFU) - 1022;
  const std::uint64_t significand = (bits & 0xFFFFFFFFFFFFFU) | 1ULL << 52U;
  // The base-16 exponent is the base-2 one divided by 4, rounded up: the fraction then lies in [1/16, 1).
  const int exponent16 = exponent2 >= 0 ? (exponent2 + 3) / 4 : -(-exponent2 / 4);
  const int field = exponent16 + excess;
  if (field < 0 || field > 127) return std::nullopt;
  const std::uint64_t fraction = significand << (fraction_bits - 53 - (4 * exponent16 - exponent2));
  const std::uint64_t sign = bits >> 63U << 63U;
  std::uint64_t ibm = sign | static_cast<std::uint64_t>(field) << 56U | fraction;
  if constexpr (std::endian::native == std::endian::little) ibm = __builtin_bswap64(ibm);
  std::memcpy(out.data(), &ibm, out.size());
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
