#include "quality/dqdl.hpp"

#include <gtest/gtest.h>

#include "quality/evaluate.hpp"

namespace trialmill::quality {
namespace {

bool passes(const std::string& rule) {
  table::Session session;
  session.execute(
      "CREATE TABLE t AS SELECT * FROM (VALUES ('f',1,'a','1'),('f',2,'b','12'),('f',3,NULL,'x')) "
      "v(_file, _row, k, n)");
  return evaluate(session, "t", parse_dqdl("Rules = [ " + rule + " ]", "t.dqdl").at(0)).passed;
}

TEST(Dqdl, Passes) {
  for (const char* rule :
       {"RowCount = 3", "ColumnCount = 2", "ColumnExists \"k\"", "IsComplete \"k\" where \"k = 'a'\"",
        "IsUnique \"n\"", "ColumnValues \"k\" in [\"a\", \"b\", NULL]", "ColumnValues \"k\" != \"z\"",
        "ColumnLength \"n\" <= 2", "ColumnValues \"n\" matches \"[0-9]+\" with threshold > 0.6",
        "ColumnLength \"k\" < 6", "IsPrimaryKey \"n\"", "Completeness \"k\" between 0.6 and 0.7",
        "Uniqueness \"n\" = 1.0", "DistinctValuesCount \"k\" = 2", "(RowCount = 9) or (IsUnique \"n\")",
        "RowCount not between 2 and 3"})
    EXPECT_TRUE(passes(rule)) << rule;
}

TEST(Dqdl, Fails) {
  for (const char* rule :
       {"RowCount between 2 and 3", "ColumnCount = 4", "ColumnExists \"_row\"", "IsComplete \"k\"",
        "ColumnValues \"k\" in [\"a\", \"b\"]", "ColumnLength \"k\" > 0", "IsPrimaryKey \"k\"",
        "(RowCount = 3) and (IsComplete \"k\")", "IsComplete \"absent\"", "RowCount > \"x\"",
        "Completeness \"k\" > 0.5 with threshold > 0.9", "IsComplete \"n\" where \"absent = 1\""})
    EXPECT_FALSE(passes(rule)) << rule;
}

TEST(Dqdl, SaysWhereTheTextIsWrong) {
  for (const char* text :
       {"", "Rules = [ RowCount > ]", "Rules = [ IsComplete \"a ]", "Rules = [ RowCount = 1"})
    EXPECT_THROW(parse_dqdl(text, "t"), base::Error) << text;
  try {
    parse_dqdl("Rules = [\n  IsComplet \"a\" ]", "t");
    FAIL();
  } catch (const base::Error& problem) {
    EXPECT_EQ(problem.code(), "TM2202");
    EXPECT_EQ(problem.place().line, 2);
    EXPECT_NE(problem.hint().find("IsComplete"), std::string::npos);
  }
}

TEST(Dqdl, ChecksAllRulesOfARuleset) {
  const auto checked = check_dqdl(
      "Rules = [\n  IsComplet \"a\",\n  RowCount > 0,\n  ColumnValues \"b\" in [1, ],\n  IsUnique \"a\"\n]",
      "t");
  ASSERT_EQ(checked.faults.size(), 2U);
  EXPECT_EQ(checked.faults[0].place().line, 2);
  EXPECT_EQ(checked.faults[0].place().column, 3);
  EXPECT_EQ(checked.faults[1].place().line, 4);
  ASSERT_EQ(checked.rules.size(), 2U);
  EXPECT_EQ(checked.rules[1].text, "IsUnique \"a\"");
  EXPECT_EQ(check_dqdl("Rules = [ RowCount > 0", "t").faults.size(), 1U);
  EXPECT_EQ(check_dqdl("Rules = [ IsComplet (((", "t").faults.size(), 2U);
}

TEST(Dqdl, RulesThatCannotRunSaySo) {
  for (const char* rule :
       {"RowCount", "RowCount > 0 with threshold > 0.5", "IsComplete", "ColumnValues \"k\"",
        "(RowCount > 0) and (Mean \"n\")", "RowCountMatch \"other\" > 0.9", "Variance \"n\" > 1"}) {
    const auto parsed = parse_dqdl(std::string("Rules = [ ") + rule + " ]", "t").at(0);
    EXPECT_NE(why_not_evaluated(parsed).find("understood, but not evaluated: "), std::string::npos) << rule;
    EXPECT_FALSE(passes(rule)) << rule;
  }
}

}  // namespace
}  // namespace trialmill::quality
