// Operations on the study as a whole: which datasets and variables were delivered.
#include <algorithm>

#include "conform/operation_call.hpp"

namespace trialmill::conform {

namespace {

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
  if (call.operation.name == "domain") return broadcast(call, Value::of(part.domain));
  const bool associated = call.dataset.prefix() != call.dataset.domain;
  if (call.operation.name == "is_ap") return broadcast(call, Value::of(associated));
  if (call.operation.name == "ap_suffix")
    return broadcast(call, Value::of(associated ? call.dataset.prefix() : std::string()));
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

void dataset_columns(const Call& call) {
  broadcast(call, Value::of_texts(call.dataset.parts[0]->frame.names()));
}

/// Pairs [value, count] over all datasets that have the variable.
void variable_value_count(const Call& call) {
  ValueNumbers numbers;
  std::vector<Value> values;
  std::vector<double> counts;
  for (const Dataset& dataset : call.data.datasets()) {
    const Table other{{}, dataset.prefix(), false};
    const Column* column = dataset.frame.find(other.expand(call.operation.name));
    for (std::size_t row = 0; column != nullptr && row < column->size(); ++row) {
      if (column->at(row).is_null()) continue;
      const std::uint32_t number = numbers.of(column->at(row));
      if (number > values.size()) {
        values.push_back(column->value(row));
        counts.push_back(0);
      }
      ++counts[number - 1];
    }
  }
  std::vector<Value> pairs;
  for (std::size_t i = 0; i < values.size(); ++i)
    pairs.push_back(Value::of(std::vector<Value>{values[i], Value::integer(counts[i])}));
  broadcast(call, Value::of(std::move(pairs)));
}

}  // namespace

void add_study_operations(OperationTable& operations) {
  operations["variable_count"] = {variable_count, "how many datasets have the variable"};
  operations["variable_value_count"] = {variable_value_count,
                                        "how often each value occurs in the variable, over all datasets"};
  operations["variable_exists"] = {variable_exists, "true if the dataset has the variable"};
  operations["extract_metadata"] = {extract_metadata, "name, label, size, file, domain … of the dataset"};
  operations["dataset_names"] = {dataset_names, "the names of all datasets"};
  operations["study_domains"] = {study_domains, "the domains of all datasets, each once"};
  operations["get_column_order_from_dataset"] = {dataset_columns, "the dataset's variables in order"};
}

}  // namespace trialmill::conform
