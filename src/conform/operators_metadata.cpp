// Operators on columns rather than cells: does one exist, are numbered ones filled in order, codelists.
#include <algorithm>
#include <map>

#include "conform/define_values.hpp"
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

/// The target holds a codelist's code, the comparator a list of terms.
Mask valid_terms(const Table& table, const Condition& c) {
  return pairwise(table, c, [&](const Cell& codelist, const Cell& terms) {
    if (is_empty(codelist)) return true;
    const standards::Codelist* known =
        table.data == nullptr ? nullptr : table.data->terminology().find_codelist(plain_text(codelist));
    if (known == nullptr) return false;
    if (known->extensible() || !terms.is_list()) return known->extensible() || is_empty(terms);
    return std::all_of(terms.list->begin(), terms.list->end(), [&](const Value& term) {
      return term.kind == Kind::text && known->find(term.text) != nullptr;
    });
  });
}

/// The $id column holds pairs [variable, value], as define_variable_metadata makes them without a name.
Mask metadata_equals(const Table& table, const Condition& c) {
  const std::string name = table.expand(c.name);
  return table.column(c.metadata).map([&](const Cell& pairs) {
    if (!pairs.is_list()) return false;
    return std::any_of(pairs.list->begin(), pairs.list->end(), [&](const Value& pair) {
      return pair.kind == Kind::list && pair.list->size() == 2 && (*pair.list)[0].text == name &&
             same((*pair.list)[1], c.value);
    });
  });
}

/// Rows to which value-level metadata of the target variable (of any, without a target) applies and whose
/// value fits it (`wanted`), or does not.
Mask value_fits(const Table& table, const Condition& c, bool by_length, bool wanted) {
  const std::string name = table.expand(c.name);
  if (!name.empty()) table.column(name);
  if (table.data == nullptr || table.data->define() == nullptr || table.dataset == nullptr)
    throw SkipDataset{"there is no Define-XML"};
  // Operators see the joined records; what the file says holds for the records as delivered.
  if (table.frame.rows != table.dataset->frame.rows)
    throw SkipDataset{"value-level metadata is not evaluated on joined records"};
  Mask mask(table.frame.rows);
  for (const ValueDefinition& entry : value_definitions(*table.data->define(), *table.dataset)) {
    if (!name.empty() && entry.variable != name) continue;
    const Column& values = table.column(entry.variable);
    const Mask fits = values.map([&](const Cell& cell) {
      if (!by_length) return has_data_type(cell, entry.item->data_type);
      const Value length = length_for_type(cell, entry.item->data_type);
      return length.kind == Kind::null || !entry.item->length || length.number <= *entry.item->length;
    });
    for (std::size_t row = 0; row < mask.size(); ++row)
      mask[row] |= entry.applies[row] != 0 && (fits[row] != 0) == wanted;
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
  operators["uses_valid_codelist_terms"] = {valid_terms,
                                            "the terms are all in the codelist, or it is extensible"};
  operators["does_not_use_valid_codelist_terms"] = {[](T t, C c) { return negated(valid_terms(t, c)); },
                                                    "a term is not in the codelist, which is not extensible"};
  operators["variable_metadata_equal_to"] = {metadata_equals, "the metadata of the variable is the value"};
  operators["variable_metadata_not_equal_to"] = {[](T t, C c) { return negated(metadata_equals(t, c)); },
                                                 "the metadata of the variable is another one"};
  operators["conformant_value_data_type"] = {[](T t, C c) { return value_fits(t, c, false, true); },
                                             "the value is of the data type its value-level metadata states",
                                             true};
  operators["non_conformant_value_data_type"] = {
      [](T t, C c) { return value_fits(t, c, false, false); },
      "the value is not of the data type its value-level metadata states", true};
  operators["conformant_value_length"] = {[](T t, C c) { return value_fits(t, c, true, true); },
                                          "the value is no longer than its value-level metadata states",
                                          true};
  operators["non_conformant_value_length"] = {[](T t, C c) { return value_fits(t, c, true, false); },
                                              "the value is longer than its value-level metadata states",
                                              true};
}

}  // namespace trialmill::conform
