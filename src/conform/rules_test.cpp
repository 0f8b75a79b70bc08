// Every rule of rules/ has a small dataset it accepts and one it finds fault with:
// rules/tests/ID/{positive,negative}.
#include <gtest/gtest.h>

#include "conform/conform.hpp"
#include "conform/dates.hpp"
#include "conform/report.hpp"

namespace trialmill::conform {
namespace {

namespace fs = std::filesystem;

RuleResult run_one(const Rule& rule, const std::string& kind) {
  static std::vector<Rule> kept;
  kept = {rule};
  Data data;
  load_folder(data, fs::path(TRIALMILL_SOURCE_DIR) / "rules" / "tests" / rule.id / kind);
  data.finish(&standards::sdtmig("3.4"));
  return run_rules(kept, data, {"SDTMIG", "3.4", "", ""}).at(0);
}

TEST(Rules, AcceptTheirPositiveAndRejectTheirNegativeData) {
  const std::vector<Rule> rules = embedded_rules();
  ASSERT_GE(rules.size(), 20u);
  for (const Rule& rule : rules) {
    ASSERT_EQ(rule.unsupported, "") << rule.id;
    const RuleResult good = run_one(rule, "positive");
    EXPECT_EQ(good.status, RuleStatus::passed) << rule.id << " " << good.reason << core_lines({good});
    const RuleResult bad = run_one(rule, "negative");
    EXPECT_EQ(bad.status, RuleStatus::issues) << rule.id << " " << bad.reason;
    EXPECT_TRUE(bad.errors.empty()) << rule.id;
  }
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
