// ISO 8601 dates as SDTM writes them: possibly partial, possibly with missing parts in between ("2003---15").
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string_view>

namespace trialmill::conform {

/// Year, month, day, hour, minute, second (whole part), fraction; -1 where the part is missing.
struct PartialDate {
  std::array<double, 7> parts{-1, -1, -1, -1, -1, -1, -1};
  double offset_minutes = 0;  ///< of a stated zone, subtracted when comparing
  /// How many parts are there before the first missing one: 1 = year … 6 = to the second.
  int precision() const;
};

/// Reads a date or date-time, or the first part of an interval "a/b"; nullopt if it is not valid.
std::optional<PartialDate> parse_date(std::string_view text);
/// True for a full calendar date, alone or with a time.
bool is_complete_date(std::string_view text);
/// Compares the first `precision` parts.
int compare(const PartialDate& a, const PartialDate& b, int precision);
/// Days since 1970-01-01 of a date that has year, month and day.
long days_of(const PartialDate& date);
/// An ISO 8601 duration such as P1Y2M, PT4H, P2W; a fraction only in the last unit.
bool is_duration(std::string_view text, bool negative_allowed);

}  // namespace trialmill::conform
