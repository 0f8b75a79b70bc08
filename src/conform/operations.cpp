#include "conform/operations.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

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
  const std::size_t rows = call.table.frame.rows;
  const JointGrouping groups = group_jointly(ours, rows, theirs, source.frame.rows);
  GroupRows members(groups.right, groups.count);
  std::vector<Value> values{Value{}, absent};
  std::vector<std::uint32_t> code(groups.count, 1);
  for (std::size_t group = 0; group < groups.count; ++group) {
    if (members.size(group) == 0) continue;
    code[group] = static_cast<std::uint32_t>(values.size());
    values.push_back(value_of(Rows(members.begin(group), members.end(group))));
  }
  std::vector<std::uint32_t> codes(rows);
  for (std::size_t row = 0; row < rows; ++row) codes[row] = code[groups.left[row]];
  call.table.frame.set(call.operation.id,
                       std::make_shared<const Column>(
                           std::move(codes), std::make_shared<const Dictionary>(std::move(values), false)));
}

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
  call.table.frame.set(call.operation.id,
                       std::make_shared<const Column>(
                           std::move(codes), std::make_shared<const Dictionary>(std::move(values), false)));
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
  Mask passes(source.frame.rows, 1);
  for (const auto& filter : call.operation.filter) {
    const Value& wanted = filter.second;
    const bool prefix = wanted.kind == Kind::text && !wanted.text.empty() && wanted.text.back() == '&';
    const std::string start = prefix ? wanted.text.substr(0, wanted.text.size() - 1) : "";
    const Mask mask = source.column(filter.first).map([&](const Cell& cell) {
      if (prefix) return cell.is_text() && cell.text.substr(0, start.size()) == start;
      return wanted.kind == Kind::list ? holds(*wanted.list, cell) : same(cell, wanted);
    });
    for (std::size_t row = 0; row < passes.size(); ++row) passes[row] &= mask[row];
  }
  grouped(
      call, source,
      [&](const Rows& rows) {
        return Value::integer(static_cast<double>(
            std::count_if(rows.begin(), rows.end(), [&](std::uint32_t row) { return passes[row] != 0; })));
      },
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

/// The model's variables for a dataset; for associated persons those that identify them, too.
std::vector<standards::Variable> model_variables(const Call& call, const Dataset& dataset) {
  const standards::SdtmIg& ig = guide(call);
  std::vector<standards::Variable> out =
      ig.model_variables(dataset.name, dataset.class_name, dataset.prefix());
  const standards::Dataset* persons = ig.model_class("Associated Persons");
  if (persons == nullptr || dataset.prefix() == dataset.domain) return out;
  const auto after_identifiers = std::find_if(
      out.begin(), out.end(), [](const standards::Variable& v) { return v.role != "Identifier"; });
  out.insert(after_identifiers, persons->variables.begin(), persons->variables.end());
  return out;
}

std::vector<standards::Variable> library_variables(const Call& call) {
  return guide(call).guide_variables(call.dataset.name, call.dataset.class_name, call.dataset.prefix());
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
  put_names(call, model_variables(call, call.dataset), [](const standards::Variable&) { return true; });
}

void parent_model_order(const Call& call) {
  const std::string parent = call.dataset.parts[0]->rdomain;
  for (const Dataset& dataset : call.data.datasets()) {
    if (dataset.domain != parent) continue;
    return put_names(call, model_variables(call, dataset), [](const standards::Variable&) { return true; });
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
         put_names(c, model_variables(c, c.dataset),
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
