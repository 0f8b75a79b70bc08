// The stages that a workflow can call, by name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "study/stage.hpp"

namespace trialmill::workflow {

/// A stage as the workflow sees it. Tests give their own.
struct StageEntry {
  std::string name;  ///< crawl, check, transform, validate, publish
  std::function<std::string(study::Context&)> fingerprint;
  std::function<study::Outcome(study::Context&)> run;
};

/// All stages in pipeline order.
const std::vector<StageEntry>& all_stages();

}  // namespace trialmill::workflow
