#include "conform/operators_group.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "conform/dates.hpp"

namespace trialmill::conform {

namespace {

std::vector<const Column*> columns_of(const Table& table, const std::vector<std::string>& names) {
  std::vector<const Column*> columns;
  for (const std::string& name : names) columns.push_back(&table.column(name));
  return columns;
}

/// Orders rows by their sort keys; equal ones stay in table order.
void sort_rows(std::uint32_t* begin, std::uint32_t* end, const std::vector<double>& keys) {
  std::stable_sort(begin, end, [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
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
  for (std::size_t code = 0; code < column.dictionary().size(); ++code) {
    Value value = column.dictionary()[code];
    std::string part;
    if (value.kind == Kind::text && RE2::PartialMatch(value.text, pattern, &part)) value.text = part;
    values.push_back(std::move(value));
  }
  return std::make_shared<const Column>(column.codes(),
                                        std::make_shared<const Dictionary>(std::move(values), false));
}

Mask is_not_unique_set(const Table& table, const Condition& c) {
  std::vector<std::string> names{table.expand(c.name)};
  for (std::string& name : names_in(table, c.value)) names.push_back(std::move(name));
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
  if (columns.empty()) throw MissingColumn{names[0]};
  const Grouping grouping = group_rows(columns, table.frame.rows);
  const std::vector<std::uint32_t> sizes = grouping.sizes();
  Mask mask(table.frame.rows);
  for (std::size_t row = 0; row < mask.size(); ++row) mask[row] = sizes[grouping.group[row]] > 1;
  return mask;
}

/// Each value of one side must go with one value of the other; both directions, all rows of a bad value.
Mask is_not_unique_relationship(const Table& table, const Condition& c) {
  const Column* sides[] = {&table.column(c.name), &table.column(c.value.text)};
  const std::vector<std::uint32_t> codes[] = {sides[0]->group_codes(), sides[1]->group_codes()};
  Mask mask(table.frame.rows);
  for (std::size_t from = 0; from < 2; ++from) {
    const std::vector<std::uint32_t>& other = codes[1 - from];
    const Grouping grouping = group_rows({sides[from]}, table.frame.rows);
    Rows first(grouping.count, no_row);
    Mask mixed(grouping.count);
    for (std::size_t row = 0; row < mask.size(); ++row) {
      const std::uint32_t group = grouping.group[row];
      if (first[group] == no_row) {
        first[group] = static_cast<std::uint32_t>(row);
      } else if (other[row] != other[first[group]]) {
        mixed[group] = 1;
      }
    }
    for (std::size_t group = 0; group < first.size(); ++group) {
      if (is_empty(sides[from]->at(first[group]))) mixed[group] = 0;
    }
    for (std::size_t row = 0; row < mask.size(); ++row) mask[row] |= mixed[grouping.group[row]];
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
  const Grouping groups = group_rows(by, table.frame.rows);
  by.push_back(&target);
  const Grouping values = group_rows(by, table.frame.rows);  // each belongs to one group
  const std::vector<std::uint32_t> counts = values.sizes();
  std::vector<std::uint32_t> group_of(values.count), most(groups.count), tops(groups.count),
      different(groups.count);
  for (std::size_t row = 0; row < table.frame.rows; ++row) group_of[values.group[row]] = groups.group[row];
  for (std::size_t value = 0; value < values.count; ++value) {
    const std::uint32_t group = group_of[value];
    ++different[group];
    if (counts[value] > most[group]) {
      most[group] = counts[value];
      tops[group] = 0;
    }
    if (counts[value] == most[group]) ++tops[group];
  }
  Mask mask(table.frame.rows);
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const std::uint32_t group = groups.group[row];
    mask[row] = different[group] > 1 && (tops[group] > 1 || counts[values.group[row]] != most[group]);
  }
  return mask;
}

Mask present_on_multiple_rows_within(const Table& table, const Condition& c) {
  std::vector<const Column*> columns = columns_of(table, c.within);
  columns.push_back(&table.column(c.name));
  const double most = c.value.kind == Kind::integer ? c.value.number : 1;
  const Grouping grouping = group_rows(columns, table.frame.rows);
  const std::vector<std::uint32_t> sizes = grouping.sizes();
  Mask mask(table.frame.rows);
  for (std::size_t row = 0; row < mask.size(); ++row) mask[row] = sizes[grouping.group[row]] > most;
  return mask;
}

Mask empty_within_except_last_row(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const std::vector<double> keys = table.column(c.ordering).sort_keys();
  const Grouping grouping = group_rows(columns_of(table, names_in(table, c.value)), table.frame.rows);
  GroupRows groups(grouping.group, grouping.count);
  Mask mask(table.frame.rows);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    std::uint32_t* rows = groups.begin(group);
    sort_rows(rows, groups.end(group), keys);
    for (std::size_t i = 0; i + 1 < groups.size(group); ++i) mask[rows[i]] = is_empty(target.at(rows[i]));
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
  const std::vector<double> keys = table.column(c.name).sort_keys();
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

}  // namespace trialmill::conform
