#include <gtest/gtest.h>

#include <map>

#include "specs/read_spec.hpp"
#include "specs/verb.hpp"

namespace trialmill::specs {
namespace {

using Cells = std::map<std::string, std::string>;

/// The verb that lines of CM for one variable become, each with its cells.
std::string verb_of_lines(const std::vector<Cells>& lines, const std::string& variable = "CMCAT") {
  Spec spec;
  std::vector<Sheet> sheets(1);
  Sheet& sheet = sheets[0];
  sheet.alone = true;
  sheet.columns = {"target_sdtm_domain", "target_sdtm_variable", "mapping_algorithm", "raw_variable"};
  for (const auto& cells : lines) {
    for (const auto& [name, text] : cells) {
      if (!sheet.has({name.c_str()})) sheet.columns.push_back(name);
    }
  }
  for (Cells cells : lines) {
    cells.insert({{"target_sdtm_domain", "CM"},
                  {"target_sdtm_variable", variable},
                  {"mapping_algorithm", "IF_THEN_ELSE"}});
    auto& row = sheet.rows.emplace_back();
    for (const auto& column : sheet.columns) row.push_back(cells[column]);
  }
  sheet.titles = sheet.columns;
  read_spreadsheet(sheets, spec);
  SpecVariable* one = spec.datasets.empty() ? nullptr : spec.datasets[0].find(variable);
  return one == nullptr ? "" : verb_of(*one, spec.datasets[0]);
}

Cells copy_of(const std::string& column, const std::string& left, const std::string& operation,
              const std::string& right = "", const std::string& next = "") {
  return {{"raw_variable", column},
          {"entity_sub_algorithm", "ASSIGN_NO_CT"},
          {"condition_left_raw_variable", left},
          {"condition_operator", operation},
          {"condition_right_text_value", right},
          {"condition_next_logical_operator", next}};
}

TEST(LineConditions, Operators) {
  EXPECT_EQ(verb_of_lines({copy_of("A", "A", "is_numeric")}),
            "from: A, when: \"try_cast(A AS DOUBLE) IS NOT NULL\"");
  EXPECT_EQ(verb_of_lines({copy_of("A", "B", "!=", "it's")}), "from: A, when: \"B <> 'it''s'\"");
  EXPECT_EQ(verb_of_lines({copy_of("A", "B", "in", "1; 2")}), "from: A, when: \"B IN ('1', '2')\"");
  EXPECT_EQ(verb_of_lines({copy_of("A", "B", ">", "3")}),
            "from: A, when: \"try_cast(B AS DOUBLE) > try_cast('3' AS DOUBLE)\"");
  // A variable of the dataset would hide a column that is called alike.
  EXPECT_EQ(verb_of_lines({copy_of("A", "CMB", "is_null")}),
            "from: A, when: \"coalesce(trim(raw.CMB), '') = ''\"");
}

TEST(LineConditions, WhatIsNotPlainStaysOpen) {
  EXPECT_EQ(verb_of_lines({copy_of("A", "B", "resembles", "x")}), "");
  EXPECT_EQ(verb_of_lines({copy_of("A", "", "")}), "");
  EXPECT_EQ(verb_of_lines({copy_of("A", "A", "Checked")}), "");  // what does a checked box hold?
  Cells box = copy_of("A", "A", "Checked");
  box["raw_data_format"] = "1";
  EXPECT_EQ(verb_of_lines({box}), "from: A, when: \"A = '1'\"");
  Cells elsewhere = copy_of("A", "B", "=", "1");
  elsewhere["raw_dataset"] = "X";
  elsewhere["condition_left_raw_dataset"] = "Y";
  EXPECT_EQ(verb_of_lines({elsewhere}), "");
}

TEST(LineConditions, SeveralLinesOfOneVariable) {
  EXPECT_EQ(verb_of_lines({copy_of("A", "B", "=", "1"), copy_of("C", "B", "=", "2")}),
            "choose: [{when: \"B = '1'\", from: A}, {when: \"B = '2'\", from: C}]");
  EXPECT_EQ(verb_of_lines({copy_of("A", "B", "=", "1", "OR"), copy_of("A", "B", "=", "2")}),
            "from: A, when: \"B = '1' OR B = '2'\"");
  // Which of AND and OR binds first is not said.
  EXPECT_EQ(verb_of_lines({copy_of("A", "B", "=", "1", "OR"), copy_of("A", "B", "=", "2", "AND"),
                           copy_of("A", "C", "=", "3")}),
            "");
}

TEST(LineConditions, ConstantsWhereTheColumnHoldsSomething) {
  const Cells line{
      {"raw_variable", "A"}, {"mapping_algorithm", "HARDCODE_NO_CT"}, {"target_hardcoded_value", "X"}};
  EXPECT_EQ(verb_of_lines({line}), "constant: X, when: \"coalesce(trim(A), '') <> ''\"");
  EXPECT_EQ(verb_of_lines({{{"mapping_algorithm", "HARDCODE_NO_CT"}, {"target_hardcoded_value", "X"}}}),
            "constant: X");
}

}  // namespace
}  // namespace trialmill::specs
