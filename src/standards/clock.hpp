// Times of day with their zone, as raw data write them and as ISO 8601 does.
//
//   parse_clock("9:30 PM")->text()         → "21:30"
//   parse_clock("14:05:00+0200")->text()   → "14:05:00+02:00"
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trialmill::standards {

/// Takes between `least` and `most` digits from the front; nullopt, and nothing taken, if there are fewer.
std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most);

struct Clock {
  int hour = 0, minute = 0;
  std::optional<int> second;
  std::string fraction;       ///< digits of a part of a second
  std::optional<int> offset;  ///< minutes east of UTC
  bool utc = false;           ///< written as Z, UTC or GMT
  std::string text() const;
};

/// "9:30", "0930", "9:30:15.250", "9:30 PM", "09:30Z", "09:30+02:00"; nullopt if that is no time of day.
std::optional<Clock> parse_clock(std::string_view text);

/// A zone to which times are brought: UTC, a fixed offset such as +02:00, or a name of the IANA database
/// (Europe/Berlin) with its changes to and from daylight saving time.
class TimeZone {
 public:
  /// Error TM1401 for a zone that nobody knows.
  explicit TimeZone(const std::string& name);
  /// Minutes east of UTC at that moment (seconds since 1970).
  int offset_at(long long seconds) const;

 private:
  struct Named;
  std::optional<int> fixed_;
  std::shared_ptr<const Named> named_;
};

}  // namespace trialmill::standards
