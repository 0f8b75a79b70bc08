#include "standards/iso8601.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

#include "base/error.hpp"
#include "base/text.hpp"
#include "standards/clock.hpp"
#include "standards/date_count.hpp"

namespace trialmill::standards {

namespace {

constexpr std::array<std::string_view, 12> month_names{"JANUARY",   "FEBRUARY", "MARCH",    "APRIL",
                                                       "MAY",       "JUNE",     "JULY",     "AUGUST",
                                                       "SEPTEMBER", "OCTOBER",  "NOVEMBER", "DECEMBER"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_word(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && std::isalpha(static_cast<unsigned char>(text[n]))) ++n;
  return text.substr(0, n);
}

std::string padded(int value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

bool exists(const DateParts& parts) {
  // An unknown year may be a leap year, an unknown month one of 31 days.
  return is_calendar_date(parts.year.value_or(2000), parts.month.value_or(1), parts.day.value_or(1));
}

}  // namespace

bool is_calendar_date(int year, int month, int day) {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

std::string DateParts::iso() const {
  if (!year && !month && !day) return "";
  std::string text = year ? padded(*year, 4) : "-";
  if (month || day) text += "-" + (month ? padded(*month, 2) : std::string("-"));
  if (day) text += "-" + padded(*day, 2);
  if (!time.empty()) text += "T" + time;
  return text;
}

std::optional<std::string> parse_time(std::string_view text) {
  const auto clock = parse_clock(text);
  return clock ? std::optional(clock->text()) : std::nullopt;
}

std::optional<DateParts> parse_iso8601(std::string_view text) {
  DateParts parts;
  std::string_view time;
  if (const auto at = text.find_first_of("T "); at != std::string_view::npos) {
    time = text.substr(at + 1);
    text = text.substr(0, at);
  }
  // Each part is digits or, when a later one is known, a single dash.
  const auto part = [&text](std::size_t width, std::optional<int>& into) {
    if ((into = take_digits(text, width, width))) return true;
    if (text.empty() || text[0] != '-') return false;
    text.remove_prefix(1);
    return true;
  };
  if (!part(4, parts.year)) return std::nullopt;
  for (auto* piece : {&parts.month, &parts.day}) {
    if (text.empty()) break;
    if (text[0] != '-') return std::nullopt;
    text.remove_prefix(1);
    if (!part(2, *piece)) return std::nullopt;
  }
  if (!text.empty() || (!parts.year && !parts.month && !parts.day) || !exists(parts)) return std::nullopt;
  if (!time.empty()) {
    // An hour alone is a time, too (SDTMIG 3.4, section 4.4.2).
    const bool hour = time.size() == 2 && is_digit(time[0]) && is_digit(time[1]) && time <= "23";
    const auto clock = hour ? std::optional<std::string>(time) : parse_time(time);
    if (!clock || !parts.year || !parts.month || !parts.day) return std::nullopt;
    parts.time = *clock;
  }
  return parts;
}

int compare_common(std::string_view left, std::string_view right) {
  const std::size_t common = std::min(left.size(), right.size());
  return left.substr(0, common).compare(right.substr(0, common));
}

RawDateReader::RawDateReader(RawDateSpec spec) : spec_(std::move(spec)) {
  if (!spec_.zone.empty() && spec_.zone != "local") zone_.emplace(spec_.zone);
  for (const auto& format : spec_.formats) {
    if (is_date_count(format)) {
      if (!count_.empty())
        throw base::usage_error("TM1400", "a number cannot be both " + count_ + " and " + format, {},
                                "name one of epoch, epoch-ms, sas-date, sas-datetime, excel");
      count_ = format;
      continue;
    }
    std::vector<Token> tokens;
    std::string seen;
    for (std::size_t i = 0; i < format.size();) {
      const auto rest = std::string_view(format).substr(i);
      const auto starts = [&rest](std::string_view word) { return rest.substr(0, word.size()) == word; };
      Token token{'L', rest[0]};
      std::size_t size = 1;
      if (starts("MON"))
        token = {'N'}, size = 3;
      else if (starts("MM"))
        token = {'m'}, size = 2;
      else if (starts("M"))
        token = {'M'};
      else if (starts("DD"))
        token = {'d'}, size = 2;
      else if (starts("D"))
        token = {'D'};
      else if (starts("y2"))
        token = {'y'}, size = 2;
      else if (starts("YYYY"))
        token = {'Y'}, size = 4;
      else if (starts("Y"))
        token = {'Y'};
      else if (std::isalnum(static_cast<unsigned char>(rest[0])))
        seen += "??";
      if (token.kind != 'L') {
        const char group = token.kind == 'N' ? 'M' : static_cast<char>(std::toupper(token.kind));
        seen += seen.find(group) == std::string::npos ? std::string(1, group) : "??";
      }
      tokens.push_back(token);
      i += size;
    }
    const bool two_digits = format.find("y2") != std::string::npos;
    if (tokens.empty() || seen.find('?') != std::string::npos || (two_digits && !spec_.pivot)) {
      throw base::usage_error(
          "TM1400", "date format '" + format + "' cannot be used", {},
          two_digits ? "y2 needs `pivot`, e.g. pivot: 30"
                     : "for example D-MON-Y, M/D/Y, DDMONY, or for numbers epoch, epoch-ms, sas-date, "
                       "sas-datetime, excel");
    }
    formats_.push_back(std::move(tokens));
  }
}

namespace {

/// 25:00, 9:60 PM: none, but meant as a time.
bool looks_like_time(std::string_view text) {
  text = base::trim(text);
  return !text.empty() && is_digit(text[0]) && text.find(':') != std::string_view::npos;
}

}  // namespace

bool RawDateReader::is_unknown(std::string_view word) const {
  return std::any_of(spec_.unknown.begin(), spec_.unknown.end(), [word](const std::string& known) {
    return base::to_upper(known) == base::to_upper(word);
  });
}

/// Bytes of an unknown part that the text begins with: letters (UNFEB2024), or letters and digits up to a
/// separator (00-FEB-2024).
std::size_t RawDateReader::unknown_part(std::string_view text, std::string_view word) const {
  if (!word.empty() && is_unknown(word)) return word.size();
  std::size_t n = 0;
  while (n < text.size() && std::isalnum(static_cast<unsigned char>(text[n]))) ++n;
  return n > 0 && is_unknown(text.substr(0, n)) ? n : 0;
}

std::optional<DateParts> RawDateReader::match(const std::vector<Token>& format, std::string_view text) const {
  DateParts parts;
  for (const Token& token : format) {
    if (token.kind == 'L') {
      if (text.empty() || text[0] != token.literal) return std::nullopt;
      text.remove_prefix(1);
      continue;
    }
    const std::string_view word = take_word(text);
    if (const std::size_t unknown = unknown_part(text, word); unknown > 0) {
      text.remove_prefix(unknown);
      continue;
    }
    if (token.kind == 'N') {
      const std::string upper = base::to_upper(word);
      const auto found =
          std::find_if(month_names.begin(), month_names.end(), [&upper](std::string_view name) {
            return upper == name || (upper.size() == 3 && upper == name.substr(0, 3));
          });
      if (found == month_names.end()) return std::nullopt;
      parts.month = static_cast<int>(found - month_names.begin()) + 1;
      text.remove_prefix(word.size());
      continue;
    }
    const bool fixed = token.kind == 'd' || token.kind == 'm' || token.kind == 'y';
    const auto value = token.kind == 'Y' ? take_digits(text, 4, 4) : take_digits(text, fixed ? 2 : 1, 2);
    if (!value) return std::nullopt;
    if (token.kind == 'Y')
      parts.year = value;
    else if (token.kind == 'y')
      parts.year = *value + (*value > *spec_.pivot ? 1900 : 2000);
    else if (token.kind == 'D' || token.kind == 'd')
      parts.day = value;
    else
      parts.month = value;
  }
  if (!exists(parts)) return std::nullopt;
  if (text.empty()) return parts;
  // A time may follow the date: 05FEB2024:09:30, 3/19/2023 9:30 PM.
  if (std::string_view(" T:,").find(text[0]) == std::string_view::npos) return std::nullopt;
  if (const auto clock = parse_time(text.substr(1)))
    parts.time = *clock;
  else if (!looks_like_time(text.substr(1)))
    return std::nullopt;
  return parts;
}

/// The time of day in the reader's zone, without the zone; times that name no zone are local already.
void RawDateReader::bring_to_zone(DateParts& parts) const {
  const auto clock = parse_clock(parts.time);
  if (!clock || !clock->offset) return;
  Clock local = *clock;
  local.offset = std::nullopt;
  local.utc = false;
  if (zone_) {
    using namespace std::chrono;
    const sys_days day{year(*parts.year) / month(static_cast<unsigned>(*parts.month)) /
                       static_cast<int>(*parts.day)};
    const sys_seconds moment = day + hours(clock->hour) + minutes(clock->minute - *clock->offset);
    const auto shifted = moment + minutes(zone_->offset_at(moment.time_since_epoch().count()));
    const auto shifted_day = floor<days>(shifted);
    const year_month_day date(shifted_day);
    const auto rest = duration_cast<minutes>(shifted - shifted_day).count();
    parts.year = static_cast<int>(date.year());
    parts.month = static_cast<int>(static_cast<unsigned>(date.month()));
    parts.day = static_cast<int>(static_cast<unsigned>(date.day()));
    local.hour = static_cast<int>(rest / 60);
    local.minute = static_cast<int>(rest % 60);
  }
  parts.time = local.text();
}

const std::vector<RawDateReader::Token> RawDateReader::iso_order{{'Y'}, {'L', '-'}, {'m'}, {'L', '-'}, {'d'}};

DateResult RawDateReader::read(std::string_view date, std::string_view time) const {
  date = base::trim(date);
  time = base::trim(time);
  if (date.empty()) return {};
  std::optional<DateParts> found;
  if (!count_.empty() && is_number(date)) {
    found = counted_date(count_, date);
    if (!found) return {std::nullopt, "a number beyond all dates"};
  }
  if (!found) found = parse_iso8601(date);
  if (const auto at = date.find_first_of("T ");
      !found && at != std::string_view::npos && looks_like_time(date.substr(at + 1)))
    found = parse_iso8601(date.substr(0, at));  // the date stays, the time is none
  if (!found) {
    for (const auto& format : formats_) {
      const auto parts = match(format, date);
      if (!parts) continue;
      if (found && *found != *parts)
        return {std::nullopt, "ambiguous: " + found->iso() + " or " + parts->iso()};
      found = parts;
    }
  }
  // Unknown words stand in ISO 8601 dates as well.
  if (!found && !spec_.unknown.empty()) found = match(iso_order, date);
  if (!found && is_unknown(date)) return {};
  if (!found) return {std::nullopt, "not a date in the declared formats"};
  const bool complete = found->year && found->month && found->day;
  DateResult result;
  if (!time.empty() && !is_unknown(time) && complete && found->time.empty()) {
    if (const auto clock = parse_time(time))
      found->time = *clock;
    else
      result.problem = "not a time of day";
  }
  if (!complete) found->time.clear();
  if (!spec_.zone.empty() && !found->time.empty()) bring_to_zone(*found);
  if (const std::string iso = found->iso(); !iso.empty()) result.iso = iso;
  return result;
}

}  // namespace trialmill::standards
