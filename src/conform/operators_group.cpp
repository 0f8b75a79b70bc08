#include "conform/operators_group.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "conform/dates.hpp"

namespace trialmill::conform {

namespace {

/// Rows of each group, in table order.
std::vector<Rows> members(const Grouping& grouping) {
  std::vector<Rows> rows(grouping.count);
  for (std::size_t row = 0; row < grouping.group.size(); ++row) {
    rows[grouping.group[row]].push_back(static_cast<std::uint32_t>(row));
  }
  return rows;
}

std::vector<const Column*> columns_of(const Table& table, const std::vector<std::string>& names) {
  std::vector<const Column*> columns;
  for (const std::string& name : names) columns.push_back(&table.column(name));
  return columns;
}

/// -1, 0, 1: nulls last, numbers by value, texts bytewise.
int order(const Cell& a, const Cell& b) {
  if (is_empty(a) || is_empty(b)) return static_cast<int>(is_empty(a)) - static_cast<int>(is_empty(b));
  if (a.is_number() && b.is_number()) return a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
  const int sign = plain_text(a).compare(plain_text(b));
  return sign < 0 ? -1 : sign > 0 ? 1 : 0;
}

void sort_rows(Rows& rows, const Column& by) {
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return order(by.at(a), by.at(b)) < 0; });
}

}  // namespace

std::vector<std::string> names_in(const Table& table, const Value& value) {
  std::vector<std::string> names;
  if (value.kind == Kind::list) {
    for (const Value& item : *value.list) {
      for (std::string& name : names_in(table, item)) names.push_back(std::move(name));
    }
  } else if (value.kind == Kind::text) {
    const Column* column = table.frame.find(value.text);
    if (column != nullptr && column->size() > 0 && column->at(0).is_list())
      return names_in(table, column->value(0));
    names.push_back(table.expand(value.text));
  }
  return names;
}

ColumnPtr cut_by_regex(const Column& column, const std::string& regex) {
  const RE2 pattern("(" + regex + ")", RE2::Quiet);
  std::vector<Value> values;
  for (std::size_t row = 0; row < column.size(); ++row) {
    Value value = column.value(row);
    std::string part;
    if (value.kind == Kind::text && RE2::PartialMatch(value.text, pattern, &part)) value.text = part;
    values.push_back(std::move(value));
  }
  return Column::of(values);
}

Mask is_not_unique_set(const Table& table, const Condition& c) {
  std::vector<std::string> names{table.expand(c.name)};
  for (std::string& name : names_in(table, c.value)) names.push_back(std::move(name));
  table.column(c.name);  // the target itself must be there; other absent columns are left out
  std::vector<ColumnPtr> cut;
  std::vector<const Column*> columns;
  for (const std::string& name : names) {
    const Column* column = table.frame.find(name);
    if (column == nullptr) continue;
    if (!c.regex.empty() && !column->numeric()) {
      cut.push_back(cut_by_regex(*column, c.regex));
      column = cut.back().get();
    }
    columns.push_back(column);
  }
  const Grouping grouping = group_rows(columns, table.frame.rows);
  std::vector<std::uint32_t> sizes(grouping.count);
  for (const std::uint32_t group : grouping.group) ++sizes[group];
  Mask mask(table.frame.rows);
  for (std::size_t row = 0; row < mask.size(); ++row) mask[row] = sizes[grouping.group[row]] > 1;
  return mask;
}

/// Each value of one side must go with one value of the other; both directions, all rows of a bad value.
Mask is_not_unique_relationship(const Table& table, const Condition& c) {
  const Column* sides[] = {&table.column(c.name), &table.column(c.value.text)};
  Mask mask(table.frame.rows);
  for (int direction = 0; direction < 2; ++direction) {
    const Column& from = *sides[direction];
    const Column& to = *sides[1 - direction];
    const std::vector<std::uint32_t> to_code = to.group_codes();
    for (const Rows& rows : members(group_rows({&from}, table.frame.rows))) {
      if (rows.empty() || is_empty(from.at(rows[0]))) continue;
      const bool mixed = std::any_of(rows.begin(), rows.end(),
                                     [&](std::uint32_t row) { return to_code[row] != to_code[rows[0]]; });
      if (mixed) {
        for (const std::uint32_t row : rows) mask[row] = 1;
      }
    }
  }
  return mask;
}

/// Per group the rows that differ from its most frequent value; all rows when there is no single one.
Mask is_inconsistent_across_dataset(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  std::vector<const Column*> by;
  for (const std::string& name : names_in(table, c.value)) {
    if (const Column* column = table.frame.find(name)) by.push_back(column);
  }
  const std::vector<std::uint32_t> code = target.group_codes();
  Mask mask(table.frame.rows);
  for (const Rows& rows : members(group_rows(by, table.frame.rows))) {
    std::map<std::uint32_t, std::size_t> counts;
    for (const std::uint32_t row : rows) ++counts[code[row]];
    if (counts.size() < 2) continue;
    std::size_t most = 0;
    for (const auto& [value, count] : counts) most = std::max(most, count);
    const auto tops =
        std::count_if(counts.begin(), counts.end(), [&](const auto& e) { return e.second == most; });
    for (const std::uint32_t row : rows) mask[row] = tops > 1 || counts[code[row]] != most;
  }
  return mask;
}

Mask present_on_multiple_rows_within(const Table& table, const Condition& c) {
  std::vector<const Column*> columns = columns_of(table, c.within);
  columns.push_back(&table.column(c.name));
  const double most = c.value.kind == Kind::integer ? c.value.number : 1;
  const Grouping grouping = group_rows(columns, table.frame.rows);
  std::vector<std::uint32_t> sizes(grouping.count);
  for (const std::uint32_t group : grouping.group) ++sizes[group];
  Mask mask(table.frame.rows);
  for (std::size_t row = 0; row < mask.size(); ++row) mask[row] = sizes[grouping.group[row]] > most;
  return mask;
}

Mask empty_within_except_last_row(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const Column& by = table.column(c.ordering);
  Mask mask(table.frame.rows);
  for (Rows& rows : members(group_rows(columns_of(table, names_in(table, c.value)), table.frame.rows))) {
    sort_rows(rows, by);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) mask[rows[i]] = is_empty(target.at(rows[i]));
  }
  return mask;
}

Mask does_not_have_next_corresponding_record(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const Column& other = table.column(c.value.text);
  const Column& by = table.column(c.ordering);
  Mask mask(table.frame.rows);
  for (Rows& rows : members(group_rows(columns_of(table, c.within), table.frame.rows))) {
    sort_rows(rows, by);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      const Cell end = target.at(rows[i]), next = other.at(rows[i + 1]);
      mask[rows[i]] = !same(end, next) || end.is_null();
    }
  }
  return mask;
}

/// Within each group the target, read in its own order, must follow the order of the sort keys. Partial dates
/// that overlap are taken as in order.
Mask target_is_not_sorted_by(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  Mask mask(table.frame.rows);
  const auto wrong = [&](const SortKey& key, const Cell& a, const Cell& b) {
    if (is_empty(a) || is_empty(b)) {
      if (is_empty(a) == is_empty(b)) return false;
      return is_empty(a) == key.nulls_last;
    }
    int sign = order(a, b);
    if (a.is_text() && b.is_text()) {
      const auto x = parse_date(a.text), y = parse_date(b.text);
      if (x && y && x->precision() > 0 && y->precision() > 0) {
        sign = compare(*x, *y, std::min(x->precision(), y->precision()));
      }
    }
    return key.descending ? sign < 0 : sign > 0;
  };
  for (Rows& rows : members(group_rows(columns_of(table, c.within), table.frame.rows))) {
    sort_rows(rows, target);
    for (const SortKey& key : c.sort_keys) {
      const Column& by = table.column(key.name);
      for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
        if (wrong(key, by.at(rows[i]), by.at(rows[i + 1]))) mask[rows[i]] = mask[rows[i + 1]] = 1;
      }
    }
  }
  return mask;
}

}  // namespace trialmill::conform
