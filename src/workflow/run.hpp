// One run of a study's workflow, from opening the study to writing the reports. docs/workflow.md.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/json.hpp"
#include "workflow/history.hpp"
#include "workflow/stages.hpp"

namespace trialmill::workflow {

struct RunOptions {
  std::filesystem::path study = ".";  ///< folder with study.yaml
  std::string environment;            ///< "" = the first that study.yaml declares
  std::string until;                  ///< last stage to run; "" = the whole workflow
  std::string from;                   ///< stages before it are taken as recorded, it and later ones run anew
  bool offline = false;               ///< do not pull API sources
  bool fresh_numbering = false;  ///< number records anew instead of keeping the numbers of the release before
  bool force = false;            ///< run stages even if nothing changed
  std::function<void(const std::string& line)> say;  ///< one line a step, for people; may be empty
  /// How far a stage is: share 0…1 and what it works on; may be empty.
  std::function<void(const std::string& stage, double share, const std::string& what)> progress;
  const std::vector<StageEntry>* stages = nullptr;  ///< instead of all_stages(): for tests
};

/// Runs the workflow and returns the summary, whose exit_code is the program's. A failed or interrupted run
/// is described by the summary, not thrown; thrown is what prevents a run from starting (study.yaml, the
/// lock).
base::Json run(const RunOptions& options);

/// Goes on with a paused run ("last" = the newest paused one). Errors TM2803, TM2804.
base::Json resume(const std::string& id, const RunOptions& options);

/// Stops a working run or gives up a paused one; returns what was done. Errors TM2803, TM2804.
std::string cancel(const std::string& id, const RunOptions& options);

}  // namespace trialmill::workflow
