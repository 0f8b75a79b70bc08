// A rule set gives the rules that its YAML gives; sets that do not fit are refused; imports account for
// files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "conform/rule_cache.hpp"
#include "conform/rule_import.hpp"
#include "conform/rule_text.hpp"

namespace trialmill::conform {
namespace {

namespace fs = std::filesystem;

class RuleSets : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("trialmill-rules-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    base::make_folders(folder_ / "sets");
    ::setenv("TRIALMILL_RULES", (folder_ / "sets").c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TRIALMILL_RULES");
    fs::remove_all(folder_);
  }
  void put(const std::string& file, const std::string& text) {
    base::write_file_atomically(folder_ / "checkout" / file, text);
  }
  fs::path folder_;
};

void expect_equal(const std::vector<Rule>& a, const std::vector<Rule>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(tree_to_json(*a[i].tree), tree_to_json(*b[i].tree)) << a[i].id;
    EXPECT_EQ(rule_text(a[i]), rule_text(b[i]));
    EXPECT_EQ(a[i].source, b[i].source);
    EXPECT_EQ(a[i].unsupported, b[i].unsupported);
    EXPECT_EQ(a[i].unsupported_line, b[i].unsupported_line);
  }
}

TEST_F(RuleSets, GiveTheRulesOfTheirYaml) {
  const std::vector<Rule> rules = load_rules(fs::path(TRIALMILL_SOURCE_DIR) / "rules");
  ASSERT_GE(rules.size(), 20u);
  write_rule_set(rule_set_file("ours"), {"ours", "rules", "now", base::program_version, rules});
  EXPECT_EQ(rule_set_names(), std::vector<std::string>{"ours"});
  std::size_t left_out = 0;
  expect_equal(find_rules("ours", {}, left_out), rules);
  EXPECT_EQ(left_out, 0u);
}

TEST_F(RuleSets, GiveTheRulesOfPublishedYaml) {
  const fs::path shared = fs::path(TRIALMILL_SHARED_DIR) / "data" / "core-rules" / "dev";
  if (!fs::exists(shared)) GTEST_SKIP() << "no published rules at " << shared;
  const std::vector<Rule> rules = load_rules(shared);
  expect_equal(rules_from_lines(rule_lines(rules), "lines"), rules);
}

TEST_F(RuleSets, KeepQuotesNullsAndEscapes) {
  const Rule rule =
      parse_rule("Core: {Id: Q}\nA: \"1\"\nB: 1\nC: ~\nD: [\"x\\\"\\n\\u00e9\", '']\nE: {}\n", "q.yml");
  const std::vector<Rule> back = rules_from_lines(rule_lines({rule}), "lines");
  ASSERT_EQ(back.size(), 1u);
  const RuleNode& tree = *back[0].tree;
  EXPECT_TRUE(tree["A"].quoted());
  EXPECT_FALSE(tree["B"].quoted());
  EXPECT_TRUE(tree["C"].defined() && tree["C"].is_null());
  EXPECT_EQ(tree["D"].begin()->text(), "x\"\n\u00e9");
  EXPECT_EQ(tree["B"].line(), 3);
  EXPECT_TRUE(tree["E"].is_map());
  EXPECT_FALSE(tree["F"]["G"].defined());
}

TEST_F(RuleSets, ThatDoNotFitAreRefused) {
  const std::vector<Rule> rules{parse_rule("Core: {Id: A, Status: Draft}\n", "a.yml")};
  const fs::path file = rule_set_file("core");
  const auto refused = [&](const std::string& wanted) {
    try {
      read_rule_set(file);
      ADD_FAILURE() << "accepted";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.code(), "TM2404");
      EXPECT_THAT(error.what(), testing::HasSubstr(wanted));
    }
  };
  write_rule_set(file, {"core", "/there", "now", "0.0.1", rules});
  refused("written by trialmill 0.0.1");
  refused("trialmill rules import /there --name core");
  write_rule_set(file, {"core", "/there", "now", base::program_version, rules});
  EXPECT_EQ(read_rule_set(file).rules.size(), 1u);
  std::size_t left_out = 0;
  EXPECT_TRUE(find_rules("core", {"published"}, left_out).empty());
  EXPECT_EQ(left_out, 1u);
  const std::string text = base::read_file(file);
  base::write_file_atomically(file, text.substr(0, text.size() - 5));
  refused("damaged");
  base::write_file_atomically(file, "Core: {Id: A}\n");
  refused("not a rule set");
}

TEST_F(RuleSets, ImportAccountsForEveryFile) {
  put("Published/CORE-1/rule.yml",
      "Core: {Id: CORE-1, Status: Published}\nRule Type: Magic\nSensitivity: Record\n");
  put("Unpublished/deep/er/x.YAML", "Core: {Id: CORE-2, Status: Draft}\nCheck: {}\n");
  put("Unpublished/broken.yml", "Core:\n  Id: [1\n");
  put("Unpublished/nameless.yml", "Core: {Status: Draft}\n");
  put("again.yml", "Core: {Id: CORE-1, Status: Published}\n");
  put("other.yml", "jobs: {build: 1}\n");
  put(".github/workflow.yml", "Core: {Id: NO}\n");
  const RuleImport found = import_rules(folder_ / "checkout");
  ASSERT_EQ(found.rules.size(), 3u);
  EXPECT_EQ(found.rules[0].source, "Published/CORE-1/rule.yml");
  EXPECT_EQ(found.rules[0].unsupported, "rule type 'Magic'");
  ASSERT_EQ(found.faulty.size(), 2u);
  EXPECT_EQ(found.faulty[0].place.file, "Unpublished/broken.yml");
  EXPECT_GT(found.faulty[0].place.line, 1);
  EXPECT_EQ(found.faulty[1].reason, "the rule has no Core Id");
  EXPECT_EQ(found.not_rules, std::vector<std::string>{"other.yml"});
  EXPECT_EQ(found.duplicates, std::vector<std::string>{"CORE-1: Published/CORE-1/rule.yml, again.yml"});
  EXPECT_THROW(import_rules(folder_ / "sets"), base::Error);
}

}  // namespace
}  // namespace trialmill::conform
