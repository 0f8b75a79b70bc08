// What a state machine calls an error: a name that Retry and Catch match on, and a cause for people.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace trialmill::workflow::asl {

/// Thrown by task handlers ("Quality.Failed") and by the interpreter itself ("States.Runtime").
class TaskError : public std::exception {
 public:
  TaskError(std::string error, std::string cause) : error_(std::move(error)), cause_(std::move(cause)) {}
  const std::string& error() const { return error_; }
  const std::string& cause() const { return cause_; }
  const char* what() const noexcept override { return cause_.c_str(); }

 private:
  std::string error_, cause_;
};

/// A States.Runtime error: the definition asks for something the data do not allow.
inline TaskError runtime_error(const std::string& cause) {
  return TaskError("States.Runtime", cause);
}

}  // namespace trialmill::workflow::asl
