// What can be set for a transformation besides the study's own files.
#pragma once

#include <cstdint>

namespace trialmill::transform {

struct Options {
  /// Findings of one kind for one variable that are listed one by one; the rest is counted in one more
  /// finding.
  std::int64_t findings_per_variable_max = 10000;

  /// Number records (--SEQ) by the sort order alone, without regard to the release before.
  bool fresh_numbering = false;

  /// Compare with the datasets of expected/. Unit tests of mappings do not.
  bool expected = true;
};

}  // namespace trialmill::transform
