// Operators on the sequence of rows: next record, last row, sorting.
#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "conform/dates.hpp"
#include "conform/operand.hpp"
#include "conform/operators_group.hpp"

namespace trialmill::conform {

namespace {

/// Orders rows by their sort keys; equal ones stay in table order.
void sort_rows(std::uint32_t* begin, std::uint32_t* end, const std::vector<double>& keys) {
  std::stable_sort(begin, end, [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
}

/// The last row of each group is exempt, whatever `negative` says.
Mask empty_within_except_last_row(const Table& table, const Condition& c, bool negative) {
  const Column& target = table.column(c.name);
  std::vector<double> keys;
  if (!c.ordering.empty()) keys = table.column(c.ordering).sort_keys();
  const Grouping grouping = group_rows(columns_of(table, names_in(table, c.value)), table.frame.rows);
  GroupRows groups(grouping.group, grouping.count);
  Mask mask(table.frame.rows);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    std::uint32_t* rows = groups.begin(group);
    if (!keys.empty()) sort_rows(rows, groups.end(group), keys);
    for (std::size_t i = 0; i + 1 < groups.size(group); ++i)
      mask[rows[i]] = is_empty(target.at(rows[i])) != negative;
  }
  return mask;
}

Mask does_not_have_next_corresponding_record(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const Column& other = table.column(c.value.text);
  const std::vector<double> keys = table.column(c.ordering).sort_keys();
  const Grouping grouping = group_rows(columns_of(table, c.within), table.frame.rows);
  GroupRows groups(grouping.group, grouping.count);
  Mask mask(table.frame.rows);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    std::uint32_t* rows = groups.begin(group);
    sort_rows(rows, groups.end(group), keys);
    for (std::size_t i = 0; i + 1 < groups.size(group); ++i) {
      const Cell end = target.at(rows[i]), next = other.at(rows[i + 1]);
      mask[rows[i]] = !same(end, next) || end.is_null();
    }
  }
  return mask;
}

/// Sort keys of the target; with a regular expression those of what it picks, as numbers where they are ones.
std::vector<double> sequence_keys(const Column& target, const std::string& regex) {
  if (regex.empty() || target.numeric()) return target.sort_keys();
  const ColumnPtr cut = cut_by_regex(target, regex);
  std::vector<double> numbers(cut->size());
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    numbers[row] = to_number(cut->at(row));
    if (std::isnan(numbers[row]) && !is_empty(cut->at(row))) return cut->sort_keys();
    if (std::isnan(numbers[row])) numbers[row] = HUGE_VAL;
  }
  return numbers;
}

/// The dates of a group that overlap the next one in date order because they are less precise (2005-10 and
/// 2005-10-06): their order cannot be told.
void mark_overlapping(const Column& by, std::uint32_t* begin, std::uint32_t* end, Mask& mask) {
  if (by.numeric()) return;
  Rows rows;
  for (std::uint32_t* row = begin; row != end; ++row) {
    const auto& date = by.dictionary().date(by.codes()[*row]);
    if (date && date->precision() > 0) rows.push_back(*row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return by.at(a).text < by.at(b).text; });
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    const auto &x = by.dictionary().date(by.codes()[rows[i]]),
               &y = by.dictionary().date(by.codes()[rows[i + 1]]);
    const int common = std::min(x->precision(), y->precision());
    if (x->precision() == y->precision() || compare(*x, *y, common) != 0) continue;
    mask[rows[x->precision() == common ? i : i + 1]] = 1;
  }
}

/// Within each group the target, read in its own order, must follow the order of the sort keys. Partial dates
/// that overlap are taken as in order, but the less precise one is marked.
Mask target_is_not_sorted_by(const Table& table, const Condition& c) {
  const std::vector<double> keys = sequence_keys(table.column(c.name), c.regex);
  const auto wrong = [](const SortKey& key, const Column& by, std::uint32_t row, std::uint32_t next) {
    const Cell a = by.at(row), b = by.at(next);
    if (is_empty(a) || is_empty(b)) {
      if (is_empty(a) == is_empty(b)) return false;
      return is_empty(a) == key.nulls_last;
    }
    int sign = order(a, b);
    if (a.is_text() && b.is_text()) {
      const auto& x = by.dictionary().date(by.codes()[row]);
      const auto& y = by.dictionary().date(by.codes()[next]);
      if (x && y && x->precision() > 0 && y->precision() > 0) {
        sign = compare(*x, *y, std::min(x->precision(), y->precision()));
      }
    }
    return key.descending ? sign < 0 : sign > 0;
  };
  const Grouping grouping = group_rows(columns_of(table, c.within), table.frame.rows);
  GroupRows groups(grouping.group, grouping.count);
  Mask mask(table.frame.rows);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    std::uint32_t* rows = groups.begin(group);
    sort_rows(rows, groups.end(group), keys);
    for (const SortKey& key : c.sort_keys) {
      const Column& by = table.column(key.name);
      for (std::size_t i = 0; i + 1 < groups.size(group); ++i) {
        if (wrong(key, by, rows[i], rows[i + 1])) mask[rows[i]] = mask[rows[i + 1]] = 1;
      }
      mark_overlapping(by, rows, groups.end(group), mask);
    }
  }
  return mask;
}

/// The rows follow the column's own order, ascending or descending, nulls last: each row that holds what it
/// would hold after sorting. Null rows do not.
Mask is_ordered_by(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const bool descending = base::to_lower(c.order).substr(0, 1) == "d";
  Rows rows(target.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    const Cell x = target.at(a), y = target.at(b);
    if (x.is_null() || y.is_null()) return !x.is_null() && y.is_null();
    return descending ? order(y, x) < 0 : order(x, y) < 0;
  });
  Mask mask(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row)
    mask[row] = !target.at(row).is_null() && same(target.at(row), target.at(rows[row]));
  return mask;
}

/// All groups hold the target in ascending order.
bool is_ordered_set(const Table& table, const Condition& c) {
  const std::vector<double> keys = table.column(c.name).sort_keys();
  const Grouping grouping = group_rows(columns_of(table, names_in(table, c.value)), table.frame.rows);
  std::vector<double> last(grouping.count, -HUGE_VAL);
  for (std::size_t row = 0; row < keys.size(); ++row) {
    double& before = last[grouping.group[row]];
    if (keys[row] < before) return false;
    before = keys[row];
  }
  return true;
}

}  // namespace

void add_order_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  operators["empty_within_except_last_row"] = {
      [](T t, C c) { return empty_within_except_last_row(t, c, false); },
      "empty on a row that is not the last of its group by `ordering`"};
  operators["non_empty_within_except_last_row"] = {
      [](T t, C c) { return empty_within_except_last_row(t, c, true); },
      "not empty on a row that is not the last of its group by `ordering`"};
  operators["does_not_have_next_corresponding_record"] = {
      does_not_have_next_corresponding_record,
      "the next row of the group does not hold this value in the other column; the last row is exempt"};
  operators["has_next_corresponding_record"] = {
      [](T t, C c) { return negated(does_not_have_next_corresponding_record(t, c)); },
      "the next row of the group holds this value in the other column; true for the last row"};
  operators["target_is_not_sorted_by"] = {target_is_not_sorted_by,
                                          "out of the order of the sort keys, or of dates that overlap"};
  operators["target_is_sorted_by"] = {[](T t, C c) { return negated(target_is_not_sorted_by(t, c)); },
                                      "in the order of the sort keys"};
  operators["is_ordered_by"] = {is_ordered_by, "holds what it would hold after sorting; false for null"};
  operators["is_not_ordered_by"] = {[](T t, C c) { return negated(is_ordered_by(t, c)); },
                                    "does not hold what it would hold after sorting; true for null"};
  operators["is_ordered_set"] = {[](T t, C c) { return all_rows(t, is_ordered_set(t, c)); },
                                 "every group is in ascending order: all rows or none"};
  operators["is_not_ordered_set"] = {[](T t, C c) { return all_rows(t, !is_ordered_set(t, c)); },
                                     "some group is not in ascending order: all rows or none"};
}

}  // namespace trialmill::conform
