#include "conform/operations.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "base/text.hpp"
#include "conform/dates.hpp"
#include "conform/operators_group.hpp"

namespace trialmill::conform {

namespace {

struct Call {
  Table& table;
  const Operation& operation;
  const Dataset& dataset;
  const Data& data;
  std::string domain() const { return operation.domain.empty() ? dataset.domain : operation.domain; }
};

/// The table an operation looks at: the rule's own one if it is of that domain, else the first file of it.
Table table_of(const Call& call) {
  const std::string& domain = call.operation.domain;
  const bool supplement = domain == "SUPP--";
  if (domain.empty() || domain == call.dataset.domain || domain == call.dataset.name || supplement)
    return call.table;
  const Part* part = call.data.find(domain);
  if (part == nullptr) throw SkipDataset{"dataset " + domain + " is not there"};
  return {part->frame, domain, false};
}

void broadcast(const Call& call, Value value) {
  call.table.frame.set(call.operation.id, Column::constant(std::move(value), call.table.frame.rows));
}

std::string key_of(const Frame& frame, const std::vector<const Column*>& columns, std::size_t row) {
  std::string key;
  for (const Column* column : columns) {
    const Cell cell = column->at(row);
    key += static_cast<char>('0' + static_cast<int>(cell.kind));
    key += printed(cell) + '\x1f';
  }
  return frame.rows == 0 ? "" : key;
}

/// Computes one value per group of the operation's table and brings it to the rule's rows by the group
/// columns.
void grouped(const Call& call, const Table& source, const std::function<Value(const Rows&)>& value_of,
             const Value& absent) {
  if (call.operation.group.empty()) {
    Rows all(source.frame.rows);
    for (std::size_t row = 0; row < all.size(); ++row) all[row] = static_cast<std::uint32_t>(row);
    return broadcast(call, value_of(all));
  }
  std::vector<std::string> names;
  for (const std::string& group : call.operation.group) {
    for (std::string& name : names_in(call.table, Value::of(group))) {
      if (source.frame.find(name) != nullptr || group.substr(0, 1) != "$") names.push_back(std::move(name));
    }
  }
  std::vector<ColumnPtr> kept;
  const auto columns = [&](const Table& table) {
    std::vector<const Column*> out;
    for (const std::string& name : names) {
      const Column* column = &table.column(name);
      if (!call.operation.regex.empty() && !column->numeric()) {
        kept.push_back(cut_by_regex(*column, call.operation.regex));
        column = kept.back().get();
      }
      out.push_back(column);
    }
    return out;
  };
  const std::vector<const Column*> theirs = columns(source), ours = columns(call.table);
  std::map<std::string, Rows> groups;
  for (std::size_t row = 0; row < source.frame.rows; ++row) {
    groups[key_of(source.frame, theirs, row)].push_back(static_cast<std::uint32_t>(row));
  }
  std::map<std::string, Value> values;
  for (const auto& [key, rows] : groups) values[key] = value_of(rows);
  std::vector<Value> out;
  for (std::size_t row = 0; row < call.table.frame.rows; ++row) {
    const auto found = values.find(key_of(call.table.frame, ours, row));
    out.push_back(found == values.end() ? absent : found->second);
  }
  call.table.frame.set(call.operation.id, Column::of(out));
}

Value distinct_of(const Column& column, const Rows& rows) {
  std::vector<Value> values;
  std::set<std::string> seen;
  for (const std::uint32_t row : rows) {
    const Cell cell = column.at(row);
    if (cell.is_null()) continue;
    if (seen.insert(std::string(1, cell.is_text() ? 't' : 'n') + plain_text(cell)).second) {
      values.push_back(column.value(row));
    }
  }
  return Value::of(std::move(values));
}

/// Names held by a column that are variables of the dataset each row's RDOMAIN names.
void distinct_references(const Call& call) {
  const Table& table = call.table;
  const Column& names = table.column(call.operation.name);
  const Column& domains = table.column("RDOMAIN");
  std::map<std::string, Value> known;
  std::vector<Value> out;
  for (std::size_t row = 0; row < table.frame.rows; ++row) {
    const std::string domain = plain_text(domains.at(row));
    if (known.count(domain) == 0) {
      const Part* part = call.data.find(domain);
      std::vector<Value> found;
      for (std::size_t other = 0; part != nullptr && other < table.frame.rows; ++other) {
        const Cell name = names.at(other);
        if (name.is_text() && part->frame.find(name.text) != nullptr && !holds(found, name)) {
          found.push_back(Value::of(std::string(name.text)));
        }
      }
      known[domain] = Value::of(std::move(found));
    }
    out.push_back(known[domain]);
  }
  call.table.frame.set(call.operation.id, Column::of(out));
}

void distinct(const Call& call) {
  if (call.operation.reference) return distinct_references(call);
  const Table source = table_of(call);
  const Column& column = source.column(call.operation.name);
  grouped(
      call, source, [&](const Rows& rows) { return distinct_of(column, rows); },
      Value::of(std::vector<Value>{}));
}

void extreme_date(const Call& call, bool greatest) {
  const Table source = table_of(call);
  const Column& column = source.column(call.operation.name);
  const auto pick = [&](const Rows& rows) {
    Value best;
    for (const std::uint32_t row : rows) {
      const Cell cell = column.at(row);
      if (!cell.is_text()) continue;
      const bool better = greatest ? cell.text > best.text : cell.text < best.text;
      if (best.kind == Kind::null || better) best = column.value(row);
    }
    return best;
  };
  grouped(call, source, pick, Value{});
}

void record_count(const Call& call) {
  const Table source = table_of(call);
  const auto passes = [&](std::uint32_t row) {
    for (const auto& [name, wanted] : call.operation.filter) {
      const Cell cell = source.column(name).at(row);
      const bool prefix = wanted.kind == Kind::text && !wanted.text.empty() && wanted.text.back() == '&';
      if (prefix) {
        const std::string start = wanted.text.substr(0, wanted.text.size() - 1);
        if (!cell.is_text() || cell.text.substr(0, start.size()) != start) return false;
      } else if (wanted.kind == Kind::list ? !holds(*wanted.list, cell) : !same(cell, wanted)) {
        return false;
      }
    }
    return true;
  };
  grouped(
      call, source,
      [&](const Rows& rows) {
        return Value::integer(static_cast<double>(std::count_if(rows.begin(), rows.end(), passes)));
      },
      Value::integer(0));
}

/// Study day of a date against RFSTDTC of DM: no day 0; null where either is partial.
void study_day(const Call& call) {
  const Column& dates = call.table.column(call.operation.name);
  const Column& starts = call.table.column("RFSTDTC");
  std::vector<double> days;
  for (std::size_t row = 0; row < call.table.frame.rows; ++row) {
    const Cell date = dates.at(row), start = starts.at(row);
    const auto x = date.is_text() ? parse_date(date.text.substr(0, 10)) : std::nullopt;
    const auto y = start.is_text() ? parse_date(start.text.substr(0, 10)) : std::nullopt;
    if (!x || !y || x->precision() < 3 || y->precision() < 3) {
      days.push_back(std::nan(""));
      continue;
    }
    const long difference = days_of(*x) - days_of(*y);
    days.push_back(static_cast<double>(difference >= 0 ? difference + 1 : difference));
  }
  call.table.frame.set(call.operation.id, std::make_shared<const Column>(std::move(days), true));
}

void variable_count(const Call& call) {
  double count = 0;
  for (const Dataset& dataset : call.data.datasets()) {
    const Table other{{}, dataset.prefix(), false};
    if (dataset.frame.find(other.expand(call.operation.name)) != nullptr) ++count;
  }
  broadcast(call, Value::integer(count));
}

void variable_exists(const Call& call) {
  const Table source = table_of(call);
  broadcast(call, Value::of(source.frame.find(source.expand(call.operation.name)) != nullptr));
}

void extract_metadata(const Call& call) {
  const Part& part = *call.dataset.parts[0];
  if (call.operation.name == "dataset_name") return broadcast(call, Value::of(part.name));
  if (call.operation.name == "dataset_label") return broadcast(call, Value::of(part.label));
  if (call.operation.name == "dataset_location") return broadcast(call, Value::of(part.file));
  if (call.operation.name == "dataset_size") return broadcast(call, Value::integer(part.size));
  throw SkipDataset{"metadata '" + call.operation.name + "' is not known"};
}

void dataset_names(const Call& call) {
  std::vector<std::string> names;
  for (const auto& part : call.data.parts()) names.push_back(part->name);
  broadcast(call, Value::of_texts(names));
}

void study_domains(const Call& call) {
  std::vector<std::string> names;
  for (const auto& part : call.data.parts()) {
    if (std::find(names.begin(), names.end(), part->domain) == names.end()) names.push_back(part->domain);
  }
  broadcast(call, Value::of_texts(names));
}

const standards::SdtmIg& guide(const Call& call) {
  if (call.data.ig() == nullptr) throw SkipDataset{"the standard's variable tables are not held"};
  return *call.data.ig();
}

void domain_is_custom(const Call& call) {
  const standards::SdtmIg& ig = guide(call);
  const std::string& name = call.dataset.name;
  broadcast(call, Value::of(ig.find_dataset(name) == nullptr && ig.model_dataset(name) == nullptr));
}

void domain_label(const Call& call) {
  broadcast(call, Value::of(guide(call).dataset_label(call.dataset.name)));
}

void dataset_columns(const Call& call) {
  broadcast(call, Value::of_texts(call.dataset.parts[0]->frame.names()));
}

bool is_observation(const std::string& class_name) {
  return class_name == "EVENTS" || class_name == "INTERVENTIONS" || class_name == "FINDINGS" ||
         class_name == "FINDINGS ABOUT";
}

/// The model's variables for a dataset, dashes replaced: identifiers, class variables, timing variables.
std::vector<standards::Variable> model_variables(const Call& call, const std::string& name,
                                                 const std::string& class_name, const std::string& prefix) {
  const standards::SdtmIg& ig = guide(call);
  std::vector<standards::Variable> out;
  const auto add = [&](const standards::Dataset* from, const std::string& role, bool but) {
    if (from == nullptr) return;
    for (standards::Variable variable : from->variables) {
      if (!role.empty() && (variable.role == role) == but) continue;
      if (variable.name.substr(0, 2) == "--") variable.name = prefix + variable.name.substr(2);
      out.push_back(std::move(variable));
    }
  };
  if (!is_observation(class_name)) {
    add(ig.model_dataset(name), "", false);
    return out;
  }
  const standards::Dataset* general = ig.model_class("General Observations");
  add(general, "Identifier", false);
  const std::string known = class_name == "EVENTS"          ? "Events"
                            : class_name == "INTERVENTIONS" ? "Interventions"
                                                            : "Findings";
  add(ig.model_class(known), "", false);
  if (class_name == "FINDINGS ABOUT") add(ig.model_class("Findings About"), "", false);
  add(general, "Timing", false);
  return out;
}

/// The same with the guide's rows in place of the model's where it has them; the guide's table for other
/// classes.
std::vector<standards::Variable> library_variables(const Call& call) {
  const standards::SdtmIg& ig = guide(call);
  const standards::Dataset* known = ig.find_dataset(call.dataset.name);
  if (!is_observation(call.dataset.class_name))
    return known == nullptr ? std::vector<standards::Variable>{} : known->variables;
  std::vector<standards::Variable> out =
      model_variables(call, call.dataset.name, call.dataset.class_name, call.dataset.prefix());
  for (standards::Variable& variable : out) {
    const standards::Variable* own = known == nullptr ? nullptr : known->find(variable.name);
    if (own != nullptr) variable = *own;
  }
  return out;
}

void put_names(const Call& call, const std::vector<standards::Variable>& variables,
               const std::function<bool(const standards::Variable&)>& wanted) {
  std::vector<std::string> names;
  for (const standards::Variable& variable : variables) {
    if (wanted(variable)) names.push_back(variable.name);
  }
  broadcast(call, Value::of_texts(names));
}

void by_core(const Call& call, const std::string& core) {
  put_names(call, library_variables(call), [&](const standards::Variable& v) { return v.core == core; });
}

void model_order(const Call& call) {
  put_names(call, model_variables(call, call.dataset.name, call.dataset.class_name, call.dataset.prefix()),
            [](const standards::Variable&) { return true; });
}

void parent_model_order(const Call& call) {
  const std::string parent = call.dataset.parts[0]->rdomain;
  for (const Dataset& dataset : call.data.datasets()) {
    if (dataset.domain != parent) continue;
    return put_names(call, model_variables(call, dataset.name, dataset.class_name, dataset.prefix()),
                     [](const standards::Variable&) { return true; });
  }
  throw SkipDataset{"dataset " + parent + " is not there"};
}

bool key_matches(const Call& call, const standards::Variable& variable) {
  const std::string& key = call.operation.key_name;
  const std::string& wanted = call.operation.key_value;
  return key == "role" ? variable.role == wanted : key == "core" ? variable.core == wanted : false;
}

const std::map<std::string, void (*)(const Call&)>& table_of_operations() {
  static const std::map<std::string, void (*)(const Call&)> operations{
      {"distinct", distinct},
      {"min_date", [](const Call& c) { extreme_date(c, false); }},
      {"max_date", [](const Call& c) { extreme_date(c, true); }},
      {"record_count", record_count},
      {"dy", study_day},
      {"variable_count", variable_count},
      {"variable_exists", variable_exists},
      {"extract_metadata", extract_metadata},
      {"dataset_names", dataset_names},
      {"study_domains", study_domains},
      {"domain_is_custom", domain_is_custom},
      {"domain_label", domain_label},
      {"get_column_order_from_dataset", dataset_columns},
      {"required_variables", [](const Call& c) { by_core(c, "Req"); }},
      {"expected_variables", [](const Call& c) { by_core(c, "Exp"); }},
      {"get_column_order_from_library",
       [](const Call& c) {
         put_names(c, library_variables(c), [](const standards::Variable&) { return true; });
       }},
      {"get_dataset_filtered_variables",
       [](const Call& c) {
         const Frame& frame = c.dataset.frame;
         put_names(c, library_variables(c), [&](const standards::Variable& v) {
           return key_matches(c, v) && frame.find(v.name) != nullptr;
         });
       }},
      {"get_model_column_order", model_order},
      {"get_parent_model_column_order", parent_model_order},
      {"get_model_filtered_variables", [](const Call& c) {
         put_names(c, model_variables(c, c.dataset.name, c.dataset.class_name, c.dataset.prefix()),
                   [&](const standards::Variable& v) { return key_matches(c, v); });
       }}};
  return operations;
}

}  // namespace

bool knows_operation(const std::string& name) {
  return table_of_operations().count(name) > 0;
}

void add_operation(Table& table, const Operation& operation, const Dataset& dataset, const Data& data) {
  table_of_operations().at(operation.operator_name)({table, operation, dataset, data});
}

}  // namespace trialmill::conform
