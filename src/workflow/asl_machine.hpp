// Runs a state machine written in the Amazon States Language (JSONPath dialect). docs/workflow.md lists what
// is supported.
//
// Assumptions: the definition passed asl::check(). Branches of Parallel and items of Map run one after the
// other, so a run is deterministic. A Task runs inside this process and cannot be interrupted: its
// TimeoutSeconds is judged when it returns.
#pragma once

#include <functional>
#include <string>

#include "base/json.hpp"
#include "workflow/asl_error.hpp"

namespace trialmill::workflow::asl {

using base::Json;

/// What a machine needs from outside; the defaults make a machine without Tasks that sleeps for real.
struct Hooks {
  /// Does the work of a Task: resource, effective input, context object ($$). Throws TaskError.
  std::function<Json(const std::string& resource, const Json& input, const Json& context)> task;
  /// Called for a resource that ends in ".waitForTaskToken", before the machine suspends.
  std::function<void(const std::string& resource, const Json& input, const std::string& token)> announce;
  std::function<void(double seconds)> sleep;
  /// History, in order: type ("StateEntered", "TaskSucceeded", …), state, details.
  std::function<void(const std::string& type, const std::string& state, const Json& details)> on_event;
  std::string execution_name = "execution";
  Json execution_input;  ///< of $$.Execution.Input; set by execute()
};

struct Execution {
  enum class Status { succeeded, failed, timed_out, suspended };
  Status status = Status::succeeded;
  Json output;
  std::string error, cause;
  Json snapshot;  ///< suspended: all that resume() needs (state, its input, variables, token)
};

/// Runs from StartAt to the end, or until a Task waits for a token.
Execution execute(const Json& definition, const Json& input, const Hooks& hooks);

/// Goes on where `snapshot` stopped: the waiting Task's result is `task_output`.
Execution resume(const Json& definition, const Json& snapshot, const Json& task_output, const Hooks& hooks);

}  // namespace trialmill::workflow::asl
