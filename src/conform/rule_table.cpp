// The tables that rules' checks look at: records as delivered, with joined datasets and operation results, or
// one row a dataset, a variable or a value for the rules about metadata.
#include "conform/rule_table.hpp"

#include <algorithm>
#include <set>

#include "conform/define_table.hpp"
#include "conform/define_values.hpp"
#include "conform/operators.hpp"
#include "conform/python_regex.hpp"

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
  put("dataset_domain", part.domain.empty() ? Value{} : Value::of(part.domain));
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

/// One row a variable of the guide's table for the dataset; none for a custom domain.
Frame library_frame(const Dataset& dataset, const standards::SdtmIg* ig) {
  std::vector<Value> name, label, type, core, role, order, ccode, has_codelist;
  const standards::Dataset* known = ig == nullptr ? nullptr : ig->find_dataset(dataset.name);
  for (std::size_t i = 0; known != nullptr && i < known->variables.size(); ++i) {
    const standards::Variable& variable = known->variables[i];
    name.push_back(Value::of(variable.name));
    label.push_back(Value::of(variable.label));
    type.push_back(Value::of(variable.type));
    core.push_back(Value::of(variable.core));
    role.push_back(Value::of(variable.role));
    order.push_back(Value::integer(variable.order));
    ccode.push_back(variable.codelist.empty() ? Value{} : Value::of(variable.codelists()[0]));
    has_codelist.push_back(Value::of(!variable.codelist.empty()));
  }
  Frame frame;
  frame.rows = name.size();
  frame.set("library_variable_name", Column::of(name));
  frame.set("library_variable_label", Column::of(label));
  frame.set("library_variable_data_type", Column::of(type));
  frame.set("library_variable_core", Column::of(core));
  frame.set("library_variable_role", Column::of(role));
  frame.set("library_variable_order_number", Column::of(order));
  frame.set("library_variable_ccode", Column::of(ccode));
  frame.set("library_variable_has_codelist", Column::of(has_codelist));
  return frame;
}

/// One row a variable; `library` adds what the guide says about it.
Frame variable_frame(const Dataset& dataset, const standards::SdtmIg* ig, bool library) {
  const std::vector<std::string> names = dataset.frame.names();
  std::vector<Value> name, label, type, order, length, format;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const VariableInfo* info = dataset.parts[0]->find(names[i]);
    name.push_back(Value::of(names[i]));
    label.push_back(info == nullptr || info->label.empty() ? Value{} : Value::of(info->label));
    type.push_back(info == nullptr ? Value{} : Value::of(info->type));
    length.push_back(info == nullptr ? Value{} : Value::real(info->length));
    order.push_back(Value::integer(static_cast<double>(i + 1)));
    format.emplace_back();  // no source of ours gives one
  }
  Frame frame;
  frame.rows = names.size();
  frame.set("variable_name", Column::of(name));
  frame.set("variable_label", Column::of(label));
  frame.set("variable_data_type", Column::of(type));
  frame.set("variable_size", Column::of(length));
  frame.set("variable_order_number", Column::of(order));
  frame.set("variable_format", Column::of(format));
  if (!library) return frame;
  std::vector<Value> is_empty_throughout, has_empty;
  for (const auto& [column_name, column] : dataset.frame.columns) {
    const Mask empty = column->map([](const Cell& cell) { return is_empty(cell); });
    const bool some = std::find(empty.begin(), empty.end(), 1) != empty.end();
    const bool filled = std::find(empty.begin(), empty.end(), 0) != empty.end();
    is_empty_throughout.push_back(Value::of(!filled));
    has_empty.push_back(Value::of(some));
  }
  frame.set("variable_is_empty", Column::of(is_empty_throughout));
  frame.set("variable_has_empty_values", Column::of(has_empty));
  return join_by_name(frame, "variable_name", library_frame(dataset, ig), "library_variable_name", false);
}

/// One row a file or table as delivered.
Frame delivered_frame(const Data& data) {
  std::vector<Value> names, domains, files;
  for (const auto& part : data.parts()) {
    names.push_back(Value::of(part->name));
    domains.push_back(Value::of(part->domain.empty() ? part->name : part->domain));
    files.push_back(Value::of(part->file));
  }
  Frame frame;
  frame.rows = names.size();
  frame.set("dataset_name", Column::of(names));
  frame.set("domain", Column::of(domains));
  frame.set("filename", Column::of(files));
  return frame;
}

/// The length in characters of every value, as operators print it; null where there is none.
ColumnPtr lengths_of(ColumnPtr column) {
  const std::size_t rows = column->size();
  return std::make_shared<const Column>(rows, true, [column = std::move(column), rows] {
    Column::Content content;
    content.integral = true;
    for (std::size_t row = 0; row < rows; ++row) {
      const Cell cell = column->at(row);
      content.numbers.push_back(cell.is_null() ? std::nan("")
                                               : static_cast<double>(characters(plain_text(cell))));
    }
    return content;
  });
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
    frame.set("variable_size",
              Column::constant(info == nullptr ? Value{} : Value::real(info->length), frame.rows));
    frame.set("variable_value_length", lengths_of(frame.columns[1].second));
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
