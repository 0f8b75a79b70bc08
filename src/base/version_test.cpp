#include "base/version.hpp"

#include <gtest/gtest.h>

namespace trialmill::base {
namespace {

TEST(Version, BuildIdIsTheSha1OfTheExecutable) {
  EXPECT_EQ(build_id().size(), 40U);
  EXPECT_EQ(build_id().find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(&build_id(), &build_id());
}

}  // namespace
}  // namespace trialmill::base
