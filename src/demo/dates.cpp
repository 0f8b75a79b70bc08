#include "demo/dates.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace trialmill::demo {

namespace {

constexpr std::array<const char*, 12> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                             "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

struct Parts {
  int year;
  unsigned month, day;
};

Parts parts_of(Day day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day())};
}

}  // namespace

Day day_of(int year, int month, int day) {
  const std::chrono::sys_days days = std::chrono::year{year} / month / day;
  return static_cast<Day>(days.time_since_epoch().count());
}

int year_of(Day day) {
  return parts_of(day).year;
}

std::string date_text(Day day, DateStyle style) {
  const auto [year, month, of_month] = parts_of(day);
  switch (style) {
    case DateStyle::edc:
      return fmt::format("{:02}-{}-{:04}", of_month, months[month - 1], year);
    case DateStyle::us:
      return fmt::format("{}/{}/{:04}", month, of_month, year);
    case DateStyle::uk:
      return fmt::format("{:02}/{:02}/{:04}", of_month, month, year);
    case DateStyle::iso:
      break;
  }
  return fmt::format("{:04}-{:02}-{:02}", year, month, of_month);
}

std::string partial_date(Day day, bool month_known) {
  const auto [year, month, of_month] = parts_of(day);
  return fmt::format("UN-{}-{:04}", month_known ? months[month - 1] : "UNK", year);
}

std::string clock_text(int hour, int minute) {
  return fmt::format("{:02}:{:02}", hour, minute);
}

std::string fitbit_date(Day day) {
  const auto [year, month, of_month] = parts_of(day);
  return fmt::format("{:02}/{:02}/{:02}", month, of_month, year % 100);
}

}  // namespace trialmill::demo
