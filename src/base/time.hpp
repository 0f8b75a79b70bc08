// Clocks and their text forms. Wall-clock times go to logs, runs and audit only, never into datasets.
#pragma once

#include <chrono>
#include <string>

namespace trialmill::base {

/// "2026-11-24T01:02:03.456Z": now, UTC, milliseconds.
std::string utc_now();

/// Seconds since construction, for "one line a step with time".
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace trialmill::base
