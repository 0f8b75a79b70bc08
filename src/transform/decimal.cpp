#include "transform/decimal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace trialmill::transform {
namespace {

__extension__ typedef __int128 Wide;

/// mantissa × 10^-scale.
struct Decimal {
  Wide mantissa = 0;
  int scale = 0;
};

constexpr int scale_max = 30;  ///< decimals, and exponents, that are taken: far more than any measurement has

bool times_ten(Wide& mantissa, int times) {
  for (; times > 0; --times) {
    if (__builtin_mul_overflow(mantissa, Wide{10}, &mantissa)) return false;
  }
  return true;
}

std::optional<int> exponent_of(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (exponent < -scale_max || exponent > scale_max) return std::nullopt;
  return exponent;
}

/// "-12.50", "+.5", "1e3"; nullopt if it is anything else or has too many digits.
std::optional<Decimal> parse(std::string_view text) {
  Decimal out;
  bool negative = false, any = false, point = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::size_t at = 0;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.' && !point) {
      point = true;
    } else if (text[at] >= '0' && text[at] <= '9') {
      if (!times_ten(out.mantissa, 1) ||
          __builtin_add_overflow(out.mantissa, Wide{text[at] - '0'}, &out.mantissa))
        return std::nullopt;
      out.scale += point;
      any = true;
    } else {
      return std::nullopt;
    }
  }
  if (!any || out.scale > scale_max) return std::nullopt;
  if (at < text.size()) {
    const auto exponent = exponent_of(text.substr(at + 1));
    if (!exponent) return std::nullopt;
    out.scale -= *exponent;
    if (out.scale < 0 && !times_ten(out.mantissa, -out.scale)) return std::nullopt;
    out.scale = std::max(out.scale, 0);
  }
  if (negative) out.mantissa = -out.mantissa;
  return out;
}

std::optional<Decimal> add(Decimal a, Decimal b) {
  const int scale = std::max(a.scale, b.scale);
  if (!times_ten(a.mantissa, scale - a.scale) || !times_ten(b.mantissa, scale - b.scale)) return std::nullopt;
  Decimal sum{0, scale};
  if (__builtin_add_overflow(a.mantissa, b.mantissa, &sum.mantissa)) return std::nullopt;
  return sum;
}

/// over ÷ under, rounded half away from zero.
Wide rounded_quotient(Wide over, Wide under) {
  const bool negative = (over < 0) != (under < 0);
  if (over < 0) over = -over;
  if (under < 0) under = -under;
  Wide quotient = over / under;
  const Wide rest = over % under;
  if (rest >= under - rest) ++quotient;
  return negative ? -quotient : quotient;
}

std::string text_of(const Decimal& value) {
  std::string digits;
  const bool negative = value.mantissa < 0;
  for (Wide rest = negative ? -value.mantissa : value.mantissa; rest > 0 || digits.empty(); rest /= 10)
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  while (static_cast<int>(digits.size()) <= value.scale) digits += '0';
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  if (value.scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(value.scale), 1, '.');
  return digits;
}

std::optional<std::string> divided(const Decimal& over, const Decimal& under, int digits) {
  if (under.mantissa == 0) return std::nullopt;
  // over / under has the scale over.scale - under.scale; bring it to `digits`.
  Wide above = over.mantissa, below = under.mantissa;
  if (digits < 0) {
    if (over.mantissa % under.mantissa == 0 && over.scale >= under.scale)
      return text_of({over.mantissa / under.mantissa, over.scale - under.scale});
    if (under.mantissa == 1 && under.scale == 0) return text_of(over);
    const auto left = static_cast<long double>(above), right = static_cast<long double>(below);
    long double result = left / right;
    for (int scale = over.scale - under.scale; scale != 0; scale > 0 ? --scale : ++scale)
      result = scale > 0 ? result / 10 : result * 10;
    return fmt::format("{}", static_cast<double>(result));
  }
  const int shift = digits - (over.scale - under.scale);
  if (!times_ten(shift > 0 ? above : below, shift > 0 ? shift : -shift)) return std::nullopt;
  return text_of({rounded_quotient(above, below), digits});
}

}  // namespace

std::optional<std::string> convert_exactly(std::string_view value, std::string_view offset,
                                           std::string_view factor, int digits) {
  auto number = parse(value);
  if (number && !offset.empty()) {
    const auto shift = parse(offset);
    if (!shift) return std::nullopt;
    number = add(*number, *shift);
  }
  const auto slash = factor.find('/');
  const auto over = parse(factor.substr(0, slash));
  const auto under = slash == std::string_view::npos ? Decimal{1, 0} : parse(factor.substr(slash + 1));
  if (!number || !over || !under) return std::nullopt;
  Decimal product{0, number->scale + over->scale};
  if (__builtin_mul_overflow(number->mantissa, over->mantissa, &product.mantissa)) return std::nullopt;
  return divided(product, *under, digits);
}

std::string plain_number(std::string_view number) {
  return convert_exactly(number, "", "1", -1).value_or(std::string(number));
}

void register_convert_function(table::Session& session) {
  session.register_function("trialmill_plain_number", 1, [](auto arguments) -> std::optional<std::string> {
    return arguments[0] ? std::optional(plain_number(*arguments[0])) : std::nullopt;
  });
  session.register_function("trialmill_convert", 3, [](auto arguments) -> std::optional<std::string> {
    if (!arguments[0] || !arguments[1]) return std::nullopt;
    const auto tab = arguments[1]->find('\t');
    int digits = -1;
    if (arguments[2])
      std::from_chars(arguments[2]->data(), arguments[2]->data() + arguments[2]->size(), digits);
    return convert_exactly(*arguments[0], arguments[1]->substr(0, tab), arguments[1]->substr(tab + 1),
                           digits);
  });
}

}  // namespace trialmill::transform
