// Operators on dates and durations (ISO 8601, possibly partial: dates.hpp).
#include <algorithm>
#include <map>
#include <optional>

#include "conform/dates.hpp"
#include "conform/operand.hpp"

namespace trialmill::conform {

namespace {

enum class Order { less, less_equal, greater, greater_equal, equal, not_equal };

bool holds_order(int sign, Order order) {
  switch (order) {
    case Order::less:
      return sign < 0;
    case Order::less_equal:
      return sign <= 0;
    case Order::greater:
      return sign > 0;
    case Order::greater_equal:
      return sign >= 0;
    case Order::equal:
      return sign == 0;
    case Order::not_equal:
      return sign != 0;
  }
  return false;
}

/// One side of a date comparison; every distinct text is parsed once for all rules.
struct Dates {
  const Column* column = nullptr;
  std::optional<PartialDate> constant;
  const std::optional<PartialDate>& at(std::size_t row) const {
    static const std::optional<PartialDate> none;
    if (column == nullptr) return constant;
    return column->numeric() ? none : column->dictionary().date(column->codes()[row]);
  }
};

/// Of two dates: both cut to the precision they share; equality needs equal precision unless `cut`.
bool compare_dates(const PartialDate& x, const PartialDate& y, Order order, bool cut) {
  const int precision = std::min(x.precision(), y.precision());
  const bool equality = order == Order::equal || order == Order::not_equal;
  if (!cut && equality && x.precision() != y.precision()) return order == Order::not_equal;
  return holds_order(compare(x, y, precision), order);
}

/// One part alone, the year say; a part that is not given counts as its least value.
bool compare_component(const PartialDate& x, const PartialDate& y, Order order, std::size_t part) {
  const auto given = [&](const PartialDate& date) {
    return date.parts[part] >= 0 ? date.parts[part] : part == 1 || part == 2 ? 1.0 : 0.0;
  };
  return holds_order(given(x) < given(y) ? -1 : given(x) > given(y) ? 1 : 0, order);
}

Mask date_order(const Table& table, const Condition& c, Order order) {
  static const std::map<std::string, std::size_t> parts{
      {"year", 0}, {"month", 1}, {"day", 2}, {"hour", 3}, {"minute", 4}, {"second", 5}, {"microsecond", 6}};
  const auto part = parts.find(c.date_component);
  const Dates target{&table.column(c.name), std::nullopt};
  const Operand comparison = operand_of(table, c);
  Dates other{comparison.column, std::nullopt};
  if (other.column == nullptr) other.constant = parse_date(plain_text(comparison.constant));
  Mask mask(target.column->size());
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const auto &x = target.at(row), &y = other.at(row);
    if (!x || !y || x->precision() == 0 || y->precision() == 0) continue;
    mask[row] = part == parts.end() ? compare_dates(*x, *y, order, c.date_component == "auto")
                                    : compare_component(*x, *y, order, part->second);
  }
  return mask;
}

Mask invalid_date(const Table& t, const Condition& c) {
  const Column& target = t.column(c.name);
  Mask mask(target.size(), 1);
  for (std::size_t row = 0; row < mask.size() && !target.numeric(); ++row)
    mask[row] = target.dictionary().date(target.codes()[row]) ? 0 : 1;
  return mask;
}

Mask complete_date(const Table& t, const Condition& c) {
  return t.column(c.name).map([](const Cell& cell) { return cell.is_text() && is_complete_date(cell.text); });
}

Mask invalid_duration(const Table& t, const Condition& c) {
  return t.column(c.name).map(
      [&](const Cell& cell) { return !cell.is_text() || !is_duration(cell.text, c.negative); });
}

}  // namespace

void add_date_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  const char* both = "both cut to the precision they share; false unless both are valid dates";
  operators["date_less_than"] = {[](T t, C c) { return date_order(t, c, Order::less); }, both};
  operators["date_less_than_or_equal_to"] = {[](T t, C c) { return date_order(t, c, Order::less_equal); },
                                             both};
  operators["date_greater_than"] = {[](T t, C c) { return date_order(t, c, Order::greater); }, both};
  operators["date_greater_than_or_equal_to"] = {
      [](T t, C c) { return date_order(t, c, Order::greater_equal); }, both};
  operators["date_equal_to"] = {[](T t, C c) { return date_order(t, c, Order::equal); },
                                "equal, and of equal precision unless date_component says auto"};
  operators["date_not_equal_to"] = {[](T t, C c) { return date_order(t, c, Order::not_equal); },
                                    "two valid dates that differ, also in precision"};
  operators["invalid_date"] = {invalid_date, "no ISO 8601 date as SDTM writes them; true for null"};
  operators["is_complete_date"] = {complete_date, "year, month and day, with or without a time"};
  operators["is_incomplete_date"] = {[](T t, C c) { return negated(complete_date(t, c)); },
                                     "not complete; true for null"};
  operators["invalid_duration"] = {invalid_duration, "no ISO 8601 duration; true for null"};
}

}  // namespace trialmill::conform
