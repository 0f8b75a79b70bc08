// Operators on the value itself: is there one, is it equal, is it less.
#include <string_view>

#include "base/text.hpp"
#include "conform/operand.hpp"

namespace trialmill::conform {

namespace {

bool equal_normalised(const Cell& a, const Cell& b, bool fold) {
  const double x = to_number(a), y = to_number(b);
  if (!std::isnan(x) && !std::isnan(y)) return x == y;
  const std::string left = plain_text(a), right = plain_text(b);
  if (fold) return base::to_lower(base::trim(left)) == base::to_lower(base::trim(right));
  return base::trim(left) == base::trim(right);
}

/// A number rounded to a whole one, half to even as Python does; texts that are numbers, too.
Value rounded(const Cell& cell) {
  const double number = to_number(cell);
  if (std::isnan(number)) return cell.is_text() ? Value::of(std::string(cell.text)) : Value{};
  return Value::real(std::nearbyint(number));
}

bool equal_values(const Cell& a, const Cell& b, const Condition& c, bool fold) {
  if (a.is_list() || b.is_list()) return same(a, b);
  if (c.type_insensitive) return equal_normalised(a, b, fold);
  if (fold && a.is_text() && b.is_text()) return base::to_lower(a.text) == base::to_lower(b.text);
  return same(a, b);
}

/// equal_to: both null is false, one null is false; not_equal_to: both null is false, one null is true.
Mask equality(const Table& table, const Condition& c, bool negative, bool fold) {
  const auto test = [&](const Cell& a, const Cell& b) {
    const bool a_null = is_empty(a), b_null = is_empty(b);
    if (a_null || b_null) return negative && a_null != b_null;
    if (c.round_values) return equal_values(rounded(a), rounded(b), c, fold) != negative;
    return equal_values(a, b, c, fold) != negative;
  };
  if (!c.reference) return pairwise(table, c, test);
  const Column& target = table.column(c.name);
  const Column& names = table.column(c.value.text);
  Mask mask(target.size());
  const Column* column = nullptr;
  std::string_view found;  // the name `column` belongs to
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const Cell name = names.at(row);
    if (name.text.data() != found.data() || !name.is_text()) {
      found = name.text;
      column = name.is_text() ? table.frame.find(name.text) : nullptr;
    }
    mask[row] = test(target.at(row), column == nullptr ? Cell() : column->at(row)) ? 1 : 0;
  }
  return mask;
}

Mask empty(const Table& t, const Condition& c) {
  return t.column(c.name).map([](const Cell& cell) { return is_empty(cell); });
}

template <typename Compare>
Mask number_order(const Table& table, const Condition& c, Compare compare) {
  return pairwise(table, c, [&](const Cell& a, const Cell& b) {
    const double x = to_number(a), y = to_number(b);
    return !std::isnan(x) && !std::isnan(y) && compare(x, y);
  });
}

/// Nulls count as a value of their own.
bool has_different_values(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  return group_rows({&target}, table.frame.rows).count > 1;
}

}  // namespace

void add_value_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  operators["empty"] = {empty, "null, the empty text or an empty list; blanks are not empty"};
  operators["non_empty"] = {[](T t, C c) { return negated(empty(t, c)); }, "not empty"};
  operators["equal_to"] = {[](T t, C c) { return equality(t, c, false, false); },
                           "equal type and value; false where either is empty"};
  operators["not_equal_to"] = {[](T t, C c) { return equality(t, c, true, false); },
                               "not equal; true where one is empty, false where both are"};
  operators["equal_to_case_insensitive"] = {[](T t, C c) { return equality(t, c, false, true); },
                                            "equal_to without regard to case"};
  operators["not_equal_to_case_insensitive"] = {[](T t, C c) { return equality(t, c, true, true); },
                                                "not_equal_to without regard to case"};
  operators["less_than"] = {
      [](T t, C c) { return number_order(t, c, [](double x, double y) { return x < y; }); },
      "as numbers; false where either is none"};
  operators["less_than_or_equal_to"] = {
      [](T t, C c) { return number_order(t, c, [](double x, double y) { return x <= y; }); },
      "as numbers; false where either is none"};
  operators["greater_than"] = {
      [](T t, C c) { return number_order(t, c, [](double x, double y) { return x > y; }); },
      "as numbers; false where either is none"};
  operators["greater_than_or_equal_to"] = {
      [](T t, C c) { return number_order(t, c, [](double x, double y) { return x >= y; }); },
      "as numbers; false where either is none"};
  operators["has_different_values"] = {
      [](T t, C c) { return all_rows(t, has_different_values(t, c)); },
      "the column holds more than one value (null counts as one): all rows or none"};
  operators["has_same_values"] = {[](T t, C c) { return all_rows(t, !has_different_values(t, c)); },
                                  "the column holds one value: all rows or none"};
}

}  // namespace trialmill::conform
