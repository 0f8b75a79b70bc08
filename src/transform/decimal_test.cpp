#include "transform/decimal.hpp"

#include <gtest/gtest.h>

namespace trialmill::transform {
namespace {

TEST(ConvertExactly, MultipliesDecimalsWithoutLoss) {
  EXPECT_EQ(convert_exactly("80", "", "0.0113122", 2), "0.90");
  EXPECT_EQ(convert_exactly("150", "", "0.4536", -1), "68.0400");
  EXPECT_EQ(convert_exactly("12.50", "", "1", -1), "12.50");
  EXPECT_EQ(convert_exactly("1e3", "", "0.5", 0), "500");
  EXPECT_EQ(convert_exactly("+.5", "", "2", 1), "1.0");
}

TEST(ConvertExactly, RoundsHalfAwayFromZero) {
  EXPECT_EQ(convert_exactly("2.675", "", "1", 2), "2.68");  // the double 2.675 lies below the half
  EXPECT_EQ(convert_exactly("-2.675", "", "1", 2), "-2.68");
  EXPECT_EQ(convert_exactly("2.674999", "", "1", 2), "2.67");
  EXPECT_EQ(convert_exactly("-0.4", "", "1", 0), "0");
  EXPECT_EQ(convert_exactly("99.95", "", "1", 1), "100.0");
}

TEST(ConvertExactly, TakesOffsetsAndRatios) {
  EXPECT_EQ(convert_exactly("98.6", "-32", "5/9", 1), "37.0");
  EXPECT_EQ(convert_exactly("212", "-32", "5/9", -1), "100");
  EXPECT_EQ(convert_exactly("33", "-32", "5/9", -1), "0.5555555555555556");
  EXPECT_EQ(convert_exactly("1", "", "1/0.25", 2), "4.00");
  EXPECT_EQ(convert_exactly("1", "", "1/3", 4), "0.3333");
}

TEST(ConvertExactly, RefusesWhatIsNoNumberOrTooLong) {
  EXPECT_EQ(convert_exactly("<0.2", "", "1", 2), std::nullopt);
  EXPECT_EQ(convert_exactly("", "", "1", 2), std::nullopt);
  EXPECT_EQ(convert_exactly(".", "", "1", 2), std::nullopt);
  EXPECT_EQ(convert_exactly("1.2.3", "", "1", 2), std::nullopt);
  EXPECT_EQ(convert_exactly("1e99", "", "1", 2), std::nullopt);
  EXPECT_EQ(convert_exactly("1", "", "1/0", 2), std::nullopt);
  EXPECT_EQ(convert_exactly(std::string(60, '9'), "", "1", 2), std::nullopt);
  EXPECT_EQ(convert_exactly("NaN", "", "1", 2), std::nullopt);
}

}  // namespace
}  // namespace trialmill::transform
