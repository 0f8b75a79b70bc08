// The names of the CORE rule language, as the public rule schema documents them (cdisc-rules-engine 0.16:
// Operator.json, Operations.json, Rule_Type.json, and the names of earlier editions). Each is either
// evaluated or listed as not executable with a reason; a name that is added here and nowhere else fails.
#include <gtest/gtest.h>

#include "conform/operations.hpp"
#include "conform/operators.hpp"
#include "conform/rule.hpp"

namespace trialmill::conform {
namespace {

// clang-format off
const char* operator_names[] = {
    "additional_columns_empty",
    "additional_columns_not_empty",
    "conformant_value_data_type",
    "conformant_value_length",
    "contains",
    "contains_all",
    "contains_case_insensitive",
    "date_equal_to",
    "date_greater_than",
    "date_greater_than_or_equal_to",
    "date_less_than",
    "date_less_than_or_equal_to",
    "date_not_equal_to",
    "does_not_contain",
    "does_not_contain_case_insensitive",
    "does_not_equal_string_part",
    "does_not_have_next_corresponding_record",
    "does_not_reference_correct_codelist",
    "does_not_use_valid_codelist_terms",
    "empty",
    "empty_within_except_last_row",
    "ends_with",
    "equal_to",
    "equal_to_case_insensitive",
    "equals_string_part",
    "exists",
    "greater_than",
    "greater_than_or_equal_to",
    "has_different_values",
    "has_equal_length",
    "has_next_corresponding_record",
    "has_not_equal_length",
    "has_same_values",
    "inconsistent_enumerated_columns",
    "invalid_date",
    "invalid_duration",
    "is_complete_date",
    "is_contained_by",
    "is_contained_by_case_insensitive",
    "is_incomplete_date",
    "is_inconsistent_across_dataset",
    "is_not_contained_by",
    "is_not_contained_by_case_insensitive",
    "is_not_ordered_by",
    "is_not_ordered_set",
    "is_not_ordered_subset_of",
    "is_not_title_case",
    "is_not_unique_relationship",
    "is_not_unique_set",
    "is_ordered_by",
    "is_ordered_set",
    "is_ordered_subset_of",
    "is_title_case",
    "is_unique_relationship",
    "is_unique_set",
    "less_than",
    "less_than_or_equal_to",
    "longer_than",
    "longer_than_or_equal_to",
    "matches_regex",
    "non_conformant_value_data_type",
    "non_conformant_value_length",
    "non_empty",
    "non_empty_within_except_last_row",
    "not_contains_all",
    "not_equal_to",
    "not_equal_to_case_insensitive",
    "not_exists",
    "not_matches_regex",
    "not_prefix_matches_regex",
    "not_present_on_multiple_rows_within",
    "not_suffix_matches_regex",
    "prefix_equal_to",
    "prefix_is_contained_by",
    "prefix_is_not_contained_by",
    "prefix_matches_regex",
    "prefix_not_equal_to",
    "present_on_multiple_rows_within",
    "references_correct_codelist",
    "shares_at_least_one_element_with",
    "shares_exactly_one_element_with",
    "shares_no_elements_with",
    "shorter_than",
    "shorter_than_or_equal_to",
    "split_parts_have_equal_length",
    "split_parts_have_unequal_length",
    "starts_with",
    "suffix_equal_to",
    "suffix_is_contained_by",
    "suffix_is_not_contained_by",
    "suffix_matches_regex",
    "suffix_not_equal_to",
    "target_is_not_sorted_by",
    "target_is_sorted_by",
    "uses_valid_codelist_terms",
    "value_does_not_have_multiple_references",
    "value_has_multiple_references",
    "variable_metadata_equal_to",
    "variable_metadata_not_equal_to"};

const char* operation_names[] = {
    "codelist_extensible",
    "codelist_terms",
    "dataset_names",
    "define_extensible_codelists",
    "define_variable_metadata",
    "distinct",
    "domain_is_custom",
    "domain_label",
    "dy",
    "expected_variables",
    "extract_metadata",
    "get_codelist_attributes",
    "get_column_order_from_dataset",
    "get_column_order_from_library",
    "get_dataset_filtered_variables",
    "get_library_class_domains",
    "get_model_column_order",
    "get_model_filtered_variables",
    "get_parent_model_column_order",
    "get_xhtml_errors",
    "label_referenced_variable_metadata",
    "map",
    "max",
    "max_date",
    "mean",
    "min",
    "min_date",
    "minus",
    "name_referenced_variable_metadata",
    "permissible_variables",
    "record_count",
    "related_domain_is_custom",
    "required_variables",
    "split_by",
    "standard_domains",
    "study_domains",
    "valid_codelist_dates",
    "valid_define_external_dictionary_version",
    "valid_external_dictionary_code",
    "valid_external_dictionary_code_term_pair",
    "valid_external_dictionary_value",
    "valid_meddra_code_references",
    "valid_meddra_code_term_pairs",
    "valid_meddra_term_references",
    "valid_whodrug_references",
    "variable_count",
    "variable_exists",
    "variable_is_null",
    "variable_names",
    "variable_value_count",
    "whodrug_code_hierarchy"};

const char* rule_types[] = {
    "Dataset Contents Check against Define XML and Library Metadata",
    "Dataset Contents Check against Define XML",
    "Dataset Metadata Check",
    "Dataset Metadata Check against Define XML",
    "Define Item Group Metadata Check",
    "Define Item Metadata Check",
    "Define Item Metadata Check against Library Metadata",
    "Domain Presence Check",
    "Domain Presence Check against Define XML",
    "JSON Schema Check",
    "JSONata",
    "Record Data",
    "Value Check against Define XML Variable",
    "Value Check against Define XML VLM",
    "Value Level Metadata Check against Define XML",
    "Variable Metadata Check",
    "Variable Metadata Check against Define XML",
    "Variable Metadata Check against Library Metadata",
    "Variable Metadata Check against Define XML and Library Metadata",
    "Variables Metadata Check against Define XML and Library Metadata",
    "Value Check with Dataset Metadata",
    "Value Check with Variable Metadata"};
// clang-format on

TEST(LanguageNames, EveryOperatorIsEvaluated) {
  for (const char* name : operator_names) EXPECT_NE(find_operator(name), nullptr) << name;
}

TEST(LanguageNames, EveryOperationIsEvaluatedOrListedWithItsReason) {
  for (const char* name : operation_names) {
    const auto listed = operations_not_executable().find(name);
    EXPECT_NE(knows_operation(name), listed != operations_not_executable().end()) << name;
    if (listed != operations_not_executable().end()) {
      EXPECT_NE(listed->second, "") << name;
    }
  }
}

TEST(LanguageNames, EveryRuleTypeIsEvaluatedOrNotExecutableWithAReason) {
  for (const std::string type : rule_types) {
    const Rule rule = parse_rule("Core: {Id: X}\nRule Type: " + type +
                                     "\nSensitivity: Record\nOutcome: {Message: m}\n"
                                     "Check: {all: [{name: A, operator: empty}]}\n",
                                 "x.yml");
    const bool of_usdm = type.rfind("JSON", 0) == 0;
    EXPECT_EQ(rule.unsupported, of_usdm ? "rule type '" + type + "': for USDM only" : "") << type;
  }
}

}  // namespace
}  // namespace trialmill::conform
