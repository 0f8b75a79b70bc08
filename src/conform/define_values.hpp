// Value-level metadata: what a Define-XML says about a variable's values where a condition on other variables
// holds, e.g. that VSORRES is an integer of at most 3 digits where VSTESTCD is SYSBP.
#pragma once

#include <string>
#include <vector>

#include "conform/dataset.hpp"
#include "formats/define_xml.hpp"

namespace trialmill::conform {

/// One entry of a variable's value list.
struct ValueDefinition {
  std::string variable;  ///< VSORRES
  const formats::define::ItemRef* ref = nullptr;
  const formats::define::ItemDef* item = nullptr;
  Mask applies;  ///< the dataset's rows for which one of its where clauses holds
};

/// All entries for the dataset's variables that the data have, by variable and then in the file's order.
/// Throws SkipDataset if the file does not define the dataset or a condition names a variable that the
/// dataset lacks.
std::vector<ValueDefinition> value_definitions(const formats::define::Document& define,
                                               const Dataset& dataset);

/// True if the value is of a Define-XML data type (Define-XML 2.1, 4.3.1: text, integer, float, date …); an
/// empty value is of every type. An unknown type counts as text.
bool has_data_type(const Cell& cell, const std::string& type);
/// How long the value is, as Length counts for the data type: characters of a text, digits of a number
/// without leading zeros and decimal point. Null for other types and for null.
Value length_for_type(const Cell& cell, const std::string& type);

/// One row a value that an entry of a value list applies to: row_number, variable_name, variable_value,
/// variable_value_length, what the entry says (define_vlm_…) and whether the value fits (type_check,
/// length_check). Throws SkipDataset as above, or if the dataset has no value-level metadata.
Frame value_level_frame(const formats::define::Document& define, const Dataset& dataset);

}  // namespace trialmill::conform
