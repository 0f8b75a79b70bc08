// Operators that look at several rows together: uniqueness and consistency.
#include <algorithm>

#include "conform/operand.hpp"
#include "conform/operators_group.hpp"
#include "conform/python_regex.hpp"

namespace trialmill::conform {

std::vector<const Column*> columns_of(const Table& table, const std::vector<std::string>& names) {
  std::vector<const Column*> columns;
  for (const std::string& name : names) columns.push_back(&table.column(name));
  return columns;
}

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
  const RE2& pattern = python_regex(regex);
  const int group = pattern.NumberOfCapturingGroups() > 0 ? 1 : 0;
  std::vector<Value> values;
  for (std::size_t code = 0; code < column.dictionary().size(); ++code) {
    Value value = column.dictionary()[code];
    re2::StringPiece found[2];
    if (value.kind == Kind::text &&
        pattern.Match(value.text, 0, value.text.size(), RE2::UNANCHORED, found, group + 1)) {
      value.text = std::string(found[group].data(), found[group].size());
    }
    values.push_back(std::move(value));
  }
  return std::make_shared<const Column>(column.codes(),
                                        std::make_shared<const Dictionary>(std::move(values), false));
}

namespace {

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

/// One number a row for the values of some columns together; 0 if any of them is empty.
std::vector<std::uint32_t> combined(const std::vector<const Column*>& columns, std::size_t rows) {
  std::vector<std::uint32_t> numbers = group_rows(columns, rows).group;
  for (std::size_t row = 0; row < rows; ++row) {
    const bool empty = std::any_of(columns.begin(), columns.end(),
                                   [&](const Column* column) { return is_empty(column->at(row)); });
    numbers[row] = empty ? 0 : numbers[row] + 1;
  }
  return numbers;
}

/// Each value of one side must go with one value of the other, null counting as a value; both directions. All
/// rows of a value that does not are marked.
Mask is_not_unique_relationship(const Table& table, const Condition& c) {
  const std::size_t rows = table.frame.rows;
  const std::vector<std::string> names =
      c.value.kind == Kind::list ? names_in(table, c.value) : std::vector<std::string>{c.value.text};
  const std::vector<std::uint32_t> sides[] = {combined({&table.column(c.name)}, rows),
                                              combined(columns_of(table, names), rows)};
  Mask mask(rows);
  for (std::size_t from = 0; from < 2; ++from) {
    const std::vector<std::uint32_t>&values = sides[from], &others = sides[1 - from];
    const std::size_t count = rows == 0 ? 0 : *std::max_element(values.begin(), values.end()) + 1U;
    Rows first(count, no_row);
    Mask mixed(count);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::uint32_t value = values[row];
      if (value == 0) continue;
      if (first[value] == no_row) first[value] = static_cast<std::uint32_t>(row);
      if (others[row] != others[first[value]]) mixed[value] = 1;
    }
    for (std::size_t row = 0; row < rows; ++row) mask[row] |= mixed[values[row]];
  }
  return mask;
}

/// Per group the rows that differ from its most frequent value; all rows when there is no single one.
Mask is_inconsistent_across_dataset(const Table& table, const Condition& c) {
  ColumnPtr cut;
  if (!c.regex.empty() && !table.column(c.name).numeric()) cut = cut_by_regex(table.column(c.name), c.regex);
  const Column& target = cut == nullptr ? table.column(c.name) : *cut;
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

}  // namespace

void add_group_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  operators["is_not_unique_set"] = {is_not_unique_set,
                                    "another row has the same values in all these columns; nulls are equal"};
  operators["is_unique_set"] = {[](T t, C c) { return negated(is_not_unique_set(t, c)); },
                                "no other row has the same values in all these columns"};
  operators["is_not_unique_relationship"] = {is_not_unique_relationship,
                                             "a value goes with several of the other side, either way"};
  operators["is_unique_relationship"] = {[](T t, C c) { return negated(is_not_unique_relationship(t, c)); },
                                         "each value goes with one of the other side, both ways"};
  operators["is_inconsistent_across_dataset"] = {
      is_inconsistent_across_dataset, "differs from its group's most frequent value; all rows on a tie"};
  operators["present_on_multiple_rows_within"] = {present_on_multiple_rows_within,
                                                  "on more than `value` (1) rows of its group"};
  operators["not_present_on_multiple_rows_within"] = {
      [](T t, C c) { return negated(present_on_multiple_rows_within(t, c)); },
      "on at most `value` (1) rows of its group"};
}

}  // namespace trialmill::conform
