// The common ground of all tabular formats: see dataset.hpp.
#include "formats/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace trialmill::formats {
namespace {

// Names of SAS formats without width. Formats with the same prefix as a shorter one need no entry of their
// own only if the width is all that follows (YYMMDD10 = YYMMDD + 10).
// SAS 9.4 Formats and Informats: Reference, "Formats by Category", Date and Time.
constexpr std::array<std::string_view, 46> date_formats{
    "B8601DA", "DATE",     "DAY",      "DDMMYY",  "DDMMYYB",  "DDMMYYC", "DDMMYYD",  "DDMMYYN",
    "DDMMYYP", "DDMMYYS",  "DOWNAME",  "E8601DA", "IS8601DA", "JULDAY",  "JULIAN",   "MMDDYY",
    "MMDDYYB", "MMDDYYC",  "MMDDYYD",  "MMDDYYN", "MMDDYYP",  "MMDDYYS", "MMYY",     "MMYYD",
    "MONNAME", "MONTH",    "MONYY",    "NENGO",   "QTR",      "QTRR",    "WEEKDATE", "WEEKDATX",
    "WEEKDAY", "WORDDATE", "WORDDATX", "YEAR",    "YYMM",     "YYMMDD",  "YYMMDDB",  "YYMMDDD",
    "YYMMDDN", "YYMMDDP",  "YYMMDDS",  "YYMON",   "YYQ",      "YYQR"};
constexpr std::array<std::string_view, 6> time_formats{"TIME",     "HHMM",    "TOD",
                                                       "TIMEAMPM", "E8601TM", "B8601TM"};
constexpr std::array<std::string_view, 12> datetime_formats{"DATETIME", "DATEAMPM", "E8601DT", "B8601DT",
                                                            "IS8601DT", "E8601DN",  "B8601DN", "DTDATE",
                                                            "DTMONYY",  "DTYEAR",   "E8601DZ", "MDYAMPM"};

constexpr double day_seconds = 86400;

std::string iso_date(std::int64_t sas_days) {
  const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{sas_days - sas_epoch_days}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::string iso_time(double seconds) {
  const double whole = std::floor(seconds);
  const auto s = static_cast<std::int64_t>(whole);
  std::string text = fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  if (seconds != whole) {
    // Microseconds are what SAS shows at most; what is finer is rounding noise of the double.
    auto micros = static_cast<std::int64_t>(std::round((seconds - whole) * 1e6));
    if (micros >= 1'000'000) return iso_time(whole + 1);
    std::string fraction = fmt::format("{:06}", micros);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (!fraction.empty()) text += "." + fraction;
  }
  return text;
}

bool in_calendar(double days) {
  // 0001-01-01 to 9999-12-31 in days from 1960-01-01.
  return days >= -715509 && days <= 2936549;
}

std::optional<int> digits(std::string_view text, std::size_t from, std::size_t count) {
  if (text.size() < from + count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(from, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<double> days_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
  if (!y || !m || !d) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year{*y}, std::chrono::month(static_cast<unsigned>(*m)),
                                        std::chrono::day(static_cast<unsigned>(*d))};
  if (!day.ok()) return std::nullopt;
  return static_cast<double>(std::chrono::sys_days{day}.time_since_epoch().count() + sas_epoch_days);
}

std::optional<double> seconds_of(std::string_view text) {
  if (text.size() != 5 && (text.size() < 8 || text[5] != ':')) return std::nullopt;
  if (text[2] != ':') return std::nullopt;
  const auto h = digits(text, 0, 2), m = digits(text, 3, 2);
  const auto s = text.size() == 5 ? std::optional<int>(0) : digits(text, 6, 2);
  if (!h || !m || !s || *h > 24 || *m > 59 || *s > 59) return std::nullopt;
  double seconds = *h * 3600.0 + *m * 60.0 + *s;
  if (text.size() > 8) {
    if (text[8] != '.' || text.size() == 9) return std::nullopt;
    double fraction = 0;
    const auto [end, error] = std::from_chars(text.data() + 8, text.data() + text.size(), fraction);
    if (error != std::errc{} || end != text.data() + text.size() || fraction >= 1) return std::nullopt;
    seconds += fraction;
  }
  return seconds;
}

}  // namespace

void DatasetFile::read_all(const std::function<bool(std::size_t, const Batch&)>& consume) {
  bool go_on = true;
  for (std::size_t d = 0; d < datasets().size() && go_on; ++d)
    read(d, [&](const Batch& batch) { return go_on = consume(d, batch); });
}

void NoteCollector::add(FormatNote note) {
  refused_ |= note.refused;
  const std::string place =
      fmt::format("{}\n{}\n{}\n{}", static_cast<int>(note.kind), note.refused, note.dataset, note.variable);
  const auto [found, fresh] = places_.emplace(place, notes_.size());
  if (!fresh) {
    notes_[found->second].count += note.count;
    return;
  }
  if (note.value.size() > 200) note.value.resize(200);
  notes_.push_back(std::move(note));
}

ValueType type_of_sas_format(std::string_view format) {
  std::string name;
  for (const char c : format) name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (const auto dot = name.find('.'); dot != std::string::npos) name.erase(dot);
  while (!name.empty() && name.back() >= '0' && name.back() <= '9') name.pop_back();
  const auto among = [&](const auto& names) { return std::ranges::find(names, name) != names.end(); };
  if (among(datetime_formats)) return ValueType::datetime;
  if (among(date_formats)) return ValueType::date;
  if (among(time_formats)) return ValueType::time;
  return ValueType::floating;
}

std::optional<std::string> iso_of_sas(double value, ValueType type) {
  if (!std::isfinite(value)) return std::nullopt;
  if (type == ValueType::date) {
    if (value != std::floor(value) || !in_calendar(value)) return std::nullopt;
    return iso_date(static_cast<std::int64_t>(value));
  }
  if (type == ValueType::time) {
    if (value < 0 || value > day_seconds) return std::nullopt;
    return iso_time(value);
  }
  if (type != ValueType::datetime) return std::nullopt;
  const double days = std::floor(value / day_seconds);
  if (!in_calendar(days)) return std::nullopt;
  double rest = value - days * day_seconds;
  // A value so near to midnight that its time shows as 24:00:00 belongs to the next day.
  if (rest > day_seconds - 5e-7) return iso_of_sas((days + 1) * day_seconds, type);
  return iso_date(static_cast<std::int64_t>(days)) + "T" + iso_time(rest);
}

std::optional<double> sas_of_iso(std::string_view text, ValueType type) {
  if (type == ValueType::date) return days_of(text);
  if (type == ValueType::time) return seconds_of(text);
  if (type != ValueType::datetime || text.size() < 16 || text[10] != 'T') return std::nullopt;
  const auto days = days_of(text.substr(0, 10));
  const auto seconds = seconds_of(text.substr(11));
  if (!days || !seconds) return std::nullopt;
  return *days * day_seconds + *seconds;
}

std::string number_text(double value, bool raw) {
  if (raw) return fmt::format("{:.17g}", value);
  if (value == 0) return "0";
  return fmt::format("{}", value);
}

std::string value_text(const Batch& batch, std::size_t row, std::size_t column, const Variable& variable) {
  const Batch::Column& values = batch.columns[column];
  if (variable.storage == Storage::text) return std::string(values.texts[row]);
  if (!values.missing.empty() && values.missing[row] != 0)
    return values.missing[row] == '.' ? "." : std::string(".") + values.missing[row];
  if (variable.type == ValueType::boolean) return values.numbers[row] != 0 ? "true" : "false";
  if (auto iso = iso_of_sas(values.numbers[row], variable.type)) return *iso;
  return number_text(values.numbers[row]);
}

std::string_view name_of(ValueType type) {
  constexpr std::array<std::string_view, 9> names{"string", "integer", "decimal",  "float", "boolean",
                                                  "date",   "time",    "datetime", "URI"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace trialmill::formats
