#include "publish/define_measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"

namespace trialmill::publish {

using base::sql_identifier;

namespace {

constexpr std::string_view integer_pattern = "'-?(0|[1-9][0-9]*)'";
constexpr std::string_view decimal_pattern = "'-?(0|[1-9][0-9]*)(\\.[0-9]+)?'";
/// Other shapes than dates soon come in hundreds: then the text is no ISO 8601 text.
constexpr std::size_t shapes_max = 200;

/// "9999-99-99" of a date part that is complete; "" if it is not a date part at all.
std::string date_part_type(std::string_view part) {
  if (part == "9999-99-99") return "date";
  if (part == "9999" || part == "9999-99") return "partialDate";
  // Missing parts are a hyphen: 9999---99, --99-99, 9999-99-- (SDTMIG, representing intervals of
  // uncertainty).
  const bool known = !part.empty() && part.size() <= 10 &&
                     part.find_first_not_of("9-") == std::string_view::npos &&
                     part.find("--") != std::string_view::npos;
  return known ? "incompleteDate" : "";
}

/// True for 99:99:99, with a fraction or a time zone; `complete` says whether seconds are there.
bool is_time_part(std::string_view part, bool& complete) {
  std::string_view time = part;
  if (const auto zone = time.find_first_of("Z+"); zone != std::string_view::npos) time = time.substr(0, zone);
  const auto minus = time.rfind('-');
  if (minus != std::string_view::npos && minus > 2 && time.substr(minus - 1, 1) == "9") {
    time = time.substr(0, minus);
  }
  if (const auto point = time.find('.'); point != std::string_view::npos) time = time.substr(0, point);
  complete = time == "99:99:99";
  return complete || time == "99" || time == "99:99";
}

}  // namespace

std::string measure_sql(const std::string& text) {
  return fmt::format(
      "count({0}), coalesce(max(strlen({0})), 0), count(*) FILTER (regexp_full_match({0}, {1})), "
      "count(*) FILTER (regexp_full_match({0}, {2})), "
      "coalesce(max(CASE WHEN contains({0}, '.') AND regexp_full_match({0}, {2}) "
      "THEN length({0}) - instr({0}, '.') ELSE 0 END), 0)",
      text, integer_pattern, decimal_pattern);
}

Measure read_measure(const table::Result& result, std::size_t row, std::size_t first) {
  return {result.integer(row, first), result.integer(row, first + 1), result.integer(row, first + 2),
          result.integer(row, first + 3), result.integer(row, first + 4)};
}

std::string number_text(const std::string& number) {
  return fmt::format(
      "CASE WHEN contains({0}::VARCHAR, 'e') THEN rtrim(rtrim(printf('%.20f', {0}::DOUBLE), '0'), '.') "
      "ELSE regexp_replace({0}::VARCHAR, '\\.0+$', '') END",
      number);
}

DataType numeric_type(const Measure& measure) {
  const int length = static_cast<int>(std::max<std::int64_t>(1, measure.bytes));
  if (measure.integers == measure.values) return {"integer", measure.values == 0 ? 8 : length, {}};
  return {"float", length, static_cast<int>(measure.fraction)};
}

bool is_iso_variable(const std::string& name) {
  static const std::array<std::string_view, 6> endings{"DTC", "DUR", "ELTM", "EVLINT", "STINT", "ENINT"};
  return std::any_of(endings.begin(), endings.end(), [&](auto ending) { return name.ends_with(ending); });
}

std::string iso_shape_type(const std::string& shape) {
  if (const std::size_t slash = shape.find('/'); slash != std::string::npos) {
    const bool known = shape.find('/', slash + 1) == std::string::npos &&
                       !iso_shape_type(shape.substr(0, slash)).empty() &&
                       !iso_shape_type(shape.substr(slash + 1)).empty();
    return known ? "intervalDatetime" : "";
  }
  if (shape.starts_with("P9") || shape.starts_with("PT9") || shape.starts_with("-P")) {
    return "durationDatetime";
  }
  const std::size_t t = shape.find('T');
  const std::string date = date_part_type(std::string_view(shape).substr(0, t));
  if (t == std::string::npos || date.empty()) return date;
  bool complete = false;
  if (is_time_part(std::string_view(shape).substr(t + 1), complete) && date == "date")
    return complete ? "datetime" : "partialDatetime";
  return shape.find_first_not_of("9-T:.", t) == std::string::npos ? "incompleteDatetime" : "";
}

std::optional<std::string> iso_type(table::Session& session, const std::string& from,
                                    const std::string& column, const std::string& condition) {
  const auto id = sql_identifier(column);
  const auto found = session.query(fmt::format(
      "SELECT DISTINCT translate({0}, '012345678', '999999999') FROM {1} WHERE {0} IS NOT NULL AND "
      "({2}) LIMIT {3}",
      id, from, condition, shapes_max + 1));
  if (found.rows() == 0) return "datetime";
  if (found.rows() > shapes_max) return std::nullopt;
  std::set<std::string> types;
  for (std::size_t r = 0; r < found.rows(); ++r) {
    // Durations differ in their number of digits; shapes that are no dates are "" here.
    types.insert(iso_shape_type(found.text(r, 0)));
  }
  if (types.count("") > 0) return std::nullopt;
  if (types.size() == 1) return *types.begin();
  const auto has = [&](const char* name) { return types.count(name) > 0; };
  if (has("durationDatetime") || has("intervalDatetime")) return std::nullopt;
  const bool times = has("datetime") || has("partialDatetime") || has("incompleteDatetime");
  if (has("incompleteDate") || has("incompleteDatetime"))
    return times ? "incompleteDatetime" : "incompleteDate";
  return times ? "partialDatetime" : "partialDate";
}

}  // namespace trialmill::publish
