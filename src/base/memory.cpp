#include "base/memory.hpp"

#include <sys/resource.h>

#include <fstream>
#include <string>

namespace trialmill::base {

void forget_peak_memory() {
  // proc(5): writing 5 resets the peak of the resident set (VmHWM) to what it is now.
  std::ofstream("/proc/self/clear_refs") << "5";
}

double peak_memory_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib / 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts in KiB
}

}  // namespace trialmill::base
