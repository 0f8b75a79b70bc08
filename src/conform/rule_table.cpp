// The tables that rules' checks look at: records as delivered, with joined datasets and operation results, or
// one row a dataset, a variable or a value for the rules about metadata.
#include "conform/rule_table.hpp"

#include <algorithm>
#include <set>

#include "conform/define_table.hpp"
#include "conform/define_values.hpp"
#include "conform/metadata_table.hpp"
#include "conform/operators.hpp"

namespace trialmill::conform {

namespace {

/// True if the check gives every row's bit from that row alone.
bool looks_at_single_rows(const Check& check) {
  if (check.kind == Check::Kind::condition) {
    const auto found = operators().find(check.condition.operator_name);
    return found != operators().end() && !found->second.whole_column;
  }
  return std::all_of(check.children.begin(), check.children.end(), looks_at_single_rows);
}

/// Columns of `right`, which has one row, for every row of `left`.
Frame with_constants(Frame left, const Frame& right) {
  for (const auto& [name, column] : right.columns)
    left.set(name, Column::constant(column->value(0), left.rows));
  return left;
}

/// Every cell with what the Define-XML says about its variable.
Frame define_values_frame(const Dataset& dataset, const Frame& variables) {
  const Frame values = all_values_frame(dataset, true);
  Frame joined = join_by_name(values, "variable_name", variables, "define_variable_name", false);
  joined.records = values.records;
  joined.parts = values.parts;
  return joined;
}

/// The table of the rule types that need a Define-XML. Throws SkipDataset if it does not define the dataset.
Frame define_frame(RuleType type, const Dataset& dataset, const Data& data) {
  const formats::define::Document& define = *data.define();
  switch (type) {
    case RuleType::define_item:
      return define_variables(define, dataset);
    case RuleType::define_item_library:
      return join_by_name(define_variables(define, dataset), "define_variable_name",
                          library_frame(dataset, data.ig()), "library_variable_name", false);
    case RuleType::define_item_group:
      return define_dataset(define, dataset);
    case RuleType::dataset_define:
      return with_constants(dataset_frame(dataset), define_dataset(define, dataset));
    case RuleType::variable_define:
      return join_by_name(variable_frame(dataset, nullptr, false), "variable_name",
                          define_variables(define, dataset), "define_variable_name", true);
    case RuleType::variable_define_library:
      return join_by_name(variable_frame(dataset, data.ig(), true), "variable_name",
                          define_variables(define, dataset), "define_variable_name", true);
    case RuleType::value_define:
      return define_values_frame(dataset, define_variables(define, dataset));
    case RuleType::value_vlm_define:
      return value_level_frame(define, dataset);
    case RuleType::value_level_define:
      define_group(define, dataset);  // throws if there is none
      return dataset.frame;
    case RuleType::presence_define:
      return join_by_name(define_datasets(define), "define_dataset_name", delivered_frame(data),
                          "dataset_name", false);
    default:  // Dataset Contents Check
      return with_constants(with_constants(dataset.frame, dataset_frame(dataset)),
                            define_dataset(define, dataset));
  }
}

Table table_for(const Rule& rule, const Dataset& dataset, const Data& data) {
  Table table{{}, dataset.prefix(), false, &dataset, &data};
  switch (rule.type) {
    case RuleType::domain_presence:
      table.frame = presence_frame(data);
      table.columns_are_domains = true;
      break;
    case RuleType::dataset_metadata:
      table.frame = dataset_frame(dataset);
      break;
    case RuleType::variable_metadata:
      table.frame = variable_frame(dataset, data.ig(), false);
      break;
    case RuleType::variable_library:
      table.frame = variable_frame(dataset, data.ig(), true);
      break;
    case RuleType::value_dataset:
      table.frame = all_values_frame(dataset, false);
      break;
    case RuleType::value_variable:
      table.frame = all_values_frame(dataset, true);
      break;
    case RuleType::record_data:
      table.frame = dataset.frame;
      break;
    default:
      table.frame = define_frame(rule.type, dataset, data);
      break;
  }
  return table;
}

void collect_names(const Check& check, std::vector<std::string>& out) {
  if (check.kind == Check::Kind::condition) {
    out.push_back(check.condition.name);
    if (check.condition.value.kind == Kind::text) out.push_back(check.condition.value.text);
  }
  for (const Check& child : check.children) collect_names(child, out);
}

std::vector<std::string> referenced_names(const Rule& rule) {
  std::vector<std::string> names = rule.output;
  collect_names(rule.check, names);
  for (const Operation& operation : rule.operations) names.push_back(operation.name);
  return names;
}

/// The same for all rules that join the same datasets and name the same of their variables as NAME.VAR.
std::string key_of(const Rule& rule, const std::vector<std::string>& names) {
  std::string key;
  for (const Match& match : rule.matches) {
    key += match.name + '\x1f' + match.wildcard + (match.child ? '1' : '0') + (match.left_join ? '1' : '0');
    for (const auto& [left, right] : match.keys) key += '\x1f' + left + '=' + right;
    std::set<std::string> qualified;
    for (const std::string& name : names) {
      if (name.rfind(match.name + ".", 0) == 0) qualified.insert(name);
    }
    for (const std::string& name : qualified) key += '\x1f' + name;
    key += '\x1e';
  }
  return key;
}

/// The same for operations with the same result on a dataset whose records were not joined; "" if the result
/// depends on what the rule did before, or is more than one column.
std::string key_of(const Operation& operation) {
  const bool alone = operation.signature.find('$') == std::string::npos && !adds_several_columns(operation);
  return alone ? operation.signature : "";
}

void add_operations(Table& table, const Rule& rule, const Dataset& dataset, const Data& data,
                    SharedWork* shared) {
  const bool records = looks_at_records(rule.type);
  for (const Operation& operation : rule.operations) {
    if (adds_several_columns(operation)) {
      add_operation(table, operation, dataset, data);
      continue;
    }
    const auto make = [&] {
      // Operations on metadata tables look at the records, and only their result joins the metadata.
      Table source = records ? table : Table{dataset.frame, dataset.prefix(), false, &dataset, &data};
      add_operation(source, operation, dataset, data);
      return source.frame.find(operation.id)->shared_from_this();
    };
    const std::string key = shared == nullptr || (records && rule.type != RuleType::record_data) ||
                                    (records && !rule.matches.empty())
                                ? ""
                                : key_of(operation);
    ColumnPtr column = key.empty() ? make() : shared->operation(key, make);
    if (!records) column = Column::constant(column->value(0), table.frame.rows);
    table.frame.set(operation.id, std::move(column));
  }
}

}  // namespace

Table prepare_table(const Rule& rule, const Dataset& dataset, const Data& data, SharedWork* shared) {
  if (dataset.frame.rows == 0) throw SkipDataset{"no records"};
  Table table = table_for(rule, dataset, data);
  if (looks_at_records(rule.type) && !rule.matches.empty()) {
    const std::vector<std::string> names = referenced_names(rule);
    const auto merge = [&] {
      Table merged = table;
      for (const Match& match : rule.matches) merge_dataset(merged, match, dataset, data, names);
      return merged.frame;
    };
    table.frame = shared == nullptr || rule.type != RuleType::record_data
                      ? merge()
                      : shared->merged(key_of(rule, names), merge);
  }
  add_operations(table, rule, dataset, data, shared);
  return table;
}

void check_dataset(const Rule& rule, const Dataset& dataset, const Data& data, SharedWork* shared,
                   const std::function<void(const Table&, const Mask&)>& found) {
  const bool values = rule.type == RuleType::value_dataset || rule.type == RuleType::value_variable;
  if (!values || rule.per_dataset || !rule.grouping.empty() || !looks_at_single_rows(rule.check) ||
      dataset.frame.rows == 0) {
    const Table table = prepare_table(rule, dataset, data, shared);
    found(table, evaluate(table, rule.check));
    return;
  }
  for (const auto& [name, column] : dataset.frame.columns) {
    Table table{value_frame(dataset, name, column, rule.type == RuleType::value_variable), dataset.prefix(),
                false, &dataset, &data};
    add_operations(table, rule, dataset, data, shared);
    found(table, evaluate(table, rule.check));
  }
}

}  // namespace trialmill::conform
