#include "standards/clock.hpp"

#include <fmt/format.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::standards {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool take_end(std::string_view& text, std::string_view word) {
  if (text.size() < word.size() || base::to_upper(text.substr(text.size() - word.size())) != word)
    return false;
  text = base::trim(text.substr(0, text.size() - word.size()));
  return true;
}

/// "+02:00", "+0200", "+02" as minutes.
std::optional<int> offset_of(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2, 2);
  if (!text.empty() && text[0] == ':') text.remove_prefix(1);
  const auto minutes = text.empty() ? std::optional(0) : take_digits(text, 2, 2);
  if (!hours || !minutes || !text.empty() || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

/// Takes the zone from the end. False if what stands there is none.
bool take_zone(std::string_view& text, Clock& out) {
  for (const std::string_view word : {"UTC", "GMT", "Z"}) {
    if (!take_end(text, word)) continue;
    out.offset = 0;
    out.utc = true;
    return true;
  }
  const auto sign = text.find_last_of("+-");
  if (sign == std::string_view::npos) return true;
  out.offset = offset_of(text.substr(sign));
  text = base::trim(text.substr(0, sign));
  return out.offset.has_value();
}

}  // namespace

std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t n = 0;
  int value = 0;
  while (n < most && n < text.size() && is_digit(text[n])) value = value * 10 + (text[n++] - '0');
  if (n < least) return std::nullopt;
  text.remove_prefix(n);
  return value;
}

std::string Clock::text() const {
  std::string out = fmt::format("{:02}:{:02}", hour, minute);
  if (second) out += fmt::format(":{:02}", *second);
  if (!fraction.empty()) out += "." + fraction;
  if (utc) return out + "Z";
  if (offset) {
    const int minutes = std::abs(*offset);
    out += fmt::format("{}{:02}:{:02}", *offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  }
  return out;
}

std::optional<Clock> parse_clock(std::string_view text) {
  Clock out;
  text = base::trim(text);
  if (!take_zone(text, out)) return std::nullopt;
  const bool morning = take_end(text, "AM"), afternoon = !morning && take_end(text, "PM");
  const bool compact = text.size() == 4 && std::all_of(text.begin(), text.end(), is_digit);
  const auto hour = take_digits(text, compact ? 2 : 1, 2);
  if (!hour) return std::nullopt;
  if (!compact) {
    if (text.empty() || text[0] != ':') return std::nullopt;
    text.remove_prefix(1);
  }
  const auto minute = take_digits(text, 2, 2);
  if (minute && !text.empty() && text[0] == ':') {
    text.remove_prefix(1);
    if (!(out.second = take_digits(text, 2, 2))) return std::nullopt;
    if (!text.empty() && (text[0] == '.' || text[0] == ',')) {
      text.remove_prefix(1);
      while (!text.empty() && is_digit(text[0])) out.fraction += text[0], text.remove_prefix(1);
      if (out.fraction.empty() || out.fraction.size() > 9) return std::nullopt;
    }
  }
  if (!minute || !text.empty() || *minute > 59 || out.second.value_or(0) > 59) return std::nullopt;
  out.hour = *hour;
  out.minute = *minute;
  if (morning || afternoon) {
    if (*hour < 1 || *hour > 12) return std::nullopt;
    out.hour = *hour % 12 + (afternoon ? 12 : 0);
  }
  if (out.hour > 23) return std::nullopt;
  return out;
}

struct TimeZone::Named {
  std::unique_ptr<icu::TimeZone> zone;
};

TimeZone::TimeZone(const std::string& name) {
  if (base::to_upper(name) == "UTC" || name == "Z") {
    fixed_ = 0;
  } else if (const auto offset = offset_of(name)) {
    fixed_ = offset;
  } else {
    auto zone =
        std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
    if (!zone || *zone == icu::TimeZone::getUnknown()) {
      throw base::usage_error("TM1401", "no time zone '" + name + "'", {},
                              "for example UTC, +02:00 or Europe/Berlin");
    }
    named_ = std::make_shared<const Named>(Named{std::move(zone)});
  }
}

int TimeZone::offset_at(long long seconds) const {
  if (fixed_) return *fixed_;
  std::int32_t raw = 0, daylight = 0;
  UErrorCode status = U_ZERO_ERROR;
  named_->zone->getOffset(static_cast<UDate>(seconds) * 1000, 0, raw, daylight, status);
  return (raw + daylight) / 60000;
}

}  // namespace trialmill::standards
