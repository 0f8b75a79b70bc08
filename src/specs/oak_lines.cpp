// What only the specifications of {sdtm.oak} say: constants for records whose raw variable holds something,
// rows that are repeated, parameters of merges.
#include <algorithm>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

/// Its tests are told apart by their columns.
SpecTest* test_of(SpecDataset& dataset, const std::string& column) {
  const auto found = std::ranges::find(dataset.tests, column, &SpecTest::column);
  return found == dataset.tests.end() ? nullptr : &*found;
}

SpecVariable& variable_of(SpecDataset& dataset, const SpecVariable& one) {
  if (SpecVariable* known = dataset.find(one.variable)) return *known;
  SpecVariable& added = dataset.variables.emplace_back();
  added.variable = one.variable;
  added.place = one.place;
  added.source = one.source;
  added.origin = one.origin;
  added.codelist = one.codelist;
  return added;
}

}  // namespace

void read_oak_columns(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  if (one.supplemental && one.label.empty()) one.label = sheet.text(row, {"raw_variable_label"});
  for (const char* name :
       {"merge_type", "merge_left", "merge_right", "merge_condition", "groupby_keys",
        "target_resource_raw_dataset", "target_resource_raw_variable", "condition_add_tgt_dat"}) {
    const std::string text = sheet.text(row, {name});
    if (!text.empty()) one.also.push_back(one.place + ": " + name + " " + text);
  }
  const bool oak = sheet.has({"mapping_algorithm"}) && sheet.has({"raw_variable"});
  if (!oak || one.rule_type != "constant" || one.constant.empty() || one.column.empty() || one.conditional)
    return;
  // HARDCODE_CT and HARDCODE_NO_CT leave records alone whose raw variable is missing.
  one.where_filled = true;
  one.when = "coalesce(trim(" + one.column + "), '') <> ''";
  one.rule.clear();
}

void read_unique(const Sheet& sheet, std::size_t row, SpecDataset& dataset) {
  const std::string keys = sheet.text(row, {"unduplicate_keys"});
  const bool wanted = word_of(sheet.text(row, {"entity_sub_algorithm"})) == "remove_dup" ||
                      word_of(sheet.text(row, {"mapping_algorithm"})) == "remove_dup";
  const auto columns = columns_in(keys);
  if (columns.empty() && (wanted || !keys.empty()))
    dataset.open.push_back(sheet.place(row) +
                           ": repeated rows are to be left out (unique: {by: …}); by which columns? " + keys);
  else if (!columns.empty() && dataset.unique_by.empty())
    dataset.unique_by = columns;
  else if (!columns.empty() && dataset.unique_by != columns)
    dataset.open.push_back(sheet.place(row) + ": also unique by " + keys);
}

bool add_hardcoded_test(SpecDataset& dataset, const SpecVariable& one) {
  const std::string& d = dataset.name;
  SpecTest* test = test_of(dataset, one.column);
  if (one.variable == d + "TESTCD" && one.where_filled && test == nullptr) {
    SpecTest added;
    added.code = one.constant;
    added.column = one.column;
    added.place = one.place;
    dataset.tests.push_back(std::move(added));
    variable_of(dataset, one).rule_type = "test_code";
    return true;
  }
  if (test == nullptr || one.column.empty() || one.conditional) return false;
  if (one.variable == d + "ORRES" && one.rule_type != "constant") {
    variable_of(dataset, one).rule_type = "test_result";
    return true;
  }
  if (!one.where_filled) return false;
  if (one.variable == d + "TEST") {
    test->name = one.constant;
    variable_of(dataset, one).rule_type = "test_name";
  } else if (one.variable == d + "ORRESU") {
    test->unit = one.constant;
    variable_of(dataset, one).rule_type = "test_unit";
  } else {
    test->given.push_back({one.variable, one.constant, false});
    variable_of(dataset, one).verb = "given: records";
  }
  return true;
}

}  // namespace trialmill::specs
