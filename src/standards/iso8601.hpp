// Dates as SDTM wants them: ISO 8601, cut off or with dashes where parts are unknown, always a date that
// exists.
//
//   RawDateReader reader({.formats = {"D-MON-Y"}, .unknown = {"UN", "UNK"}});
//   reader.read("UN-FEB-2024", "").iso  → "2024-02"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "standards/clock.hpp"

namespace trialmill::standards {

struct RawDateSpec {
  std::vector<std::string>
      formats;  ///< tokens D DD M MM MON Y y2 and literals, tried in order; ISO 8601 always. Or what a
                ///< number counts: epoch, epoch-ms, sas-date, sas-datetime, excel; then numbers are no years
  std::vector<std::string> unknown;  ///< words for an unknown day, month or year; case ignored
  std::optional<int> pivot;          ///< y2: values above it are 19xx
  /// "" = times keep the zone they are written with; "local" = it is cut off; else they are brought to it.
  std::string zone = {};
};

struct DateParts {
  std::optional<int> year, month, day;
  std::string time;  ///< "09:30", only with a complete date
  /// "2024-02-05T09:30", "2024-02", "2019---20"; "" when nothing is known.
  std::string iso() const;
  bool operator==(const DateParts&) const = default;
};

struct DateResult {
  std::optional<std::string> iso;
  std::string problem;  ///< why there is no date (or no time); "" when all is well
};

/// Reads raw dates of one column. Immutable, so one reader may serve several threads.
class RawDateReader {
 public:
  /// Error TM1400 for a format that cannot be used, TM1401 for an unknown zone.
  explicit RawDateReader(RawDateSpec spec);
  /// Surrounding blanks are ignored; an empty date gives neither date nor problem. A time may follow the
  /// date. Listed formats that read the same text as different dates make it ambiguous: no date.
  DateResult read(std::string_view date, std::string_view time) const;

 private:
  struct Token {
    char kind;  ///< D d M m N Y y, or L for a literal
    char literal = 0;
  };
  std::optional<DateParts> match(const std::vector<Token>& format, std::string_view text) const;
  bool is_unknown(std::string_view word) const;
  std::size_t unknown_part(std::string_view text, std::string_view word) const;
  static const std::vector<Token> iso_order;
  void bring_to_zone(DateParts& parts) const;
  RawDateSpec spec_;
  std::optional<TimeZone> zone_;
  std::vector<std::vector<Token>> formats_;
  std::string count_;  ///< the format in which numbers are dates; "" = none
};

bool is_calendar_date(int year, int month, int day);
/// A (partial) ISO 8601 date with optional time, or nullopt.
std::optional<DateParts> parse_iso8601(std::string_view text);
/// "9:30", "0930", "9:30:15", "9:30 PM", "9:30+0200" → "09:30", "09:30:15", "21:30", "09:30+02:00"; nullopt
/// if no time of day (clock.hpp).
std::optional<std::string> parse_time(std::string_view text);
/// <0, 0, >0: compared as far as both are known, e.g. 2024-02 and 2024-02-05 are equal.
int compare_common(std::string_view left, std::string_view right);

}  // namespace trialmill::standards
