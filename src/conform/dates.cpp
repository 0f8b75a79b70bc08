#include "conform/dates.hpp"

#include <re2/re2.h>

#include <chrono>
#include <string>

namespace trialmill::conform {

namespace {

bool is_calendar_day(double year, double month, double day) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return date.ok();
}

std::optional<PartialDate> parse_single(std::string_view text) {
  static const RE2 pattern(
      R"((\d{4}|-)(?:-(\d{2}|-)(?:-(\d{2}|-)(?:T(\d{2}|-)(?::(\d{2}|-)(?::(\d{2}|-)(\.\d+)?)?)?)"
      R"((Z|[+-]\d{2}:?\d{2})?)?)?)?)");
  std::array<std::string, 6> part;
  std::string fraction, zone;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &part[0], &part[1], &part[2],
                      &part[3], &part[4], &part[5], &fraction, &zone)) {
    return std::nullopt;
  }
  static constexpr int most[] = {9999, 12, 31, 23, 59, 59};
  PartialDate date;
  for (std::size_t i = 0; i < 6; ++i) {
    if (part[i].empty() || part[i] == "-") continue;
    date.parts[i] = std::stoi(part[i]);
    if (date.parts[i] > most[i] || (i < 3 && date.parts[i] < 1)) return std::nullopt;
  }
  if (!fraction.empty()) date.parts[6] = std::stod("0" + fraction);
  if (zone.size() > 1) {
    const double minutes = std::stod(zone.substr(1, 2)) * 60 + std::stod(zone.substr(zone.size() - 2));
    date.offset_minutes = zone[0] == '-' ? -minutes : minutes;
  }
  if (date.parts[1] > 0 && date.parts[2] > 0 &&
      !is_calendar_day(date.parts[0] < 0 ? 2000 : date.parts[0], date.parts[1], date.parts[2])) {
    return std::nullopt;
  }
  return date;
}

}  // namespace

int PartialDate::precision() const {
  int count = 0;
  while (count < 7 && parts[static_cast<std::size_t>(count)] >= 0) ++count;
  return count;
}

std::optional<PartialDate> parse_date(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return parse_single(text);
  return parse_single(text.substr(slash + 1)) ? parse_single(text.substr(0, slash)) : std::nullopt;
}

bool is_complete_date(std::string_view text) {
  static const RE2 pattern(
      R"((\d{4})(?:-(\d{2})-(\d{2})|(\d{2})(\d{2})|-?W\d{2}(?:-?[1-7])?))"
      R"((?:.\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2}(?::?\d{2})?)?)?)");
  std::string year, month, day, month2, day2;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &year, &month, &day, &month2,
                      &day2)) {
    return false;
  }
  if (month.empty()) month = month2;
  if (day.empty()) day = day2;
  return month.empty() || is_calendar_day(std::stod(year), std::stod(month), std::stod(day));
}

int compare(const PartialDate& a, const PartialDate& b, int precision) {
  // With both times known to the minute, stated zones count.
  if (precision >= 5 && a.offset_minutes != b.offset_minutes) {
    const auto minutes = [](const PartialDate& d) {
      return static_cast<double>(days_of(d)) * 1440 + d.parts[3] * 60 + d.parts[4] - d.offset_minutes;
    };
    if (minutes(a) != minutes(b)) return minutes(a) < minutes(b) ? -1 : 1;
    return 0;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(precision); ++i) {
    if (a.parts[i] != b.parts[i]) return a.parts[i] < b.parts[i] ? -1 : 1;
  }
  return 0;
}

long days_of(const PartialDate& date) {
  const std::chrono::sys_days days{
      std::chrono::year_month_day{std::chrono::year(static_cast<int>(date.parts[0])),
                                  std::chrono::month(static_cast<unsigned>(date.parts[1])),
                                  std::chrono::day(static_cast<unsigned>(date.parts[2]))}};
  return days.time_since_epoch().count();
}

bool is_duration(std::string_view text, bool negative_allowed) {
  static const RE2 pattern(
      R"((-)?P(?:(\d+(?:[.,]\d+)?)W|(\d+(?:[.,]\d+)?Y)?(\d+(?:[.,]\d+)?M)?(\d+(?:[.,]\d+)?D)?)"
      R"((T(\d+(?:[.,]\d+)?H)?(\d+(?:[.,]\d+)?M)?(\d+(?:[.,]\d+)?S)?)?))");
  std::string minus, weeks, years, months, days, time, hours, minutes, seconds;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &minus, &weeks, &years, &months,
                      &days, &time, &hours, &minutes, &seconds)) {
    return false;
  }
  if (!minus.empty() && !negative_allowed) return false;
  if (time == "T") return false;
  int given = 0, fractions = 0;
  bool last_is_fraction = false;
  for (const std::string* unit : {&weeks, &years, &months, &days, &hours, &minutes, &seconds}) {
    if (unit->empty()) continue;
    ++given;
    last_is_fraction = unit->find_first_of(".,") != std::string::npos;
    fractions += last_is_fraction ? 1 : 0;
  }
  return given > 0 && (fractions == 0 || (fractions == 1 && last_is_fraction));
}

}  // namespace trialmill::conform
