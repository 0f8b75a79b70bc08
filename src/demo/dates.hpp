// Days and the ways in which the example's systems write them.
#pragma once

#include <string>

namespace trialmill::demo {

/// Days since 1970-01-01.
using Day = int;

enum class DateStyle {
  edc,  ///< 05-APR-2024
  us,   ///< 4/5/2024
  uk,   ///< 05/04/2024
  iso   ///< 2024-04-05
};

Day day_of(int year, int month, int day);
std::string date_text(Day day, DateStyle style);
/// 05-APR-2024 with unknown parts: UN-APR-2024, or UN-UNK-2024 if the month is unknown too.
std::string partial_date(Day day, bool month_known);
int year_of(Day day);
/// 09:05 from hour and minute.
std::string clock_text(int hour, int minute);
/// 04/05/24, as Fitbit's export writes it.
std::string fitbit_date(Day day);

}  // namespace trialmill::demo
