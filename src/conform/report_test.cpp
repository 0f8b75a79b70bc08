// Every form of a report, on data with hostile values, read back with the library of its format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <pugixml.hpp>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "conform/report.hpp"
#include "formats/xml_text.hpp"

namespace trialmill::conform {
namespace {

using base::Json;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* seriousness = R"(
Core: {Id: X-1, Status: Published, Version: "2"}
Authorities: [{Organization: CDISC, Standards: [{Name: SDTMIG, Version: "3.4", References: [
  {Rule Identifier: {Id: CG0001}, Citations: [{Document: IG v3.4, Section: "6.2", Item: AESER}]}]}]}]
Description: AESER must not be empty when a criterion is met.
Rule Type: Record Data
Sensitivity: Record
Scope: {Domains: {Include: [AE]}}
Check:
  all:
    - {name: --SER, operator: empty}
    - any:
        - {name: AESDTH, operator: equal_to, value: "Y"}
        - {name: AESLIFE, operator: equal_to, value: "Y"}
        - {name: AETERM, operator: starts_with, value: "="}
Outcome: {Message: "AESER is empty & <serious>", Output Variables: [AESER, AETERM]}
)";
constexpr const char* warning = R"(
Core: {Id: X-2, Status: Published}
Authorities: [{Standards: [{Name: SDTMIG, Version: "3.4"}]}]
Rule Type: Record Data
Sensitivity: Record
Severity: warning
Scope: {Domains: {Include: [AE]}}
Check: {all: [{name: AETERM, operator: non_empty}]}
Outcome: {Message: a term}
)";
constexpr const char* skipped = R"(
Core: {Id: X-3}
Authorities: [{Standards: [{Name: SDTMIG, Version: "3.4"}]}]
Rule Type: Record Data
Sensitivity: Record
Scope: {Domains: {Include: [LB]}}
Check: {all: [{name: LBTEST, operator: empty}]}
Outcome: {Message: m}
)";

class Reports : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("trialmill-report-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    base::make_folders(folder_);
    base::write_file_atomically(folder_ / "ae.csv",
                                "DOMAIN,USUBJID,AESEQ,AETERM,AESER,AESDTH\n"
                                "AE,S-1,1,\"=HYPERLINK(\"\"http://x\"\")\",,N\n"
                                "AE,S-1,2,</script><b>\x01 & \xff,,Y\n"
                                "AE,S-2,1,HEADACHE,N,N\n");
    rules_ = {parse_rule(seriousness, "x1.yml"), parse_rule(warning, "x2.yml"), parse_rule(skipped, "x3.yml"),
              parse_rule("Core: {Id: X-4}\nAuthorities: [{Standards: [{Name: SDTMIG, Version: \"3.4\"}]}]\n"
                         "Rule Type: Magic\nSensitivity: Record\n",
                         "x4.yml")};
    load_folder(data_, folder_);
    data_.finish(&standards::sdtmig("3.4"));
    results_ = run_rules(rules_, data_, {"SDTMIG", "3.4", "", ""});
  }
  void TearDown() override { fs::remove_all(folder_); }

  Report report(bool explain = true) const {
    Report out{results_, data_, {}, SIZE_MAX, {}, findings::Severity::info};
    out.run.standard = "SDTMIG";
    out.run.version = "3.4";
    if (explain) {
      for (const RuleResult& result : results_) out.explanations.push_back(explain_issues(result, data_));
    }
    return out;
  }
  static std::string text(const Report& report, const std::string& format) {
    std::string out;
    print_report(report, format, [&](std::string_view piece) { out += piece; });
    return out;
  }

  fs::path folder_;
  std::vector<Rule> rules_;
  Data data_;
  std::vector<RuleResult> results_;
};

TEST_F(Reports, JsonHoldsAllParts) {
  const Json json = base::parse_json(text(report(), "json"), "report");
  EXPECT_EQ(json["conformance_details"]["standard"], "SDTMIG");
  EXPECT_EQ(json["dataset_details"][0]["name"], "AE");
  EXPECT_EQ(json["dataset_details"][0]["rows"], 3);
  EXPECT_EQ(json["dataset_details"][0]["columns"], 6);
  EXPECT_EQ(json["issue_summary"]["issues"], 5);
  EXPECT_EQ(json["issue_summary"]["severities"]["warning"], 3);
  EXPECT_EQ(json["issue_summary"]["rules"]["not executable"], 1);
  ASSERT_EQ(json["issue_details"].size(), 5u);
  const Json& issue = json["issue_details"][1];
  EXPECT_EQ(issue["rule"], "X-1");
  EXPECT_EQ(issue["record"], 2);
  EXPECT_EQ(issue["sequence"], "2");
  EXPECT_EQ(issue["variables"], Json::parse(R"(["AESER", "AETERM"])"));
  ASSERT_EQ(json["rules_report"].size(), 4u);
  EXPECT_EQ(json["rules_report"][0]["authority_rules"][0], "CG0001");
  EXPECT_EQ(json["rules_report"][2]["reason"], "no dataset in scope");
  EXPECT_EQ(json["rules_report"][3]["status"], "not executable");
}

TEST_F(Reports, ExplanationsSayWhichConditionWasTrue) {
  const Json json = base::parse_json(text(report(), "json"), "report");
  const Json& lines = json["issue_details"][1]["explanation"];
  ASSERT_EQ(lines.size(), 6u);  // all of, empty, any of, three comparisons
  EXPECT_EQ(lines[1]["text"], "AESER is empty");
  EXPECT_EQ(lines[1]["values"]["AESER"], "null");
  EXPECT_EQ(lines[3]["truth"], true);
  EXPECT_EQ(lines[3]["values"]["AESDTH"], "'Y'");
  EXPECT_EQ(lines[4]["truth"], nullptr);  // there is no AESLIFE
  EXPECT_EQ(lines[5]["truth"], false);
  EXPECT_EQ(true_conditions(report().explanations[0], 1),
            "AESER is empty [AESER: null] and AESDTH = \"Y\" [AESDTH: 'Y']");
  const RuleExplanation fine = explain_record(rules_[0], data_.datasets()[0], "AE", 3, data_);
  ASSERT_EQ(fine.issues.size(), 1u);
  EXPECT_EQ(fine.issues[0].truth.substr(0, 2), "00");
}

TEST_F(Reports, JunitCountsAndEscapes) {
  Report shown = report(false);
  shown.failure = findings::Severity::error;
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(text(shown, "junit").c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  EXPECT_STREQ(suite.attribute("tests").value(), "4");
  EXPECT_STREQ(suite.attribute("failures").value(), "1");  // the warning is below the threshold
  EXPECT_STREQ(suite.attribute("skipped").value(), "2");
  const pugi::xml_node first = suite.child("testcase").child("failure");
  EXPECT_STREQ(first.attribute("message").value(), "AESER is empty & <serious> (2 issues)");
  EXPECT_THAT(first.text().get(),
              HasSubstr("AE record 2 (S-1): AESER=, AETERM=</script><b>\xEF\xBF\xBD & \xEF\xBF\xBD"));
}

TEST_F(Reports, SarifHasWhatTheSchemaRequires) {
  const Json sarif = base::parse_json(text(report(), "sarif"), "report");
  EXPECT_EQ(sarif["version"], "2.1.0");
  const Json& run = sarif["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["name"], "trialmill");
  const Json& rules = run["tool"]["driver"]["rules"];
  ASSERT_EQ(rules.size(), 4u);
  ASSERT_EQ(run["results"].size(), 5u);
  for (const Json& result : run["results"]) {
    EXPECT_FALSE(result["message"]["text"].get<std::string>().empty());
    EXPECT_EQ(rules[result["ruleIndex"].get<std::size_t>()]["id"], result["ruleId"]);
  }
  EXPECT_EQ(run["results"][0]["level"], "error");
  EXPECT_EQ(run["results"][0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], "AE/1");
  EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "ae.csv");
  EXPECT_EQ(run["results"][2]["level"], "warning");
  EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"].size(), 2u);
}

TEST_F(Reports, HtmlIsOneFileThatDataCannotBreak) {
  const std::string html = text(report(), "html");
  EXPECT_EQ(html.find("</script><b>"), std::string::npos);
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t start = html.find(open) + open.size(), end = html.find("</script>", start);
  const Json data = base::parse_json(html.substr(start, end - start), "data");
  ASSERT_EQ(data["issues"].size(), 5u);
  EXPECT_EQ(data["issues"][1][6][1], "</script><b>\x01 & \xEF\xBF\xBD");
  EXPECT_EQ(data["issues"][1][8], "1111-0");  // truth, line by line
  EXPECT_EQ(data["rules"][0]["citations"][0][0], "CDISC SDTMIG 3.4, CG0001");
  for (const char* loads : {" src=", "<link", "@import", "url("})
    EXPECT_EQ(html.find(loads), std::string::npos) << loads;
}

TEST_F(Reports, ACapIsStatedInEveryForm) {
  Report capped = report(false);
  capped.issues_per_rule_max = 1;
  const std::string stated = "only the first 1 issues of a rule are listed; 2 rules have more";
  EXPECT_EQ(capped.cap_text(), stated);
  for (const char* format : {"table", "json", "html", "junit", "sarif"})
    EXPECT_THAT(text(capped, format), HasSubstr(stated)) << format;
  EXPECT_THAT(text(capped, "csv"), HasSubstr("2 more issues are not listed"));
  EXPECT_EQ(base::split(text(capped, "core"), '\n').size(), base::split(core_lines(results_), '\n').size());
}

TEST_F(Reports, XlsxIsAZipAndLeavesNothingBehind) {
  save_report(report(), "xlsx", folder_ / "out" / "r.xlsx");
  EXPECT_EQ(base::read_file(folder_ / "out" / "r.xlsx", 2), "PK");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "out"), fs::directory_iterator()), 1);
}

TEST(XmlText, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(formats::xml_text("a\tb\n\xC3\xA9"), "a\tb\n\xC3\xA9");
  EXPECT_EQ(formats::xml_text(std::string("\0\x1f", 2)), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(formats::xml_text("\xC3(\xF0\x9F"), "\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(formats::xml_text("\xEF\xBF\xBF"), "\xEF\xBF\xBD");
}

TEST(FormatOf, FileNames) {
  EXPECT_EQ(format_of("a/R.XLSX"), "xlsx");
  EXPECT_EQ(format_of("junit.xml"), "junit");
  EXPECT_EQ(format_of("report"), "");
}

}  // namespace
}  // namespace trialmill::conform
