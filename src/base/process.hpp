// Runs another program with a time limit: its output goes to a file, and nothing of it stays behind when it
// is stopped.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace trialmill::base {

struct ProcessOptions {
  std::vector<std::string> arguments;  ///< the program (looked for in PATH) and its arguments; no shell
  std::filesystem::path folder;        ///< where it runs
  std::filesystem::path log;           ///< what it writes to stdout and stderr; made anew
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to ours
  std::chrono::milliseconds timeout{0};                          ///< 0 = none
};

struct ProcessResult {
  int exit_code = 0;  ///< 127 = there is no such program; 128 + n = ended by signal n
  bool timed_out = false;
  double seconds = 0;
  bool ok() const { return exit_code == 0 && !timed_out; }
};

/// Waits for the program. On a timeout, or when a stop is asked for (Error TM1099), the program and all that
/// it has started are ended. Error TM1011 if no process can be made.
ProcessResult run_process(const ProcessOptions& options);

}  // namespace trialmill::base
