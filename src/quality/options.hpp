// Options of the quality stage.
#pragma once

namespace trialmill::quality {

struct Options {
  bool row_findings = true;  ///< one finding per failing row; false keeps only one finding per failed rule
};

}  // namespace trialmill::quality
