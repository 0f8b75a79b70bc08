// Every rule of rules/ has a small dataset it accepts and one it finds fault with:
// rules/tests/ID/{positive,negative}; negative/expected.csv holds the issues, written by hand from what is
// wrong in the data. docs/rules.md lists all rules; its table is written by this test:
//   TRIALMILL_UPDATE_DOCS=1 build-dev/tests/conform_test --gtest_filter='Rules.*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "conform/conform.hpp"
#include "conform/dates.hpp"
#include "conform/report.hpp"
#include "conform/rule_cache.hpp"

namespace trialmill::conform {
namespace {

namespace fs = std::filesystem;

const fs::path& source_dir() {
  static const fs::path dir = TRIALMILL_SOURCE_DIR;
  return dir;
}

fs::path data_of(const Rule& rule, const std::string& kind) {
  return source_dir() / "rules" / "tests" / rule.id / kind;
}

/// The rule over one of its datasets, under the latest version it names.
RuleResult run_one(const Rule& rule, const std::string& kind) {
  static std::vector<Rule> kept;
  kept = {rule};
  const std::string version = rule.standards.back().version;
  Data data;
  load_folder(data, data_of(rule, kind));
  data.finish(&standards::sdtmig(version));
  return run_rules(kept, data, {"SDTMIG", version, "", ""}).at(0);
}

/// Lines in a fixed order, whatever ends them.
std::string sorted_lines(const std::string& text) {
  std::vector<std::string> lines = base::split(base::replace_all(text, "\r", ""), '\n');
  std::sort(lines.begin(), lines.end());
  return base::join(lines, "\n");
}

TEST(Rules, AcceptTheirPositiveAndRejectTheirNegativeData) {
  const std::vector<Rule> rules = embedded_rules();
  ASSERT_GE(rules.size(), 120u);
  const fs::directory_iterator folders(source_dir() / "rules" / "tests");
  EXPECT_EQ(static_cast<std::size_t>(std::distance(begin(folders), end(folders))), rules.size())
      << "rules/tests holds data of a rule that is gone";
  for (const Rule& rule : rules) {
    SCOPED_TRACE(rule.id);
    ASSERT_EQ(rule.unsupported, "");
    ASSERT_FALSE(rule.standards.empty());
    for (const char* kind : {"positive", "negative"}) {
      ASSERT_TRUE(fs::exists(data_of(rule, kind) / "_datasets.csv")) << kind;
      ASSERT_TRUE(fs::exists(data_of(rule, kind) / "_variables.csv")) << kind;
    }
    const RuleResult good = run_one(rule, "positive");
    EXPECT_EQ(good.status, RuleStatus::passed) << good.reason << core_lines({good});
    const RuleResult bad = run_one(rule, "negative");
    EXPECT_EQ(bad.status, RuleStatus::issues) << bad.reason;
    EXPECT_TRUE(bad.errors.empty());
    EXPECT_EQ(sorted_lines(core_lines({bad})),
              sorted_lines(base::read_file(data_of(rule, "negative") / "expected.csv")));
  }
}

/// "A, B" of the Include or Exclude lists; "all" where everything is in scope.
std::string scope_of(const Rule& rule) {
  const auto restricted = [](const std::vector<std::string>& list) {
    return !list.empty() && list[0] != "ALL";
  };
  std::vector<std::string> parts;
  if (restricted(rule.classes)) parts.push_back(base::join(rule.classes, ", "));
  if (restricted(rule.domains)) parts.push_back(base::join(rule.domains, ", "));
  std::string scope = parts.empty() ? "all" : base::join(parts, ": ");
  std::vector<std::string> out = rule.classes_out;
  out.insert(out.end(), rule.domains_out.begin(), rule.domains_out.end());
  return out.empty() ? scope : scope + " but " + base::join(out, ", ");
}

/// Cited documents with sections, then ids of public rules; and the versions unless they are 3.2, 3.3
/// and 3.4.
std::string source_of(const Rule& rule) {
  const YAML::Node authorities =
      base::parse_yaml(base::read_file(source_dir() / "rules" / (rule.id + ".yml")), rule.id).node();
  std::vector<std::string> cited, ids, versions;
  for (const YAML::Node& standard : authorities["Authorities"][0]["Standards"]) {
    versions.push_back(standard["Version"].Scalar());
    for (const YAML::Node& reference : standard["References"]) {
      for (const YAML::Node& citation : reference["Citations"])
        cited.push_back(citation["Document"].Scalar() + " " + citation["Section"].Scalar());
      if (reference["Rule Identifier"].IsDefined())
        ids.push_back(reference["Rule Identifier"]["Id"].Scalar());
    }
  }
  cited.insert(cited.end(), ids.begin(), ids.end());
  const std::string text = base::join(cited, ", ");
  return versions.size() == 3 ? text : text + " (only " + base::join(versions, ", ") + ")";
}

TEST(Rules, AreListedInTheDocs) {
  const fs::path page = source_dir() / "docs" / "rules.md";
  const std::string begin = "| id | checks that | scope | severity | source |\n|---|---|---|---|---|\n";
  std::string table = begin;
  std::set<std::string> descriptions;
  for (const Rule& rule : embedded_rules()) {
    table += "| " + rule.id + " | " + base::replace_all(rule.description, "|", "\\|") + " | " +
             scope_of(rule) + " | " + std::string(findings::name_of(rule.severity)) + " | " +
             source_of(rule) + " |\n";
    EXPECT_TRUE(descriptions.insert(rule.description).second)
        << rule.id << " describes what another rule does";
  }
  std::string text = base::read_file(page);
  const std::size_t at = text.find(begin);
  ASSERT_NE(at, std::string::npos) << "docs/rules.md has no table";
  if (std::getenv("TRIALMILL_UPDATE_DOCS") != nullptr) {
    text = text.substr(0, at) + table;
    base::write_file_atomically(page, text);
  }
  EXPECT_TRUE(text.substr(at) == table)
      << "docs/rules.md is stale; run TRIALMILL_UPDATE_DOCS=1 conform_test --gtest_filter='Rules.*'";
}

TEST(Rules, UnknownOperatorsAreNotExecutable) {
  const Rule rule = parse_rule(
      "Core: {Id: X-1}\nRule Type: Record Data\nSensitivity: Record\n"
      "Outcome: {Message: m}\nCheck: {all: [{name: AGE, operator: is_magic}]}\n",
      "x.yml");
  EXPECT_EQ(rule.unsupported, "operator 'is_magic'");
}

TEST(Values, PrintAsReportsExpect) {
  EXPECT_EQ(float_text(1), "1.0");
  EXPECT_EQ(float_text(1e-5), "1e-05");
  EXPECT_EQ(printed(Value::of(std::vector<Value>{Value::of("A"), Value{}})), "['A', None]");
  EXPECT_EQ(printed(Value::of("  ")), "");
}

TEST(Dates, PartialAndComplete) {
  EXPECT_TRUE(parse_date("2018-05"));
  EXPECT_TRUE(parse_date("2003---15"));
  EXPECT_FALSE(parse_date("20180505"));
  EXPECT_FALSE(parse_date("2018-02-30"));
  EXPECT_TRUE(is_complete_date("2018-05-05T10"));
  EXPECT_FALSE(is_complete_date("2018-05"));
  EXPECT_TRUE(is_duration("P1Y2M", false));
  EXPECT_FALSE(is_duration("-P1Y", false));
}

}  // namespace
}  // namespace trialmill::conform
