#include "base/workers.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trialmill::base {
namespace {

TEST(RunWorkers, ThrowsTheFirstFailure) {
  std::vector<int> done(100);
  run_workers(2, 100, [&](std::size_t, std::size_t number) { ++done[number]; });
  EXPECT_EQ(done, std::vector<int>(100, 1));
  for (int round = 0; round < 20; ++round) {
    try {
      run_workers(2, 100, [](std::size_t, std::size_t number) {
        if (number >= 30) throw number;
      });
      FAIL();
    } catch (const std::size_t number) {
      EXPECT_EQ(number, 30u);
    }
  }
}

}  // namespace
}  // namespace trialmill::base
