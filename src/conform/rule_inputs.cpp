#include "conform/rule_inputs.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace trialmill::conform {

namespace {

using Names = std::set<std::string>;

bool has_operation(const Rule& rule, const Names& names) {
  return std::any_of(rule.operations.begin(), rule.operations.end(),
                     [&](const Operation& operation) { return names.count(operation.operator_name) > 0; });
}

bool has_operator(const Check& check, const Names& names) {
  if (check.kind == Check::Kind::condition) return names.count(check.condition.operator_name) > 0;
  return std::any_of(check.children.begin(), check.children.end(),
                     [&](const Check& child) { return has_operator(child, names); });
}

bool needs_define(const Rule& rule) {
  static const Names operations{"define_extensible_codelists", "define_variable_metadata"};
  static const Names conditions{"conformant_value_data_type", "non_conformant_value_data_type",
                                "conformant_value_length", "non_conformant_value_length"};
  return (rule.type >= RuleType::define_item && rule.type < RuleType::unsupported) ||
         has_operation(rule, operations) || has_operator(rule.check, conditions);
}

bool needs_terminology(const Rule& rule) {
  static const Names operations{"codelist_terms", "codelist_extensible", "get_codelist_attributes"};
  static const Names conditions{"uses_valid_codelist_terms", "does_not_use_valid_codelist_terms"};
  return has_operation(rule, operations) || has_operator(rule.check, conditions);
}

/// True if the rule asks what the guide says about variables. Which domains are custom and of which class
/// they are is the same for all guides made of the SDTM.
bool needs_variable_tables(const Rule& rule) {
  static const Names operations{"required_variables",
                                "expected_variables",
                                "permissible_variables",
                                "required_expected_variables",
                                "get_column_order_from_library",
                                "get_dataset_filtered_variables",
                                "get_model_column_order",
                                "get_model_filtered_variables",
                                "get_parent_model_column_order",
                                "get_library_class_domains",
                                "standard_domains",
                                "domain_label",
                                "variable_names",
                                "label_referenced_variable_metadata",
                                "name_referenced_variable_metadata"};
  static const Names conditions{"references_correct_codelist", "does_not_reference_correct_codelist"};
  return rule.type == RuleType::variable_library || rule.type == RuleType::define_item_library ||
         rule.type == RuleType::variable_define_library || has_operation(rule, operations) ||
         has_operator(rule.check, conditions);
}

/// False if the guide of the data stands in for one that the program does not hold.
bool holds_tables(const Data& data, const RunOptions& options) {
  return data.ig() != nullptr && base::to_upper(options.standard) == "SDTMIG" &&
         data.ig()->version() == options.version;
}

}  // namespace

std::string missing_input(const Rule& rule, const Data& data, const RunOptions& options) {
  if (data.define() == nullptr && needs_define(rule)) {
    return data.define_problem().empty() ? "it needs the Define-XML file (--define-xml)"
                                         : "the Define-XML file cannot be read: " + data.define_problem();
  }
  if (data.terminology().empty() && needs_terminology(rule))
    return "it needs controlled terminology (--ct; trialmill ct import)";
  if (needs_variable_tables(rule) && !holds_tables(data, options))
    return "it needs the variable tables of " + options.standard + " " + options.version +
           ", which the program does not hold";
  return {};
}

}  // namespace trialmill::conform
