#include "conform/engine.hpp"

#include <algorithm>

#include "base/stop.hpp"
#include "base/text.hpp"
#include "conform/operations.hpp"
#include "conform/operators.hpp"

namespace trialmill::conform {

namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool class_in(const std::vector<std::string>& list, const std::string& class_name) {
  return has(list, class_name) || (class_name == "FINDINGS ABOUT" && has(list, "FINDINGS"));
}

bool domain_in(const std::vector<std::string>& list, const Dataset& dataset, bool exclude) {
  const auto starts = [&](const char* start) { return dataset.parts[0]->name.rfind(start, 0) == 0; };
  for (const std::string& item : list) {
    if (item == "ALL" || (!dataset.domain.empty() && item == dataset.domain)) return true;
    if ((item == "SUPP--" && starts("SUPP")) || (item == "SQ--" && starts("SQ"))) return true;
    if (item == "AP--" && dataset.prefix() != dataset.domain) return true;
    if (exclude && item == dataset.name) return true;
    for (const Part* part : dataset.parts) {
      if (item == part->name) return true;
    }
  }
  return false;
}

/// Why a dataset is out of the rule's scope; "" = it is in.
std::string out_of_scope(const Rule& rule, const Dataset& dataset) {
  if (!rule.domains.empty() && !domain_in(rule.domains, dataset, false)) return "domain not in scope";
  if (domain_in(rule.domains_out, dataset, true)) return "domain excluded";
  if (!rule.classes.empty() && !has(rule.classes, "ALL") && !class_in(rule.classes, dataset.class_name)) {
    return "class not in scope";
  }
  if (class_in(rule.classes_out, dataset.class_name)) return "class excluded";
  return {};
}

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

/// One row a cell: variable_name, variable_value, and the variable's or the dataset's metadata.
Frame value_frame(const Dataset& dataset, bool with_variables) {
  TextColumnBuilder names, values, labels, types;
  Frame frame;
  Rows records;
  Frame::Parts parts;
  for (const auto& [name, column] : dataset.frame.columns) {
    const VariableInfo* info = dataset.parts[0]->find(name);
    for (std::size_t row = 0; row < dataset.frame.rows; ++row) {
      names.add(name);
      values.add_value(column->value(row));
      labels.add(info == nullptr ? "" : info->label);
      types.add(info == nullptr ? "" : info->type);
      records.push_back(dataset.frame.record(row));
      parts.push_back(dataset.frame.part(row));
    }
  }
  frame.rows = records.size();
  frame.records = std::make_shared<const Rows>(std::move(records));
  frame.parts = std::make_shared<const Frame::Parts>(std::move(parts));
  frame.set("variable_name", names.finish());
  frame.set("variable_value", values.finish());
  if (with_variables) {
    frame.set("variable_label", labels.finish());
    frame.set("variable_data_type", types.finish());
  } else {
    add_dataset_metadata(frame, *dataset.parts[0]);
  }
  return frame;
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
      table.frame = value_frame(dataset, false);
      break;
    case RuleType::value_variable:
      table.frame = value_frame(dataset, true);
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

/// First two dashes anywhere become the prefix: what output variables allow.
std::string expand_output(const std::string& name, const std::string& prefix) {
  const std::size_t at = name.find("--");
  return at == std::string::npos ? name : name.substr(0, at) + prefix + name.substr(at + 2);
}

/// The columns an issue shows, in order; a cell that is a list of column names shows these columns too.
std::vector<std::string> targets_of(const Rule& rule, const Table& table) {
  std::vector<std::string> targets;
  const auto add = [&](const std::string& name) {
    if (!has(targets, name)) targets.push_back(name);
  };
  if (rule.output.empty()) {
    for (const std::string& name : rule.condition_names()) add(table.expand(name));
  } else {
    for (const std::string& name : rule.output) add(expand_output(name, table.prefix));
  }
  const std::vector<std::string> named = targets;
  for (const std::string& name : named) {
    const Column* column = table.frame.find(name);
    if (column == nullptr || column->size() == 0) continue;
    const Value value = column->value(0);
    if (value.kind != Kind::list) continue;
    for (const Value& item : *value.list) {
      if (item.kind == Kind::text && table.frame.find(item.text) != nullptr) add(item.text);
    }
  }
  return targets;
}

Issue issue_at(const Rule& rule, const Table& table, const Dataset& dataset, std::size_t row,
               const std::vector<std::string>& targets) {
  Issue issue;
  issue.dataset =
      rule.type == RuleType::domain_presence ? "STUDY" : dataset.parts[table.frame.part(row)]->name;
  issue.record = table.frame.record(row);
  if (rule.type == RuleType::record_data) {
    const Column* subject = table.frame.find("USUBJID");
    if (subject != nullptr) issue.subject = plain_text(subject->at(row));
  }
  for (const std::string& name : targets) {
    const Column* column = table.frame.find(name);
    issue.values.emplace_back(name, column == nullptr ? "Not in dataset" : printed(column->at(row)));
  }
  return issue;
}

void add_issues(const Rule& rule, const Table& table, const Dataset& dataset, const Mask& mask,
                RuleResult& result) {
  const auto first = std::find(mask.begin(), mask.end(), 1);
  if (first == mask.end()) return;
  const std::vector<std::string> targets = targets_of(rule, table);
  if (!rule.per_dataset) {
    for (std::size_t row = 0; row < mask.size(); ++row) {
      if (mask[row] != 0) result.issues.push_back(issue_at(rule, table, dataset, row, targets));
    }
    return;
  }
  Issue issue = issue_at(rule, table, dataset, static_cast<std::size_t>(first - mask.begin()), targets);
  issue.record.reset();
  issue.subject.clear();
  std::vector<std::string> names;
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const std::string& name = dataset.parts[table.frame.part(row)]->name;
    if (mask[row] != 0 && !has(names, name)) names.push_back(name);
  }
  if (rule.type != RuleType::domain_presence) issue.dataset = base::join(names, ", ");
  result.issues.push_back(std::move(issue));
}

void run_on(const Rule& rule, const Dataset& dataset, const Data& data, RuleResult& result) {
  const Table table = prepare_table(rule, dataset, data);
  const Mask mask = evaluate(table, rule.check);
  ++result.datasets;
  add_issues(rule, table, dataset, mask, result);
}

RuleResult run_rule(const Rule& rule, const Data& data, const RunOptions& options) {
  RuleResult result;
  result.rule = &rule;
  if (!rule.names_standard(options.standard, options.version, options.substandard)) {
    result.reason = "the rule does not name " + options.standard + " " + options.version;
    return result;
  }
  if (!rule.unsupported.empty()) {
    result.status = RuleStatus::not_executable;
    result.reason = rule.unsupported;
    return result;
  }
  for (const Dataset& dataset : data.datasets()) {
    const std::string out = out_of_scope(rule, dataset);
    if (!out.empty()) continue;
    try {
      run_on(rule, dataset, data, result);
    } catch (const SkipDataset& skip) {
      result.not_evaluated.push_back(dataset.name + ": " + skip.reason);
    } catch (const MissingColumn& missing) {
      result.not_evaluated.push_back(dataset.name + ": no variable " + missing.name);
    } catch (const ExecutionError& problem) {
      result.errors.push_back(dataset.name + ": " + problem.message);
      result.issues.push_back(
          {dataset.parts[0]->name, std::nullopt, "", {{"EXECUTION_ERROR", problem.message}}});
    }
  }
  if (!result.issues.empty()) {
    result.status = RuleStatus::issues;
  } else if (result.datasets > 0) {
    result.status = RuleStatus::passed;
  } else {
    result.reason =
        result.not_evaluated.empty() ? "no dataset in scope" : base::join(result.not_evaluated, "; ");
  }
  return result;
}

}  // namespace

std::string name_of(RuleStatus status) {
  switch (status) {
    case RuleStatus::passed:
      return "passed";
    case RuleStatus::issues:
      return "issues";
    case RuleStatus::skipped:
      return "skipped";
    case RuleStatus::not_executable:
      return "not executable";
  }
  return "";
}

Table prepare_table(const Rule& rule, const Dataset& dataset, const Data& data) {
  if (dataset.frame.rows == 0) throw SkipDataset{"no records"};
  Table table = table_for(rule, dataset, data);
  if (rule.type == RuleType::record_data) {
    const std::vector<std::string> names = referenced_names(rule);
    for (const Match& match : rule.matches) merge_dataset(table, match, dataset, data, names);
  }
  // Operations on metadata tables look at the records, and only their result joins the metadata.
  for (const Operation& operation : rule.operations) {
    if (rule.type == RuleType::record_data) {
      add_operation(table, operation, dataset, data);
      continue;
    }
    Table records{dataset.frame, dataset.prefix(), false};
    add_operation(records, operation, dataset, data);
    table.frame.set(operation.id,
                    Column::constant(records.frame.find(operation.id)->value(0), table.frame.rows));
  }
  return table;
}

std::vector<RuleResult> run_rules(const std::vector<Rule>& rules, const Data& data,
                                  const RunOptions& options) {
  std::vector<RuleResult> results;
  for (const Rule& rule : rules) {
    base::check_stop();
    results.push_back(run_rule(rule, data, options));
  }
  return results;
}

}  // namespace trialmill::conform
