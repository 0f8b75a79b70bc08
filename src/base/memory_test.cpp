#include "base/memory.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace trialmill::base {
namespace {

TEST(PeakMemory, GrowsWithWhatIsTouched) {
  forget_peak_memory();
  const double before = peak_memory_mib();
  {
    std::vector<char> block(64u << 20);
    std::memset(block.data(), 1, block.size());
    EXPECT_GE(peak_memory_mib(), before + 60);
  }
  EXPECT_GE(peak_memory_mib(), before + 60);
}

}  // namespace
}  // namespace trialmill::base
