#include "standards/date_count.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "standards/clock.hpp"

namespace trialmill::standards {

namespace {

/// What a number may count, and since when.
struct Count {
  std::string_view name;
  double seconds;  ///< of one
  std::chrono::sys_days begin;
  bool time, utc;
};

using namespace std::chrono_literals;

/// Unix time; SAS dates and times; serial dates of spreadsheets (which take 1900 for a leap year: right from
/// March 1900 on).
const std::array counts{
    Count{"epoch", 1, 1970y / 1 / 1, true, true},
    Count{"epoch-ms", 0.001, 1970y / 1 / 1, true, true},
    Count{"sas-date", 86400, 1960y / 1 / 1, false, false},
    Count{"sas-datetime", 1, 1960y / 1 / 1, true, false},
    Count{"excel", 86400, 1899y / 12 / 30, true, false},
};

const Count* find_count(std::string_view name) {
  const auto found =
      std::find_if(counts.begin(), counts.end(), [name](const Count& one) { return one.name == name; });
  return found == counts.end() ? nullptr : &*found;
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

bool is_date_count(std::string_view name) {
  return find_count(name) != nullptr;
}

bool is_number(std::string_view text) {
  return number_of(text).has_value();
}

std::optional<DateParts> counted_date(std::string_view name, std::string_view text) {
  const auto number = number_of(text);
  const Count* found = find_count(name);
  if (!number || found == nullptr) return std::nullopt;
  const Count& count = *found;
  const double seconds = count.seconds == 1 || count.utc ? std::floor(*number * count.seconds)
                                                         : std::round(*number * count.seconds);
  constexpr double most = 4e11;  // beyond the year 9999
  if (std::abs(seconds) > most || (!count.time && *number != std::floor(*number))) return std::nullopt;
  using namespace std::chrono;
  const sys_seconds moment = count.begin + std::chrono::seconds(static_cast<long long>(seconds));
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  DateParts parts;
  parts.year = static_cast<int>(date.year());
  parts.month = static_cast<int>(static_cast<unsigned>(date.month()));
  parts.day = static_cast<int>(static_cast<unsigned>(date.day()));
  if (*parts.year < 1 || *parts.year > 9999) return std::nullopt;
  const bool whole_day = count.seconds > 1 && *number == std::floor(*number);
  if (!count.time || whole_day) return parts;
  const auto rest = (moment - day).count();
  Clock clock;
  clock.hour = static_cast<int>(rest / 3600);
  clock.minute = static_cast<int>(rest / 60 % 60);
  clock.second = static_cast<int>(rest % 60);
  if (count.utc) clock.utc = true, clock.offset = 0;
  parts.time = clock.text();
  return parts;
}

}  // namespace trialmill::standards
