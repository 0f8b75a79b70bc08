// Operations on what the implementation guide and the SDTM model say.
#include <algorithm>

#include "base/text.hpp"
#include "conform/operation_call.hpp"

namespace trialmill::conform {

namespace {

void domain_is_custom(const Call& call) {
  const standards::SdtmIg& ig = guide(call);
  const std::string& name = call.dataset.name;
  broadcast(call, Value::of(ig.find_dataset(name) == nullptr && ig.model_dataset(name) == nullptr));
}

void domain_label(const Call& call) {
  broadcast(call, Value::of(guide(call).dataset_label(call.dataset.name)));
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
  put_names(call, library_variables(call), [&](const standards::Variable& v) {
    return v.core == core || (core == "Perm" && v.core.empty());
  });
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

void related_domain_is_custom(const Call& call) {
  const standards::SdtmIg& ig = guide(call);
  for (const auto& part : call.data.parts()) {
    const std::string& related = part->rdomain;
    const std::string& name = call.dataset.name;
    if (related.empty() || name.size() < related.size() ||
        name.compare(name.size() - related.size(), related.size(), related) != 0)
      continue;
    return broadcast(call, Value::of(ig.is_custom(related)));
  }
  broadcast(call, Value::of(false));
}

void standard_domains(const Call& call) {
  std::vector<std::string> names;
  for (const standards::Dataset& known : guide(call).datasets()) names.push_back(known.name);
  std::sort(names.begin(), names.end());
  broadcast(call, Value::of_texts(names));
}

/// `domain_class` as scopes write it: TRIAL DESIGN; without it, all.
void class_domains(const Call& call) {
  std::vector<std::string> names;
  const std::string& wanted = call.operation.domain_class;
  for (const standards::Dataset& known : guide(call).datasets()) {
    if (wanted.empty() || base::replace_all(base::to_upper(known.class_name), "-", " ") == wanted)
      names.push_back(known.name);
  }
  broadcast(call, Value::of_texts(names));
}

void variable_names(const Call& call) {
  std::vector<std::string> names;
  for (const standards::Dataset& known : guide(call).datasets()) {
    for (const standards::Variable& variable : known.variables) {
      if (std::find(names.begin(), names.end(), variable.name) == names.end()) names.push_back(variable.name);
    }
  }
  broadcast(call, Value::of_texts(names));
}

/// Columns $id_name, _label, _role, _core and _ordinal: what the guide says about the variable that each row
/// names (or labels); for SUPP datasets the parent's variables.
void referenced_metadata(const Call& call, bool by_label) {
  const std::string& related = call.dataset.parts[0]->rdomain;
  const std::vector<standards::Variable>& known =
      guide(call).variables_of(related.empty() ? call.dataset.name : related);
  const Column& target = call.table.column(call.operation.name);
  std::vector<Value> columns[5];
  for (std::size_t row = 0; row < target.size(); ++row) {
    const std::string text = plain_text(target.at(row));
    const auto found = std::find_if(known.begin(), known.end(), [&](const standards::Variable& v) {
      return (by_label ? v.label : v.name) == text;
    });
    const bool none = found == known.end();
    const auto put = [&](std::size_t i, const std::string& value) {
      columns[i].push_back(none || value.empty() ? Value{} : Value::of(value));
    };
    put(0, none ? "" : found->name);
    put(1, none ? "" : found->label);
    put(2, none ? "" : found->role);
    put(3, none ? "" : found->core);
    columns[4].push_back(none ? Value{} : Value::integer(found->order));
  }
  const char* suffixes[] = {"_name", "_label", "_role", "_core", "_ordinal"};
  for (std::size_t i = 0; i < 5; ++i)
    call.table.frame.set(call.operation.id + suffixes[i], Column::of(columns[i]));
}

}  // namespace

void add_library_operations(OperationTable& operations) {
  operations["domain_is_custom"] = {domain_is_custom, "true for a domain in neither guide nor model"};
  operations["related_domain_is_custom"] = {related_domain_is_custom, "the same for the parent of a SUPP"};
  operations["domain_label"] = {domain_label, "the guide's label of the dataset"};
  operations["standard_domains"] = {standard_domains, "the guide's datasets, sorted"};
  operations["get_library_class_domains"] = {class_domains, "the guide's datasets of a class"};
  operations["variable_names"] = {variable_names, "all variables of the guide"};
  operations["required_variables"] = {[](const Call& c) { by_core(c, "Req"); }, "the guide's Req variables"};
  operations["expected_variables"] = {[](const Call& c) { by_core(c, "Exp"); }, "the guide's Exp variables"};
  operations["permissible_variables"] = {[](const Call& c) { by_core(c, "Perm"); },
                                         "the guide's Perm variables and the model's further ones"};
  operations["required_expected_variables"] = {
      [](const Call& c) {
        put_names(c, library_variables(c),
                  [](const standards::Variable& v) { return v.core == "Req" || v.core == "Exp"; });
      },
      "the guide's Req and Exp variables, in its order"};
  operations["get_column_order_from_library"] = {
      [](const Call& c) {
        put_names(c, library_variables(c), [&](const standards::Variable& v) {
          return c.operation.key_name.empty() || key_matches(c, v);
        });
      },
      "the variables of guide and model in order; with key_name those that match"};
  operations["get_dataset_filtered_variables"] = {
      [](const Call& c) {
        const Frame& frame = c.dataset.frame;
        put_names(c, library_variables(c), [&](const standards::Variable& v) {
          return key_matches(c, v) && frame.find(v.name) != nullptr;
        });
      },
      "those of them that the dataset has and that match key_name and key_value"};
  operations["get_model_column_order"] = {model_order, "the model's variables in order"};
  operations["get_parent_model_column_order"] = {parent_model_order, "the same for the parent of a SUPP"};
  operations["get_model_filtered_variables"] = {
      [](const Call& c) {
        put_names(c, model_variables(c, c.dataset),
                  [&](const standards::Variable& v) { return key_matches(c, v); });
      },
      "the model's variables that match key_name and key_value"};
  operations["name_referenced_variable_metadata"] = {[](const Call& c) { referenced_metadata(c, false); },
                                                     "$id_name, $id_label, $id_role … by variable name"};
  operations["label_referenced_variable_metadata"] = {[](const Call& c) { referenced_metadata(c, true); },
                                                      "$id_name, $id_label, $id_role … by variable label"};
}

}  // namespace trialmill::conform
