// What the columns of specification spreadsheets are called, as word_of() makes the names.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "specs/sheet.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {

inline constexpr Names dataset_names{"target_domain", "target_dataset", "target_sdtm_domain",
                                     "sdtm_domain",   "sdtm_dataset",   "sdtm_target_domain",
                                     "domain",        "dataset",        "dataset_name",
                                     "domain_name",   "target_table"};
inline constexpr Names variable_names{"target_variable",
                                      "target_sdtm_variable",
                                      "target_variable_name",
                                      "target_var",
                                      "sdtm_variable",
                                      "sdtm_variable_name",
                                      "sdtm_target_variable",
                                      "variable",
                                      "variable_name",
                                      "target_column",
                                      "sdtm_var",
                                      "var"};
inline constexpr Names source_names{"source_dataset",
                                    "source_dataset_name",
                                    "source_table",
                                    "raw_dataset",
                                    "raw_dataset_name",
                                    "source_data_set",
                                    "source_domain",
                                    "input_dataset",
                                    "source_file",
                                    "source_form",
                                    "raw_data_set",
                                    "source_data",
                                    "raw_table",
                                    "raw_data",
                                    "form",
                                    "form_name",
                                    "form_oid",
                                    "crf_form",
                                    "ecrf_form",
                                    "edc_form",
                                    "source_ds",
                                    "source"};
inline constexpr Names column_names{"source_variable",
                                    "source_variables",
                                    "source_variable_name",
                                    "source_var",
                                    "source_vars",
                                    "source_column",
                                    "source_columns",
                                    "raw_variable",
                                    "raw_variables",
                                    "raw_variable_name",
                                    "raw_var",
                                    "raw_column",
                                    "raw_field",
                                    "raw_input_name",
                                    "input_variable",
                                    "input_variables",
                                    "source_field",
                                    "source_fields",
                                    "edc_variable",
                                    "edc_field",
                                    "crf_variable",
                                    "crf_field",
                                    "field_oid",
                                    "item_oid",
                                    "item",
                                    "field"};
inline constexpr Names rule_type_names{"rule_type",         "mapping_type",    "algorithm",
                                       "mapping_algorithm", "derivation_type", "transformation_type",
                                       "type_of_mapping",   "rule_category",   "mapping_category"};
inline constexpr Names rule_names{"rule",
                                  "rule_text",
                                  "rule_expression",
                                  "rule_text_expression",
                                  "rule_params",
                                  "rule_parameters",
                                  "expression",
                                  "mapping_rule",
                                  "mapping_rules",
                                  "derivation",
                                  "derivation_rule",
                                  "derivation_rules",
                                  "derivation_logic",
                                  "derivation_algorithm",
                                  "derivation_method",
                                  "derivation_comment",
                                  "derivation_comments",
                                  "derivation_mapping",
                                  "transformation",
                                  "transformation_rule",
                                  "transformation_logic",
                                  "mapping",
                                  "mapping_logic",
                                  "mapping_derivation",
                                  "mapping_instructions",
                                  "mapping_notes",
                                  "mapping_comment",
                                  "mapping_comments",
                                  "mapping_specification",
                                  "conversion_definition",
                                  "conversion_rule",
                                  "conversion",
                                  "programming_notes",
                                  "programming_note",
                                  "programming_algorithm",
                                  "programming_logic",
                                  "programming_instructions",
                                  "algorithm_text",
                                  "comments_derivation",
                                  "source_derivation",
                                  "source_derivation_comment",
                                  "computational_algorithm",
                                  "annotation_text",
                                  "specification",
                                  "sas_code",
                                  "sas_logic",
                                  "pseudo_code",
                                  "logic",
                                  "implementation"};
inline constexpr Names codelist_names{"codelist",
                                      "code_list",
                                      "codelist_name",
                                      "codelist_id",
                                      "ct_codelist",
                                      "controlled_terminology",
                                      "controlled_terminology_codelist",
                                      "controlled_terms_codelist_or_format",
                                      "controlled_terms",
                                      "ct",
                                      "target_sdtm_variable_codelist_code",
                                      "codelist_code",
                                      "nci_codelist_code",
                                      "controlled_terms_or_format",
                                      "target_sdtm_variable_controlled_terms_or_format",
                                      "codelist_format",
                                      "terminology"};

/// Names that are in none of the lists, by their words: "Derivation / Programming Notes" → derivation. A name
/// that a list has, and what another column is called already, stay.
void rename_columns(std::vector<std::string>& columns);

/// Ends of file names, which are not names of columns.
inline const std::set<std::string> source_extensions{"csv", "xlsx", "sas7bdat", "xpt", "txt"};

inline bool is_yes(const std::string& text) {
  const std::string word = base::to_upper(text);
  return word == "Y" || word == "YES" || word == "1" || word == "X" || word == "TRUE";
}

}  // namespace trialmill::specs
