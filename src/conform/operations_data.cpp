// Operations on the values of records: distinct values, counts, extremes, study days, texts taken apart.
#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "conform/dates.hpp"
#include "conform/operation_call.hpp"

namespace trialmill::conform {

namespace {

/// The distinct values of some rows, in order of first appearance; texts and numbers are told apart.
Value distinct_of(const Column& column, const Rows& rows) {
  std::vector<Value> values;
  ValueNumbers seen;
  const std::vector<std::uint32_t>* codes = column.numeric() ? nullptr : &column.codes();
  std::vector<bool> known(rows.size() > 1000 && codes != nullptr ? column.dictionary().size() : 0);
  for (const std::uint32_t row : rows) {
    if (!known.empty()) {
      if (known[(*codes)[row]]) continue;
      known[(*codes)[row]] = true;
    }
    const Cell cell = column.at(row);
    if (!cell.is_null() && seen.of(cell) > values.size()) values.push_back(column.value(row));
  }
  return Value::of(std::move(values));
}

/// Names held by a column that are variables of the dataset each row's RDOMAIN names.
void distinct_references(const Call& call) {
  const Table& table = call.table;
  const Column& names = table.column(call.operation.name);
  const Column& domains = table.column("RDOMAIN");
  Rows all(table.frame.rows);
  std::iota(all.begin(), all.end(), 0U);
  const Value distinct_names = distinct_of(names, all);
  const Grouping grouping = group_rows({&domains}, table.frame.rows);
  std::vector<Value> values{Value{}};
  for (std::size_t row = 0; row < table.frame.rows; ++row) {
    if (grouping.group[row] + 1 < values.size()) continue;
    const Part* part = call.data.find(plain_text(domains.at(row)));
    std::vector<Value> found;
    for (const Value& name : *distinct_names.list) {
      if (part != nullptr && name.kind == Kind::text && part->frame.find(name.text) != nullptr)
        found.push_back(name);
    }
    values.push_back(Value::of(std::move(found)));
  }
  std::vector<std::uint32_t> codes = grouping.group;
  for (std::uint32_t& code : codes) ++code;
  add_coded(call, std::move(codes), std::move(values));
}

void distinct(const Call& call) {
  if (call.operation.reference) return distinct_references(call);
  const Table source = table_of(call);
  const Column& column = source.column(call.operation.name);
  grouped(
      call, source, [&](const Rows& rows) { return distinct_of(column, rows); },
      Value::of(std::vector<Value>{}));
}

/// The least or greatest value of each group; `valid` says which cells count.
template <typename Valid>
void extreme(const Call& call, bool greatest, Valid valid) {
  const Table source = table_of(call);
  const Column& column = source.column(call.operation.name);
  const auto pick = [&](const Rows& rows) {
    std::uint32_t best = no_row;
    for (const std::uint32_t row : rows) {
      if (!valid(column.at(row))) continue;
      if (best == no_row || (greatest ? order(column.at(row), column.at(best)) > 0
                                      : order(column.at(row), column.at(best)) < 0)) {
        best = row;
      }
    }
    return best == no_row ? Value{} : column.value(best);
  };
  grouped(call, source, pick, Value{});
}

bool is_text(const Cell& cell) {
  return cell.is_text();
}
bool is_given(const Cell& cell) {
  return !is_empty(cell);
}

void mean(const Call& call) {
  const Table source = table_of(call);
  const Column& column = source.column(call.operation.name);
  const auto average = [&](const Rows& rows) {
    double sum = 0, count = 0;
    for (const std::uint32_t row : rows) {
      const double number = to_number(column.at(row));
      if (std::isnan(number)) continue;
      sum += number;
      ++count;
    }
    return Value::real(sum / count);  // none: null
  };
  grouped(call, source, average, Value{});
}

void record_count(const Call& call) {
  grouped(
      call, table_of(call), [](const Rows& rows) { return Value::integer(static_cast<double>(rows.size())); },
      Value::integer(0));
}

/// Day number of every full date of a column; NaN for all else. Each distinct text is parsed once.
std::vector<double> day_numbers(const Column& column) {
  std::vector<double> days(column.size(), std::nan(""));
  if (column.numeric()) return days;
  std::vector<double> known(column.dictionary().size(), HUGE_VAL);
  for (std::size_t row = 0; row < days.size(); ++row) {
    double& day = known[column.codes()[row]];
    if (day == HUGE_VAL) {
      const Cell cell = column.at(row);
      const auto date = cell.is_text() ? parse_date(cell.text.substr(0, 10)) : std::nullopt;
      day = date && date->precision() >= 3 ? static_cast<double>(days_of(*date)) : std::nan("");
    }
    days[row] = day;
  }
  return days;
}

/// Study day of a date against RFSTDTC of DM: no day 0; null where either is partial.
void study_day(const Call& call) {
  std::vector<double> days = day_numbers(call.table.column(call.operation.name));
  const std::vector<double> starts = day_numbers(call.table.column("RFSTDTC"));
  for (std::size_t row = 0; row < days.size(); ++row) {
    days[row] -= starts[row];
    if (days[row] >= 0) ++days[row];
  }
  call.table.frame.set(call.operation.id, std::make_shared<const Column>(std::move(days), true));
}

/// The first list's items that the second lacks, in the first's order. Both are results of operations.
void minus(const Call& call) {
  const auto items = [&](const std::string& name) {
    const Column* column = call.table.frame.find(name);
    std::vector<Value> out;
    if (column == nullptr || column->size() == 0 || column->at(0).is_null()) return out;
    const Value value = column->value(0);
    return value.kind == Kind::list ? *value.list : std::vector<Value>{value};
  };
  std::vector<Value> left = items(call.operation.name);
  const std::vector<Value> right = items(call.operation.subtract);
  std::erase_if(left, [&](const Value& item) { return holds(right, item); });
  broadcast(call, Value::of(std::move(left)));
}

/// One list a row: the text's parts around the delimiter; null for null.
void split_by(const Call& call) {
  const Column& column = call.table.column(call.operation.name);
  const std::string& delimiter = call.operation.delimiter;
  std::vector<Value> values;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.at(row).is_null()) {
      values.emplace_back();
      continue;
    }
    std::vector<std::string> parts;
    std::string rest = plain_text(column.at(row));
    for (std::size_t at = rest.find(delimiter); !delimiter.empty() && at != std::string::npos;
         at = rest.find(delimiter)) {
      parts.push_back(rest.substr(0, at));
      rest = rest.substr(at + delimiter.size());
    }
    parts.push_back(rest);
    values.push_back(Value::of_texts(parts));
  }
  call.table.frame.set(call.operation.id, Column::of(values));
}

/// The output of the first entry whose columns all hold the values it gives; null if none does.
void map_values(const Call& call) {
  std::vector<Value> values{Value{}};
  std::vector<std::uint32_t> codes(call.table.frame.rows);
  for (const auto& [conditions, output] : call.operation.map) {
    values.push_back(output);
    Mask fits(codes.size(), 1);
    for (const auto& [name, wanted] : conditions) {
      const Mask mask = call.table.column(name).map([&](const Cell& cell) { return same(cell, wanted); });
      for (std::size_t row = 0; row < fits.size(); ++row) fits[row] &= mask[row];
    }
    for (std::size_t row = 0; row < fits.size(); ++row) {
      if (fits[row] != 0 && codes[row] == 0) codes[row] = static_cast<std::uint32_t>(values.size() - 1);
    }
  }
  add_coded(call, std::move(codes), std::move(values));
}

/// Absent counts as null.
void variable_is_null(const Call& call) {
  const Frame& frame = call.operation.source == "submission" ? call.dataset.frame : call.table.frame;
  const Column* column = frame.find(call.table.expand(call.operation.name));
  if (column == nullptr) return broadcast(call, Value::of(true));
  const Mask empty = column->map([](const Cell& cell) { return is_empty(cell); });
  broadcast(call, Value::of(std::all_of(empty.begin(), empty.end(), [](auto bit) { return bit != 0; })));
}

}  // namespace

void add_data_operations(OperationTable& operations) {
  operations["distinct"] = {distinct, "the distinct values that are not null, in order of appearance"};
  operations["record_count"] = {record_count, "how many records; 0 for a group without any"};
  operations["min_date"] = {[](const Call& c) { extreme(c, false, is_text); }, "the least text"};
  operations["max_date"] = {[](const Call& c) { extreme(c, true, is_text); }, "the greatest text"};
  operations["min"] = {[](const Call& c) { extreme(c, false, is_given); }, "the least value"};
  operations["max"] = {[](const Call& c) { extreme(c, true, is_given); }, "the greatest value"};
  operations["mean"] = {mean, "the mean of the numbers; null if there are none"};
  operations["dy"] = {study_day, "the study day of a date against RFSTDTC; null where either is partial"};
  operations["minus"] = {minus, "the items of one list that another lacks"};
  operations["split_by"] = {split_by, "the text's parts around the delimiter, as a list"};
  operations["map"] = {map_values, "the output of the first entry that fits the row; null if none does"};
  operations["variable_is_null"] = {variable_is_null, "true if the variable is absent or empty throughout"};
}

}  // namespace trialmill::conform
