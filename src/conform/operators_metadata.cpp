// Operators on columns rather than cells: does one exist, are numbered ones filled in order, codelists.
#include <algorithm>
#include <map>

#include "conform/operand.hpp"

namespace trialmill::conform {

namespace {

bool name_exists(const Table& table, const std::string& name) {
  if (table.frame.find(name) != nullptr) return true;
  if (table.columns_are_domains) return false;
  for (const auto& [column_name, column] : table.frame.columns) {
    if (column_name.substr(0, 1) != "$" || column->size() == 0) continue;
    const Cell cell = column->at(0);
    if (cell.is_list() && holds(*cell.list, Value::of(name))) return true;
  }
  return false;
}

/// TSVAL, TSVAL1, TSVAL2, … as far as they exist, by number.
std::vector<const Column*> numbered_columns(const Table& table, const std::string& name, bool with_first) {
  std::map<std::pair<std::size_t, std::string>, const Column*> found;
  for (const auto& [column_name, column] : table.frame.columns) {
    if (column_name.rfind(name, 0) != 0) continue;
    const std::string number = column_name.substr(name.size());
    if (number.find_first_not_of("0123456789") != std::string::npos || (number.empty() && !with_first))
      continue;
    found[{number.size(), number}] = column.get();
  }
  std::vector<const Column*> columns;
  for (const auto& [number, column] : found) columns.push_back(column);
  return columns;
}

/// A column is filled although the one before it is empty.
Mask filled_after_empty(const Table& table, const Condition& c, bool with_first) {
  const std::vector<const Column*> columns = numbered_columns(table, table.expand(c.name), with_first);
  Mask mask(table.frame.rows);
  for (std::size_t i = 1; i < columns.size(); ++i) {
    for (std::size_t row = 0; row < mask.size(); ++row)
      mask[row] |= is_empty(columns[i - 1]->at(row)) && !is_empty(columns[i]->at(row));
  }
  return mask;
}

/// The guide's entry for a variable of the table's dataset, else of any dataset that has it.
const standards::Variable* guide_variable(const Table& table, std::string_view name) {
  const standards::SdtmIg* ig = table.data == nullptr ? nullptr : table.data->ig();
  if (ig == nullptr) return nullptr;
  const standards::Dataset* own = table.dataset == nullptr ? nullptr : ig->find_dataset(table.dataset->name);
  if (own != nullptr && own->find(name) != nullptr) return own->find(name);
  for (const standards::Dataset& known : ig->datasets()) {
    if (const standards::Variable* variable = known.find(name)) return variable;
  }
  return nullptr;
}

/// The target names a variable, the comparator a codelist; true if the guide gives the variable none.
Mask correct_codelist(const Table& table, const Condition& c) {
  return pairwise(table, c, [&](const Cell& cell, const Cell& codelist) {
    const standards::Variable* variable = guide_variable(table, cell.text);
    if (variable == nullptr || variable->codelist.empty()) return true;
    const std::vector<std::string> codes = variable->codelists();
    return std::find(codes.begin(), codes.end(), codelist.text) != codes.end();
  });
}

/// The comparator holds pairs [value, count], as variable_value_count makes them.
Mask has_multiple_references(const Table& table, const Condition& c) {
  const Operand counts = operand_of(table, c);
  if (counts.column == nullptr) throw MissingColumn{c.value.text};
  std::map<const std::vector<Value>*, std::unique_ptr<ValueNumbers>> known;
  const Column& target = table.column(c.name);
  Mask mask(target.size());
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const Cell pairs = counts.at(row);
    if (!pairs.is_list()) continue;
    auto& repeated = known[pairs.list];
    if (repeated == nullptr) {
      repeated = std::make_unique<ValueNumbers>();
      for (const Value& pair : *pairs.list) {
        if (pair.kind == Kind::list && pair.list->size() == 2 && (*pair.list)[1].number > 1)
          repeated->of((*pair.list)[0]);
      }
    }
    const Cell cell = target.at(row);
    mask[row] = !cell.is_null() && repeated->find(cell) != no_row;
  }
  return mask;
}

}  // namespace

void add_metadata_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  operators["exists"] = {[](T t, C c) { return all_rows(t, name_exists(t, t.expand(c.name))); },
                         "there is such a column, or such a name in a $id list: all rows or none"};
  operators["not_exists"] = {[](T t, C c) { return all_rows(t, !name_exists(t, t.expand(c.name))); },
                             "there is no such column: all rows or none"};
  operators["inconsistent_enumerated_columns"] = {
      [](T t, C c) { return filled_after_empty(t, c, true); },
      "of NAME, NAME1, NAME2 … one is filled although the one before is empty"};
  operators["additional_columns_empty"] = {
      [](T t, C c) { return filled_after_empty(t, c, false); },
      "of NAME1, NAME2 … one is filled although the one before is empty"};
  operators["additional_columns_not_empty"] = {
      [](T t, C c) { return negated(filled_after_empty(t, c, false)); },
      "the opposite of additional_columns_empty"};
  operators["references_correct_codelist"] = {
      correct_codelist, "the codelist is one the guide gives the variable; true if it gives none"};
  operators["does_not_reference_correct_codelist"] = {
      [](T t, C c) { return negated(correct_codelist(t, c)); },
      "the guide gives the variable other codelists"};
  operators["value_has_multiple_references"] = {has_multiple_references,
                                                "the value's count in a variable_value_count is over 1"};
  operators["value_does_not_have_multiple_references"] = {
      [](T t, C c) { return negated(has_multiple_references(t, c)); },
      "the value's count in a variable_value_count is at most 1"};
}

}  // namespace trialmill::conform
