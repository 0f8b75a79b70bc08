// What a rule means beyond its operators: joins, scope, sensitivity, classes, and what is not executable.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "conform/dates.hpp"
#include "conform/engine.hpp"
#include "conform/rule_text.hpp"

namespace trialmill::conform {
namespace {

using Columns = std::vector<std::pair<std::string, std::vector<const char*>>>;

Part part(const std::string& name, const Columns& columns) {
  Part out;
  out.name = name;
  out.file = name + ".csv";
  for (const auto& [column, texts] : columns) {
    std::vector<Value> values;
    for (const char* text : texts) values.push_back(*text == 0 ? Value{} : Value::of(text));
    out.frame.rows = values.size();
    out.frame.set(column, Column::of(values));
  }
  return out;
}

const Data& study() {
  static const Data data = [] {
    Data made;
    made.add(part("DM", {{"DOMAIN", {"DM"}}, {"USUBJID", {"1"}}, {"ARM", {"A"}}}));
    made.add(part("AE", {{"DOMAIN", {"AE", "AE", "AE"}},
                         {"USUBJID", {"1", "1", "2"}},
                         {"AESEQ", {"1", "2", "1"}},
                         {"AETERM", {"PAIN", "RASH", "PAIN"}}}));
    made.add(part("SUPPAE", {{"RDOMAIN", {"AE", "AE"}},
                             {"USUBJID", {"1", "2"}},
                             {"IDVAR", {"AESEQ", "AESEQ"}},
                             {"IDVARVAL", {"2.0", "1"}},
                             {"QNAM", {"AEX", "AEY"}},
                             {"QVAL", {"x", "y"}}}));
    made.add(part("FA", {{"DOMAIN", {"FA", "FA"}},
                         {"USUBJID", {"1", "2"}},
                         {"FASEQ", {"1", "2"}},
                         {"FATESTCD", {"OCC", "OCC"}},
                         {"FAOBJ", {"PAIN", "RASH"}}}));
    made.add(part("RELREC", {{"RDOMAIN", {"AE", "FA"}},
                             {"USUBJID", {"2", "2"}},
                             {"IDVAR", {"AESEQ", "FASEQ"}},
                             {"IDVARVAL", {"1", "2"}},
                             {"RELID", {"R1", "R1"}}}));
    made.add(part("APXX", {{"DOMAIN", {"APXX"}}, {"APID", {"9"}}, {"XXTERM", {"t"}}}));
    made.finish(&standards::sdtmig("3.4"));
    return made;
  }();
  return data;
}

std::string rule_of(const std::string& body, const std::string& sensitivity = "Record") {
  return "Core: {Id: X}\nRule Type: Record Data\nAuthorities: [{Standards: [{Name: SDTMIG, Version: "
         "'3.4'}]}]\n"
         "Outcome: {Message: m}\nSensitivity: " +
         sensitivity + "\n" + body;
}

/// "AE 1 AETERM=PAIN; …": every issue, or the status and the reason.
std::string run(const std::string& text) {
  const std::vector<Rule> rules{parse_rule(text, "x.yml")};
  const RuleResult result = run_rules(rules, study(), RunOptions()).at(0);
  if (result.status != RuleStatus::issues) return name_of(result.status) + ": " + result.reason;
  std::vector<std::string> out;
  for (const Issue& issue : result.issues) {
    std::string line = issue.dataset + " " + (issue.record ? std::to_string(*issue.record) : "-");
    for (const auto& [name, value] : issue.values) line += " " + name + "=" + value;
    out.push_back(line);
  }
  std::sort(out.begin(), out.end());
  return base::join(out, "; ");
}

const char* ae = "Scope: {Classes: {Include: [EVENTS]}, Domains: {Include: [AE]}}\n";

TEST(Language, JoinsByKeys) {
  const std::string arm = std::string(ae) + "Match Datasets: [{Name: DM, Keys: [USUBJID]";
  EXPECT_EQ(run(rule_of(arm + "}]\nCheck: {all: [{name: ARM, operator: non_empty}]}")),
            "AE 1 ARM=A; AE 2 ARM=A");
  EXPECT_EQ(run(rule_of(arm + ", Join Type: left}]\nCheck: {all: [{name: ARM, operator: empty}]}")),
            "AE 3 ARM=");
  EXPECT_EQ(run(rule_of(arm + ", Join Type: outer}]\nCheck: {all: [{name: ARM, operator: empty}]}")),
            "not executable: join type 'outer'");
  EXPECT_EQ(run(rule_of(std::string(ae) +
                        "Match Datasets: [{Name: DM}]\nCheck: {all: [{name: ARM, operator: empty}]}")),
            "not executable: match dataset 'DM' without Keys");
}

TEST(Language, JoinsQualifiersAsVariables) {
  for (const char* name : {"SUPPAE", "SUPP--"}) {
    EXPECT_EQ(
        run(rule_of(std::string(ae) + "Match Datasets: [{Name: " + name +
                    ", Keys: [USUBJID]}]\n"
                    "Check: {any: [{name: AEX, operator: non_empty}, {name: AEY, operator: non_empty}]}")),
        "AE 2 AEX=x AEY=; AE 3 AEX= AEY=y")
        << name;
  }
}

TEST(Language, JoinsRelatedRecords) {
  const std::string fa = "Scope: {Classes: {Include: [FINDINGS ABOUT]}, Domains: {Include: [FA]}}\n";
  EXPECT_EQ(run(rule_of(fa + "Match Datasets: [{Name: RELREC}]\n"
                             "Check: {all: [{name: FAOBJ, operator: not_equal_to, value: RELREC.**TERM}]}\n"
                             "Operations: [{id: $n, operator: record_count}]")),
            "FA 2 FAOBJ=RASH");
}

TEST(Language, ScopesByClassDomainAndUseCase) {
  const char* check = "Check: {all: [{name: DOMAIN, operator: non_empty}]}";
  EXPECT_EQ(run(rule_of(std::string("Scope: {Classes: {Include: [FINDINGS]}}\n") + check)),
            "FA 1 DOMAIN=FA; FA 2 DOMAIN=FA");
  EXPECT_EQ(run(rule_of(std::string("Scope: {Datasets: {Include: [AP--]}}\n") + check)),
            "APXX 1 DOMAIN=APXX");
  EXPECT_EQ(run(rule_of(std::string("Scope: {Domains: {Include: [DM]}}\n") + check)), "DM 1 DOMAIN=DM");
  EXPECT_EQ(
      run(rule_of(std::string("Scope: {Data Structures: {Include: [BASIC DATA STRUCTURE]}}\n") + check)),
      "not executable: scope 'Data Structures': not for SDTM data");
}

TEST(Language, DetectsClasses) {
  const auto class_of = [](const std::string& name) {
    for (const Dataset& dataset : study().datasets()) {
      if (dataset.name == name) return dataset.class_name;
    }
    return std::string("?");
  };
  EXPECT_EQ(class_of("DM"), "SPECIAL PURPOSE");
  EXPECT_EQ(class_of("AE"), "EVENTS");
  EXPECT_EQ(class_of("SUPPAE"), "RELATIONSHIP");
  EXPECT_EQ(class_of("FA"), "FINDINGS ABOUT");
  EXPECT_EQ(class_of("APXX"), "EVENTS");  // by its topic variable XXTERM
}

TEST(Language, ExpandsDashes) {
  EXPECT_EQ(run(rule_of(std::string(ae) + "Check: {all: [{name: --TERM, operator: equal_to, value: RASH}]}")),
            "AE 2 AETERM=RASH");
  EXPECT_EQ(run(rule_of("Scope: {Domains: {Include: [AP--]}}\n"
                        "Check: {all: [{name: --TERM, operator: non_empty}]}")),
            "APXX 1 XXTERM=t");
}

TEST(Language, CountsIssuesBySensitivity) {
  const std::string body = std::string(ae) + "Check: {all: [{name: AETERM, operator: non_empty}]}\n";
  EXPECT_EQ(run(rule_of(body)), "AE 1 AETERM=PAIN; AE 2 AETERM=RASH; AE 3 AETERM=PAIN");
  EXPECT_EQ(run(rule_of(body, "Dataset")), "AE - AETERM=PAIN");
  EXPECT_EQ(run(rule_of(body + "Grouping_Variables: [AETERM]", "Group")),
            "AE 1 AETERM=PAIN; AE 2 AETERM=RASH");
  EXPECT_EQ(run(rule_of("Check: {all: [{name: USUBJID, operator: non_empty}]}", "Study")),
            "STUDY - USUBJID=1");
  EXPECT_EQ(run(rule_of(body, "Group")), "not executable: sensitivity 'Group' without Grouping_Variables");
  EXPECT_EQ(run(rule_of(body, "Value")), "not executable: sensitivity 'Value'");
}

TEST(Language, WordsTheSensitivity) {
  const std::string body = std::string(ae) + "Check: {all: [{name: AETERM, operator: non_empty}]}\n";
  const auto says = [&](const std::string& more, const char* sensitivity, const std::string& wanted) {
    return rule_text(parse_rule(rule_of(body + more, sensitivity), "x.yml")).find(wanted) !=
           std::string::npos;
  };
  EXPECT_TRUE(says("", "Record", "An issue is every record with\n"));
  EXPECT_TRUE(says("", "Dataset", "An issue is every dataset with\n"));
  EXPECT_TRUE(says("", "Study", "; at most one issue a study\n"));
  EXPECT_TRUE(says("", "Study", "An issue is the study with\n"));
  EXPECT_TRUE(says("Grouping_Variables: [USUBJID, AETERM]", "Group",
                   "; at most one issue for each USUBJID, AETERM\n"));
  EXPECT_TRUE(says("Grouping_Variables: [AETERM]", "Group", "An issue is every AETERM with\n"));
}

TEST(Language, SaysWhichTablesItDoesNotHold) {
  RunOptions sendig;
  sendig.standard = "SENDIG";
  sendig.version = "3.1";
  const std::vector<Rule> rules{
      parse_rule("Core: {Id: X}\nRule Type: Record Data\nSensitivity: Record\nOutcome: {Message: m}\n"
                 "Authorities: [{Standards: [{Name: SENDIG, Version: '3.1'}]}]\n"
                 "Operations: [{id: $x, operator: required_variables}]\n"
                 "Check: {all: [{name: $x, operator: non_empty}]}\n",
                 "x.yml")};
  const RuleResult result = run_rules(rules, study(), sendig).at(0);
  EXPECT_EQ(result.status, RuleStatus::not_executable);
  EXPECT_EQ(result.reason, "it needs the variable tables of SENDIG 3.1, which the program does not hold");
}

TEST(Language, WhatIsUnknownIsNotExecutable) {
  const std::string check = "Check: {all: [{name: AETERM, operator: empty}]}\n";
  EXPECT_EQ(run(rule_of(check + "Match Dataset: [{Name: DM, Keys: [USUBJID]}]")),
            "not executable: section 'Match Dataset'");
  EXPECT_EQ(run(rule_of(check + "Operations: [{id: $x, operator: distinctt, name: A}]")),
            "not executable: operation 'distinctt'");
  EXPECT_EQ(run("Core: {Id: X}\nRule Type: JSONata\nSensitivity: Record\n"
                "Authorities: [{Standards: [{Name: SDTMIG, Version: '3.4'}]}]\n"),
            "not executable: rule type 'JSONata': for USDM only");
  EXPECT_EQ(run("Core: {Id: X}\nRule Type: Define Item Metadata Check\nSensitivity: Record\n"
                "Authorities: [{Standards: [{Name: SDTMIG, Version: '3.4'}]}]\n" +
                check),
            "not executable: it needs the Define-XML file (--define-xml)");
  EXPECT_EQ(run(rule_of(check + "Operations: [{id: $x, operator: codelist_terms, codelists: [NY]}]")),
            "not executable: it needs controlled terminology (--ct; trialmill ct import)");
  const Rule broken = parse_rule("Core:\n  Id: X\n Check: [\n", "x.yml");
  EXPECT_NE(broken.unsupported, "");
  EXPECT_GT(broken.unsupported_line, 1);
}

TEST(Dates, ComparePartsAndZones) {
  const auto sign = [](const char* a, const char* b, int precision) {
    return compare(*parse_date(a), *parse_date(b), precision);
  };
  EXPECT_EQ(sign("2018-05", "2018-05-07", 2), 0);
  EXPECT_EQ(sign("2018-05-01", "2018-05-07", 3), -1);
  EXPECT_EQ(sign("2018-05-01T10:00+02:00", "2018-05-01T08:00Z", 5), 0);
  EXPECT_EQ(parse_date("2018-05-01/2018-05-07")->parts[2], 1);  // an interval counts by its first part
  EXPECT_FALSE(parse_date("2018-05-01/x"));
  EXPECT_FALSE(parse_date("2018-05-01\t"));
  EXPECT_EQ(parse_date("2003---15")->precision(), 1);
  EXPECT_EQ(days_of(*parse_date("1970-01-02")), 1);
  EXPECT_TRUE(is_complete_date("20180505"));
  EXPECT_FALSE(is_complete_date("2018-02-30"));
  EXPECT_TRUE(is_duration("P1Y2.5M", false));
  EXPECT_FALSE(is_duration("P1.5Y2M", false));
  EXPECT_FALSE(is_duration("PT", true));
}

}  // namespace
}  // namespace trialmill::conform
