// Columns, joins, grouping, readers, and that results do not depend on threads.
#include <gtest/gtest.h>

#include <fstream>

#include "conform/engine.hpp"
#include "conform/report.hpp"

namespace trialmill::conform {
namespace {

ColumnPtr texts(const std::vector<std::string>& values) {
  TextColumnBuilder builder;
  for (const std::string& value : values) builder.add(value);
  return builder.finish();
}

ColumnPtr numbers(std::vector<double> values) {
  return std::make_shared<const Column>(std::move(values), false);
}

Part part_of(const std::string& name, std::vector<std::pair<std::string, ColumnPtr>> columns) {
  Part part;
  part.name = part.file = name;
  part.frame.rows = columns[0].second->size();
  part.frame.columns = std::move(columns);
  return part;
}

Rule rule_of(const std::string& rest) {
  return parse_rule(
      "Core: {Id: X-1}\nRule Type: Record Data\nSensitivity: Record\n"
      "Authorities: [{Standards: [{Name: SDTMIG, Version: '3.4'}]}]\n" +
          rest,
      "x.yml");
}

TEST(Columns, GatherPicksRowsAndGivesNullForNone) {
  const ColumnPtr picked = texts({"A", "", "B"})->gather(Rows{2, no_row, 0, 1});
  EXPECT_EQ(picked->at(0).text, "B");
  EXPECT_TRUE(picked->at(1).is_null());
  EXPECT_EQ(picked->at(2).text, "A");
  EXPECT_TRUE(picked->at(3).is_null());
}

TEST(Columns, ContentIsMadeOnceAndOnlyWhenLookedAt) {
  int made = 0;
  const auto column = std::make_shared<const Column>(2, true, [&made] {
    ++made;
    return Column::Content{{}, nullptr, {1, 2}, false};
  });
  EXPECT_EQ(column->size(), 2U);
  EXPECT_EQ(made, 0);
  EXPECT_EQ(column->at(1).number, 2);
  EXPECT_EQ(column->at(0).number, 1);
  EXPECT_EQ(made, 1);
}

TEST(Columns, FramesBelowEachOtherShareADictionary) {
  Frame one, two;
  one.rows = two.rows = 2;
  one.set("A", texts({"x", "y"}));
  two.set("A", texts({"y", ""}));
  two.set("B", numbers({1, 2}));
  const Frame both = concatenate({&one, &two});
  EXPECT_EQ(both.rows, 4U);
  EXPECT_EQ(both.find("A")->codes(), (std::vector<std::uint32_t>{1, 2, 2, 0}));
  EXPECT_TRUE(both.find("B")->at(0).is_null());
  EXPECT_EQ(both.part(2), 1);
  EXPECT_EQ(both.record(2), 1U);
}

TEST(Grouping, NullsGroupTogetherAndTextsAreNotNumbers) {
  const ColumnPtr a = texts({"1", "", "1", ""});
  EXPECT_EQ(group_rows({a.get()}, 4).group, (std::vector<std::uint32_t>{0, 1, 0, 1}));
  const ColumnPtr b = numbers({1, std::nan("")});
  const JointGrouping joint = group_jointly({a.get()}, 4, {b.get()}, 2);
  EXPECT_NE(joint.left[0], joint.right[0]);
  EXPECT_EQ(joint.left[1], joint.right[1]);
}

TEST(Grouping, ManyKeysAreToldApart) {
  KeyNumbers keys;
  for (std::uint64_t key = 0; key < 100000; ++key) ASSERT_EQ(keys.of(key << 32), key);
  EXPECT_EQ(keys.find(99999ULL << 32), 99999U);
  EXPECT_EQ(keys.find(5), no_row);
}

/// Supplemental qualifiers of two findings records; IDVARVAL is text, LBSEQ a number.
Data study() {
  Data data;
  data.add(part_of("LB", {{"USUBJID", texts({"S1", "S1", "S2"})},
                          {"DOMAIN", texts({"LB", "LB", "LB"})},
                          {"LBSEQ", numbers({1, 2, 1})},
                          {"LBSTAT", texts({"", "NOT DONE", ""})}}));
  data.add(part_of("SUPPLB", {{"USUBJID", texts({"S1", "S2", "S2"})},
                              {"RDOMAIN", texts({"LB", "LB", "LB"})},
                              {"IDVAR", texts({"LBSEQ", "LBSEQ", "LBSEQ"})},
                              {"IDVARVAL", texts({"2.0", "1", "2"})},
                              {"QNAM", texts({"A", "B", "C"})}}));
  data.finish(nullptr);
  return data;
}

TEST(Joins, ChildRecordsFindTheirParentByNumber) {
  const Data data = study();
  Dataset const* supplement = nullptr;
  for (const Dataset& dataset : data.datasets())
    if (dataset.name == "SUPPLB") supplement = &dataset;
  ASSERT_NE(supplement, nullptr);
  const Rule rule = rule_of(
      "Match Datasets: [{Name: SUPP--, Child: true, Keys: [USUBJID]}]\n"
      "Check: {all: [{name: LBSTAT, operator: equal_to, value: NOT DONE}]}\n");
  ASSERT_EQ(rule.unsupported, "");
  const Table table = prepare_table(rule, *supplement, data);
  ASSERT_NE(table.frame.find("LBSEQ"), nullptr);
  EXPECT_EQ(table.frame.find("LBSEQ")->at(0).number, 2);
  EXPECT_EQ(table.frame.find("LBSEQ")->at(1).number, 1);
  EXPECT_TRUE(table.frame.find("LBSEQ")->at(2).is_null());
}

TEST(Issues, AreTheSameWithOneThreadAndWithMany) {
  const Data data = study();
  std::vector<Rule> rules;
  for (const char* name : {"USUBJID", "LBSTAT", "QNAM", "LBSEQ"})
    rules.push_back(rule_of("Check: {all: [{name: " + std::string(name) + ", operator: non_empty}]}\n"));
  RunOptions one, many;
  one.threads = 1;
  many.threads = 8;
  const std::string expected = core_lines(run_rules(rules, data, one));
  EXPECT_NE(expected.find("LB,2,LBSTAT,NOT DONE"), std::string::npos);
  for (int again = 0; again < 20; ++again) EXPECT_EQ(core_lines(run_rules(rules, data, many)), expected);
}

TEST(Loading, OneUnreadableFileDoesNotStopTheOthers) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "conform-load";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "ae.csv") << "USUBJID,AETERM\nS1,HEADACHE\nS2,NAUSEA\n";
  std::ofstream(folder / "cm.csv") << "USUBJID,CMTRT\nS1\n";
  std::ofstream(folder / "dm.xpt") << "not a transport file";
  std::ofstream(folder / "ex.csv") << "USUBJID,EXTRT\nS1,A,\n";
  std::ofstream(folder / "mh.csv") << "USUBJID,MHTERM,mhterm\nS1,A,B\n";
  std::ofstream(folder / "readme.txt") << "no dataset";
  Data data;
  load_paths(data, {folder.string()});
  ASSERT_EQ(data.parts().size(), 1U);
  EXPECT_EQ(data.parts()[0]->frame.names(), (std::vector<std::string>{"USUBJID", "AETERM"}));
  std::vector<std::string> not_read;
  for (const Data::Problem& problem : data.problems()) not_read.push_back(problem.file);
  EXPECT_EQ(not_read, (std::vector<std::string>{"cm.csv", "dm.xpt", "ex.csv", "mh.csv"}));
  std::filesystem::remove_all(folder);
}

// Files of the CORE layout may leave out empty fields at the end of a line; other fields never get lost.
TEST(Loading, CoreLayoutMayLeaveEmptyFieldsOut) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "conform-layout";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "_datasets.csv") << "Filename,Label\nae,Adverse Events\ncm,Medications\n";
  std::ofstream(folder / "ae.csv") << "USUBJID,AETERM,AESER\nS1,HEADACHE\nS2,NAUSEA,Y,,\n";
  std::ofstream(folder / "cm.csv") << "USUBJID,CMTRT\nS1,ASPIRIN,lost\n";
  Data data;
  load_paths(data, {folder.string()});
  ASSERT_EQ(data.parts().size(), 1U);
  EXPECT_EQ(data.parts()[0]->frame.rows, 2U);
  ASSERT_EQ(data.problems().size(), 1U);
  EXPECT_EQ(data.problems()[0].file, "cm.csv");
  EXPECT_NE(data.problems()[0].message.find("record 1 has 3 fields, the header has 2"), std::string::npos);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace trialmill::conform
