#include "conform/operations.hpp"

#include <algorithm>
#include <numeric>

#include "conform/operation_call.hpp"
#include "conform/operators_group.hpp"

namespace trialmill::conform {

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

void add_coded(const Call& call, std::vector<std::uint32_t> codes, std::vector<Value> values) {
  call.table.frame.set(call.operation.id,
                       std::make_shared<const Column>(
                           std::move(codes), std::make_shared<const Dictionary>(std::move(values), false)));
}

namespace {

/// Rows that pass the operation's filter: equal values, one of a list, or for TEXT& those that begin so.
Mask passing(const Call& call, const Table& source) {
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
  return passes;
}

}  // namespace

void grouped(const Call& call, const Table& source, const std::function<Value(const Rows&)>& value_of,
             const Value& absent) {
  const Mask passes = passing(call, source);
  const auto value = [&](Rows rows) {
    std::erase_if(rows, [&](std::uint32_t row) { return passes[row] == 0; });
    return value_of(rows);
  };
  if (call.operation.group.empty()) {
    Rows all(source.frame.rows);
    for (std::size_t row = 0; row < all.size(); ++row) all[row] = static_cast<std::uint32_t>(row);
    return broadcast(call, value(std::move(all)));
  }
  std::vector<std::string> names;
  for (const std::string& group : call.operation.group) {
    for (std::string& name : names_in(call.table, Value::of(group))) {
      if (source.frame.find(name) != nullptr || group.substr(0, 1) != "$") names.push_back(std::move(name));
    }
  }
  std::vector<std::string> our_names = names;
  for (std::size_t i = 0; i < std::min(our_names.size(), call.operation.aliases.size()); ++i)
    our_names[i] = call.operation.aliases[i];
  std::vector<ColumnPtr> kept;
  const auto columns = [&](const Table& table, const std::vector<std::string>& wanted) {
    std::vector<const Column*> out;
    for (const std::string& name : wanted) {
      const Column* column = &table.column(name);
      if (!call.operation.regex.empty() && !column->numeric()) {
        kept.push_back(cut_by_regex(*column, call.operation.regex));
        column = kept.back().get();
      }
      out.push_back(column);
    }
    return out;
  };
  const std::vector<const Column*> theirs = columns(source, names), ours = columns(call.table, our_names);
  const std::size_t rows = call.table.frame.rows;
  const JointGrouping groups = group_jointly(ours, rows, theirs, source.frame.rows);
  GroupRows members(groups.right, groups.count);
  std::vector<Value> values{Value{}, absent};
  std::vector<std::uint32_t> code(groups.count, 1);
  for (std::size_t group = 0; group < groups.count; ++group) {
    if (members.size(group) == 0) continue;
    code[group] = static_cast<std::uint32_t>(values.size());
    values.push_back(value(Rows(members.begin(group), members.end(group))));
  }
  std::vector<std::uint32_t> codes(rows);
  for (std::size_t row = 0; row < rows; ++row) codes[row] = code[groups.left[row]];
  add_coded(call, std::move(codes), std::move(values));
}

const standards::SdtmIg& guide(const Call& call) {
  if (call.data.ig() == nullptr) throw SkipDataset{"the standard's variable tables are not held"};
  return *call.data.ig();
}

const OperationTable& operations() {
  static const OperationTable table = [] {
    OperationTable made;
    add_data_operations(made);
    add_study_operations(made);
    add_library_operations(made);
    add_terminology_operations(made);
    return made;
  }();
  return table;
}

const std::map<std::string, std::string>& operations_not_executable() {
  static const std::string dictionary = "dictionary not available";
  static const std::map<std::string, std::string> table{
      {"valid_define_external_dictionary_version", dictionary},
      {"valid_external_dictionary_value", dictionary},
      {"valid_external_dictionary_code", dictionary},
      {"valid_external_dictionary_code_term_pair", dictionary},
      {"valid_meddra_code_references", dictionary},
      {"valid_meddra_code_term_pairs", dictionary},
      {"valid_meddra_term_references", dictionary},
      {"valid_whodrug_references", dictionary},
      {"whodrug_code_hierarchy", dictionary},
      {"get_xhtml_errors", "for USDM only"},
      {"get_json_schema_errors", "for USDM only"}};
  return table;
}

bool knows_operation(const std::string& name) {
  return operations().count(name) > 0;
}

bool adds_several_columns(const Operation& operation) {
  return operation.operator_name == "label_referenced_variable_metadata" ||
         operation.operator_name == "name_referenced_variable_metadata";
}

void add_operation(Table& table, const Operation& operation, const Dataset& dataset, const Data& data) {
  operations().at(operation.operator_name).function({table, operation, dataset, data});
}

}  // namespace trialmill::conform
