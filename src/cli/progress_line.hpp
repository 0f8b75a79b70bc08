// How far a long step is, for people.
#pragma once

#include <string>

#include "base/time.hpp"
#include "cli/cli.hpp"

namespace trialmill::cli {

/// One line on stderr that is overwritten in place, from one second on. Off when stderr is no terminal or
/// with
/// --quiet; with --verbose and no terminal, a plain line for each new `what` instead.
class ProgressLine {
 public:
  explicit ProgressLine(const Common& common);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `share` is 0…1. A new `step` starts the second anew.
  void show(const std::string& step, double share, const std::string& what);
  /// Takes the line away, before other text is written.
  void clear();

 private:
  const bool terminal_, plain_;
  bool shown_ = false;
  double next_ = 1.0;
  std::string step_, what_;
  base::Stopwatch watch_;
};

}  // namespace trialmill::cli
