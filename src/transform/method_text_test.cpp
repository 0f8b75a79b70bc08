#include "transform/method_text.hpp"

#include <gtest/gtest.h>

namespace trialmill::transform {
namespace {

std::string told(const std::string& yaml) {
  return method_text(base::parse_yaml("x: " + yaml, "t.yaml").map().get("x"));
}

TEST(MethodText, TellsWhatVerbsDo) {
  EXPECT_EQ(told("AETERM"), "Taken from AETERM.");
  EXPECT_EQ(
      told("{study_day: AESTDTC, when: \"AEYN = 'Y'\"}"),
      "Days from DM.RFSTDTC to AESTDTC: the day itself is 1, the day before it -1, none is 0. Missing unless "
      "both are complete dates. Only where AEYN = 'Y'.");
  EXPECT_EQ(told("{convert: VSORRES, from: VSORRESU, to: kg, factors: {LB: 0.4536}, round: 1}"),
            "VSORRES, converted from the unit in VSORRESU to kg by the factors listed, rounded to 1 decimal, "
            "half away "
            "from zero.");
  EXPECT_EQ(told("{sequence: [AESTDTC, AETERM], stable: false}"),
            "Numbers the records within USUBJID in the order of AESTDTC and AETERM.");
  EXPECT_EQ(
      told("{earliest: [EX.EXSTDTC, EC.ECSTDTC]}"),
      "The first of the subject's dates in EX.EXSTDTC and EC.ECSTDTC. A partial date is not before the days "
      "that it may be.");
  EXPECT_EQ(told("{sql: \"a\\n   + b\"}"), "By the expression a + b.");
  EXPECT_EQ(told("{lookup: TV, key: VISIT, on: NAME, value: VISITNUM}"),
            "VISITNUM of the line of TV whose NAME equals VISIT.");
}

TEST(MethodText, TellsEachCaseOfAChoice) {
  EXPECT_EQ(told("{choose: [{when: A > 1, constant: HIGH}, {when: A < 0, from: B}, {constant: \"\"}]}"),
            "If A > 1: 'HIGH'. If A < 0: Taken from B. Otherwise: ''.");
}

TEST(MethodText, SaysNothingOfAnUnknownVerb) {
  EXPECT_EQ(told("{given: records}"), "");
  EXPECT_EQ(told("{}"), "");
}

}  // namespace
}  // namespace trialmill::transform
