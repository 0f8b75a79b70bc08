// The tables that rules' checks look at: records as delivered, with joined datasets and operation results, or
// one row a dataset, a variable or a value for the rules about metadata.
#include "conform/rule_table.hpp"

#include <algorithm>
#include <set>

namespace trialmill::conform {

namespace {

/// One row, one column for each dataset, named by its domain, holding the file name.
Frame presence_frame(const Data& data) {
  Frame frame;
  frame.rows = 1;
  for (const auto& part : data.parts()) {
    const std::string& name = part->domain.empty() ? part->name : part->domain;
    if (frame.find(name) == nullptr) frame.set(name, Column::constant(Value::of(part->file), 1));
    if (frame.find(part->name) == nullptr) frame.set(part->name, Column::constant(Value::of(part->file), 1));
  }
  return frame;
}

void add_dataset_metadata(Frame& frame, const Part& part) {
  const auto put = [&](const char* name, Value value) {
    frame.set(name, Column::constant(std::move(value), frame.rows));
  };
  put("dataset_name", Value::of(part.name));
  put("dataset_label", part.label.empty() ? Value{} : Value::of(part.label));
  put("dataset_location", Value::of(part.file));
  put("dataset_size", Value::integer(part.size));
  put("record_count", Value::integer(static_cast<double>(part.frame.rows)));
}

Frame dataset_frame(const Dataset& dataset) {
  std::vector<Frame> frames;
  for (std::size_t i = 0; i < dataset.parts.size(); ++i) {
    frames.emplace_back().rows = 1;
    add_dataset_metadata(frames.back(), *dataset.parts[i]);
  }
  std::vector<const Frame*> all;
  for (const Frame& frame : frames) all.push_back(&frame);
  return concatenate(all);
}

/// One row a variable; `ig` adds what the guide says about it.
Frame variable_frame(const Dataset& dataset, const standards::SdtmIg* ig, bool library) {
  const std::vector<std::string> names = dataset.frame.names();
  std::vector<Value> name, label, type, order, length, library_name, library_label, library_type,
      library_core;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const VariableInfo* info = dataset.parts[0]->find(names[i]);
    name.push_back(Value::of(names[i]));
    label.push_back(info == nullptr || info->label.empty() ? Value{} : Value::of(info->label));
    type.push_back(info == nullptr ? Value{} : Value::of(info->type));
    length.push_back(info == nullptr ? Value{} : Value::real(info->length));
    order.push_back(Value::integer(static_cast<double>(i + 1)));
    const standards::Dataset* known = library && ig != nullptr ? ig->find_dataset(dataset.name) : nullptr;
    const standards::Variable* variable = known == nullptr ? nullptr : known->find(names[i]);
    library_name.push_back(variable == nullptr ? Value{} : Value::of(variable->name));
    library_label.push_back(variable == nullptr ? Value{} : Value::of(variable->label));
    library_type.push_back(variable == nullptr ? Value{} : Value::of(variable->type));
    library_core.push_back(variable == nullptr ? Value{} : Value::of(variable->core));
  }
  Frame frame;
  frame.rows = names.size();
  frame.set("variable_name", Column::of(name));
  frame.set("variable_label", Column::of(label));
  frame.set("variable_data_type", Column::of(type));
  frame.set("variable_size", Column::of(length));
  frame.set("variable_order_number", Column::of(order));
  if (library) {
    frame.set("library_variable_name", Column::of(library_name));
    frame.set("library_variable_label", Column::of(library_label));
    frame.set("library_variable_data_type", Column::of(library_type));
    frame.set("library_variable_core", Column::of(library_core));
  }
  return frame;
}

/// The variable's rows of the table for rules about values: variable_name, variable_value, and the variable's
/// or the dataset's metadata.
Frame value_frame(const Dataset& dataset, const std::string& name, ColumnPtr column, bool with_variables) {
  const VariableInfo* info = dataset.parts[0]->find(name);
  Frame frame;
  frame.rows = dataset.frame.rows;
  frame.records = dataset.frame.records;
  frame.parts = dataset.frame.parts;
  const auto put = [&](const char* called, const std::string& text) {
    frame.set(called, Column::constant(text.empty() ? Value{} : Value::of(text), frame.rows));
  };
  put("variable_name", name);
  frame.set("variable_value", std::move(column));
  if (with_variables) {
    put("variable_label", info == nullptr ? "" : info->label);
    put("variable_data_type", info == nullptr ? "" : info->type);
  } else {
    add_dataset_metadata(frame, *dataset.parts[0]);
  }
  return frame;
}

/// One row a cell of the dataset, variable after variable.
Frame all_values_frame(const Dataset& dataset, bool with_variables) {
  std::vector<Frame> frames;
  std::vector<const Frame*> all;
  Frame::Parts parts;
  for (const auto& [name, column] : dataset.frame.columns) {
    frames.push_back(value_frame(dataset, name, column, with_variables));
    for (std::size_t row = 0; row < dataset.frame.rows; ++row) parts.push_back(dataset.frame.part(row));
  }
  for (const Frame& frame : frames) all.push_back(&frame);
  Frame out = concatenate(all);
  out.parts = std::make_shared<const Frame::Parts>(std::move(parts));
  return out;
}

/// True if the check gives every row's bit from that row alone.
bool looks_at_single_rows(const Check& check) {
  static const std::set<std::string> several{"is_not_unique_set",
                                             "is_unique_set",
                                             "is_not_unique_relationship",
                                             "is_inconsistent_across_dataset",
                                             "present_on_multiple_rows_within",
                                             "not_present_on_multiple_rows_within",
                                             "empty_within_except_last_row",
                                             "does_not_have_next_corresponding_record",
                                             "target_is_not_sorted_by",
                                             "not_contains_all",
                                             "longer_than"};  // this one breaks on a numeric variable
  if (check.kind == Check::Kind::condition) return several.count(check.condition.operator_name) == 0;
  return std::all_of(check.children.begin(), check.children.end(), looks_at_single_rows);
}

Table table_for(const Rule& rule, const Dataset& dataset, const Data& data) {
  Table table{{}, dataset.prefix(), false};
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
    default:
      table.frame = dataset.frame;
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
    key += match.name + '\x1f' + match.wildcard + (match.child ? '1' : '0');
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
/// depends on what the rule did before.
std::string key_of(const Operation& operation) {
  std::string key = operation.operator_name;
  const auto add = [&](const std::string& text) { key += '\x1f' + text; };
  for (const std::string* text :
       {&operation.name, &operation.domain, &operation.key_name, &operation.key_value, &operation.regex,
        &operation.level, &operation.returntype})
    add(*text);
  for (const std::string& group : operation.group) add("group " + group);
  for (const std::string& codelist : operation.codelists) add("codelist " + codelist);
  for (const auto& [name, value] : operation.filter) {
    add("filter " + name + " " + std::to_string(static_cast<int>(value.kind)) + " " + printed(value));
  }
  if (operation.reference) add("reference");
  return key.find('$') == std::string::npos ? key : "";
}

void add_operations(Table& table, const Rule& rule, const Dataset& dataset, const Data& data,
                    SharedWork* shared) {
  const bool records = rule.type == RuleType::record_data;
  for (const Operation& operation : rule.operations) {
    const auto make = [&] {
      // Operations on metadata tables look at the records, and only their result joins the metadata.
      Table source = records ? table : Table{dataset.frame, dataset.prefix(), false};
      add_operation(source, operation, dataset, data);
      return source.frame.find(operation.id)->shared_from_this();
    };
    const std::string key = shared == nullptr || (records && !rule.matches.empty()) ? "" : key_of(operation);
    ColumnPtr column = key.empty() ? make() : shared->operation(key, make);
    if (!records) column = Column::constant(column->value(0), table.frame.rows);
    table.frame.set(operation.id, std::move(column));
  }
}

}  // namespace

Table prepare_table(const Rule& rule, const Dataset& dataset, const Data& data, SharedWork* shared) {
  if (dataset.frame.rows == 0) throw SkipDataset{"no records"};
  Table table = table_for(rule, dataset, data);
  if (rule.type == RuleType::record_data && !rule.matches.empty()) {
    const std::vector<std::string> names = referenced_names(rule);
    const auto merge = [&] {
      Table merged = table;
      for (const Match& match : rule.matches) merge_dataset(merged, match, dataset, data, names);
      return merged.frame;
    };
    table.frame = shared == nullptr ? merge() : shared->merged(key_of(rule, names), merge);
  }
  add_operations(table, rule, dataset, data, shared);
  return table;
}

void check_dataset(const Rule& rule, const Dataset& dataset, const Data& data, SharedWork* shared,
                   const std::function<void(const Table&, const Mask&)>& found) {
  const bool values = rule.type == RuleType::value_dataset || rule.type == RuleType::value_variable;
  if (!values || rule.per_dataset || !looks_at_single_rows(rule.check) || dataset.frame.rows == 0) {
    const Table table = prepare_table(rule, dataset, data, shared);
    found(table, evaluate(table, rule.check));
    return;
  }
  for (const auto& [name, column] : dataset.frame.columns) {
    Table table{value_frame(dataset, name, column, rule.type == RuleType::value_variable), dataset.prefix(),
                false};
    add_operations(table, rule, dataset, data, shared);
    found(table, evaluate(table, rule.check));
  }
}

}  // namespace trialmill::conform
