#include "workflow/asl_machine.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <random>
#include <thread>

#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "workflow/asl_choice.hpp"
#include "workflow/asl_intrinsics.hpp"
#include "workflow/asl_path.hpp"
#include "workflow/asl_value.hpp"

namespace trialmill::workflow::asl {

namespace {

constexpr std::size_t payload_bytes_max = 262'144;
constexpr double wait_seconds_max = 31'536'000;  // a year

/// A Task waits for its token: unwinds to execute().
struct Suspended {
  Json snapshot;
};
struct TimedOut {};

/// A resource such as "trialmill:pause.waitForTaskToken".
constexpr std::string_view token_suffix = ".waitForTaskToken";

std::string text_or(const Json& object, const char* key, const std::string& fallback) {
  return object.contains(key) && object.at(key).is_string() ? object.at(key).get<std::string>() : fallback;
}

class Machine {
 public:
  Machine(const Json& definition, const Hooks& hooks) : hooks_(hooks) {
    if (definition.contains("TimeoutSeconds")) deadline_ = definition.at("TimeoutSeconds").get<double>();
    context_ = {{"Execution",
                 {{"Id", "local:execution:" + hooks.execution_name},
                  {"Input", hooks.execution_input},
                  {"Name", hooks.execution_name},
                  {"RoleArn", "local:role"},
                  {"StartTime", base::utc_now()}}},
                {"State", {{"EnteredTime", ""}, {"Name", ""}, {"RetryCount", 0}}},
                {"StateMachine", {{"Id", "local:stateMachine"}, {"Name", "local"}}}};
  }

  /// Runs the states of a machine, a branch or an item processor. `resumed` carries the result of a Task that
  /// waited for a token.
  Json run(const Json& machine, Json input, Json variables, bool top, std::string name = "",
           std::optional<Json> resumed = {}) {
    if (name.empty()) name = machine.at("StartAt").get<std::string>();
    while (true) {
      base::check_stop();
      const Json& state = machine.at("States").at(name);
      context_["State"] = {{"EnteredTime", base::utc_now()}, {"Name", name}, {"RetryCount", 0}};
      ++events_;
      if (!resumed) emit("StateEntered", name, {{"input", input}});
      Frame frame{name, state, input, variables, top, std::exchange(resumed, std::nullopt), {}};
      Step step = run_state(frame);
      if (step.output.is_structured() && base::dump_json(step.output, -1).size() > payload_bytes_max) {
        throw TaskError("States.DataLimitExceeded",
                        "The state/task '" + name + "' returned a result with a size " +
                            "exceeding the maximum number of bytes service limit.");
      }
      ++events_;
      emit("StateExited", name, {{"output", step.output}});
      for (const auto& [key, value] : frame.assigned.items()) variables[key] = value;
      if (step.next.empty()) return std::move(step.output);
      input = std::move(step.output);
      name = step.next;
    }
  }

 private:
  struct Step {
    Json output;
    std::string next;  ///< "" = the end
  };
  struct Frame {
    const std::string& name;
    const Json& state;
    const Json& input;  ///< as the state received it
    const Json& variables;
    bool top;  ///< not inside Parallel or Map: may wait for a token
    std::optional<Json> resumed;
    Json assigned;  ///< visible from the next state on
  };

  void emit(const std::string& type, const std::string& state, const Json& details) const {
    if (hooks_.on_event) hooks_.on_event(type, state, details);
  }

  void sleep(double seconds) {
    const bool too_late = deadline_ && elapsed_ + seconds > *deadline_;
    if (too_late) seconds = std::max(0.0, *deadline_ - elapsed_);
    if (hooks_.sleep) {
      hooks_.sleep(seconds);
    } else {
      for (double left = seconds; left > 0; left -= 0.1) {
        base::check_stop();
        std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, 0.1)));
      }
    }
    elapsed_ += seconds;
    if (too_late) throw TimedOut{};
  }

  /// One state with its Retry and Catch.
  Step run_state(Frame& frame) {
    std::vector<int> attempts(frame.state.contains("Retry") ? frame.state.at("Retry").size() : 0, 0);
    const int entered_at = events_;
    while (true) {
      try {
        return attempt(frame);
      } catch (const TaskError& problem) {
        const bool ours =
            problem.error() == "States.Runtime" && problem.cause().rfind("An error occurred", 0) != 0;
        const std::string cause = ours ? "An error occurred while executing the state '" + frame.name +
                                             "' (entered at the event id #" + std::to_string(entered_at) +
                                             "). " + problem.cause()
                                       : problem.cause();
        if (retry(frame, problem.error(), attempts)) continue;
        if (auto caught = catch_error(frame, problem.error(), cause)) return std::move(*caught);
        throw TaskError(problem.error(), cause);
      }
    }
  }

  static bool names(const Json& rule, const std::string& error) {
    for (const auto& name : rule.at("ErrorEquals")) {
      if (name == error) return true;
      // Neither of these two is what "all" means.
      if (name == "States.ALL" && error != "States.Runtime" && error != "States.DataLimitExceeded")
        return true;
      if (name == "States.TaskFailed" && error.rfind("States.", 0) != 0) return true;
    }
    return false;
  }

  bool retry(Frame& frame, const std::string& error, std::vector<int>& attempts) {
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      const Json& rule = frame.state.at("Retry")[i];
      if (!names(rule, error)) continue;
      if (attempts[i] >= rule.value("MaxAttempts", 3)) return false;
      double delay =
          rule.value("IntervalSeconds", 1.0) * std::pow(rule.value("BackoffRate", 2.0), attempts[i]);
      if (rule.contains("MaxDelaySeconds")) delay = std::min(delay, rule.at("MaxDelaySeconds").get<double>());
      if (rule.value("JitterStrategy", "NONE") == "FULL") {
        static thread_local std::mt19937 generator{std::random_device{}()};
        delay = std::uniform_real_distribution<double>(0, delay)(generator);
      }
      ++attempts[i];
      emit("RetryScheduled", frame.name, {{"error", error}, {"attempt", attempts[i]}, {"seconds", delay}});
      sleep(delay);
      context_["State"]["Name"] = frame.name;
      context_["State"]["RetryCount"] = context_["State"]["RetryCount"].get<int>() + 1;
      return true;
    }
    return false;
  }

  std::optional<Step> catch_error(Frame& frame, const std::string& error, const std::string& cause) {
    if (!frame.state.contains("Catch")) return std::nullopt;
    for (const auto& rule : frame.state.at("Catch")) {
      if (!names(rule, error)) continue;
      const Json report = {{"Error", error}, {"Cause", cause}};
      frame.assigned = rule.contains("Assign")
                           ? fill(rule.at("Assign"), Scope{report, context_, frame.variables})
                           : Json::object();
      emit("ErrorCaught", frame.name, report);
      return Step{with_result(frame, rule, report), rule.at("Next").get<std::string>()};
    }
    return std::nullopt;
  }

  /// ResultPath: `$` or absent replaces the input, null keeps it, a path puts the result into it.
  static Json with_result(const Frame& frame, const Json& holder, Json result) {
    if (!holder.contains("ResultPath")) return result;
    const Json& path = holder.at("ResultPath");
    if (path.is_null()) return frame.input;
    const Path steps = parse_path(path.get<std::string>().substr(1));
    if (steps.steps.empty()) return result;
    Json out = frame.input;
    put(steps, out, std::move(result));
    return out;
  }

  Step attempt(Frame& frame) {
    const Json& state = frame.state;
    frame.assigned = Json::object();
    const std::string type = state.at("Type").get<std::string>();
    Json input = path_field(frame, "InputPath", frame.input);
    if (type == "Choice") return choose(frame, input);
    if (type == "Fail") fail(frame, input);
    if (type == "Succeed") return {path_field(frame, "OutputPath", input), ""};
    if (type == "Wait") {
      wait(frame, input);
      return finish(frame, input);
    }
    if (type == "Task" && state.at("Resource").get<std::string>().ends_with(token_suffix)) {
      context_["Task"] = {{"Token", call_intrinsic("States.UUID", {})}};
    }
    Json effective = state.contains("Parameters") && type != "Map"
                         ? fill(state.at("Parameters"), scope(frame, input))
                         : input;
    Json result;
    if (type == "Pass") {
      result = state.contains("Result") ? state.at("Result") : std::move(effective);
    } else if (type == "Task") {
      result = task(frame, effective);
    } else if (type == "Parallel") {
      result = Json::array();
      for (const auto& branch : state.at("Branches")) {
        result.push_back(run(branch, effective, frame.variables, false));
        restore(frame);
      }
    } else if (type == "Map") {
      result = map(frame, input);
    } else {
      throw runtime_error("There is no state type '" + type + "'");
    }
    if (state.contains("ResultSelector")) result = fill(state.at("ResultSelector"), scope(frame, result));
    if (state.contains("Assign")) frame.assigned = fill(state.at("Assign"), scope(frame, result));
    return finish(frame, with_result(frame, state, std::move(result)), false);
  }

  Scope scope(const Frame& frame, const Json& input) const { return {input, context_, frame.variables}; }

  /// After inner states ran, $$.State speaks of this state again.
  void restore(const Frame& frame) { context_["State"]["Name"] = frame.name; }

  Json path_field(const Frame& frame, const char* key, const Json& value) const {
    if (!frame.state.contains(key)) return value;
    const Json& path = frame.state.at(key);
    if (path.is_null()) return Json::object();
    return get(path.get<std::string>(), scope(frame, value));
  }

  Step finish(Frame& frame, const Json& output, bool assign = true) {
    if (assign && frame.state.contains("Assign"))
      frame.assigned = fill(frame.state.at("Assign"), scope(frame, output));
    return {path_field(frame, "OutputPath", output), text_or(frame.state, "Next", "")};
  }

  Step choose(Frame& frame, const Json& input) {
    for (const auto& rule : frame.state.at("Choices")) {
      if (!rule_holds(rule, scope(frame, input))) continue;
      if (rule.contains("Assign")) frame.assigned = fill(rule.at("Assign"), scope(frame, input));
      return {path_field(frame, "OutputPath", input), rule.at("Next").get<std::string>()};
    }
    if (!frame.state.contains("Default")) {
      throw TaskError("States.NoChoiceMatched", "No rule of the choice state '" + frame.name + "' holds");
    }
    if (frame.state.contains("Assign")) frame.assigned = fill(frame.state.at("Assign"), scope(frame, input));
    return {path_field(frame, "OutputPath", input), frame.state.at("Default").get<std::string>()};
  }

  [[noreturn]] void fail(const Frame& frame, const Json& input) const {
    const auto field = [&](const char* key, const char* path_key) {
      if (!frame.state.contains(path_key)) return text_or(frame.state, key, "");
      const Json value = evaluate(frame.state.at(path_key).get<std::string>(), scope(frame, input));
      if (!value.is_string()) throw runtime_error(std::string(path_key) + " must refer to a string");
      return value.get<std::string>();
    };
    throw TaskError(field("Error", "ErrorPath"), field("Cause", "CausePath"));
  }

  void wait(const Frame& frame, const Json& input) {
    const Json& state = frame.state;
    double seconds = 0;
    if (state.contains("Seconds")) {
      seconds = state.at("Seconds").get<double>();
    } else if (state.contains("SecondsPath")) {
      const std::string path = state.at("SecondsPath").get<std::string>();
      const Json value = get(path, scope(frame, input));
      const std::string shown = path + " == " + base::dump_json(value, -1);
      if (!value.is_number_integer()) {
        throw runtime_error("The SecondsPath parameter cannot be parsed as a long value: " + shown);
      }
      if (value < 0) throw runtime_error("The SecondsPath parameter references a negative value: " + shown);
      seconds = value.get<double>();
    } else {
      const bool by_path = state.contains("TimestampPath");
      const std::string source = state.at(by_path ? "TimestampPath" : "Timestamp").get<std::string>();
      const Json value = by_path ? get(source, scope(frame, input)) : Json(source);
      const std::string text = value.is_string() ? value.get<std::string>() : base::dump_json(value, -1);
      const auto time = parse_timestamp(text);
      if (!time) {
        throw runtime_error(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
            "format string: " +
            source + " == " + text);
      }
      const double now =
          std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
      seconds = static_cast<double>(time->first) + static_cast<double>(time->second) * 1e-9 - now;
    }
    if (seconds > wait_seconds_max) throw runtime_error("Wait state delay is too long.");
    if (seconds > 0) sleep(seconds);
  }

  Json task(Frame& frame, const Json& input) {
    std::string resource = frame.state.at("Resource").get<std::string>();
    if (frame.resumed) return *std::exchange(frame.resumed, std::nullopt);
    if (resource.ends_with(token_suffix)) suspend(frame, resource, input);
    if (!hooks_.task) throw TaskError("States.TaskFailed", "No handler for the resource '" + resource + "'");
    emit("TaskScheduled", frame.name, {{"resource", resource}});
    const base::Stopwatch clock;
    Json out = hooks_.task(resource, input, context_);
    elapsed_ += clock.seconds();
    if (deadline_ && elapsed_ > *deadline_) throw TimedOut{};
    if (const auto limit = integer_field(frame, input, "TimeoutSeconds"); limit && clock.seconds() > *limit) {
      throw TaskError("States.Timeout", "The task took longer than TimeoutSeconds");
    }
    emit("TaskSucceeded", frame.name, {{"resource", resource}});
    return out;
  }

  [[noreturn]] void suspend(Frame& frame, const std::string& resource, const Json& input) {
    if (!frame.top) {
      throw runtime_error("Waiting for a token is only possible outside of Parallel and Map: '" + frame.name +
                          "'");
    }
    const std::string token = context_["Task"]["Token"].get<std::string>();
    if (hooks_.announce) hooks_.announce(resource, input, token);
    emit("TaskSubmitted", frame.name, {{"resource", resource}});
    const Json snapshot = {{"state", frame.name},
                           {"input", frame.input},
                           {"variables", frame.variables},
                           {"execution_input", hooks_.execution_input},
                           {"token", token}};
    throw Suspended{snapshot};
  }

  std::optional<double> integer_field(const Frame& frame, const Json& input, const std::string& key) const {
    if (frame.state.contains(key)) return frame.state.at(key).get<double>();
    if (!frame.state.contains(key + "Path")) return std::nullopt;
    const std::string path = frame.state.at(key + "Path").get<std::string>();
    Json value = get(path, scope(frame, input));
    if (value.is_string()) {  // "5" is as good as 5
      const Json number = Json::parse(value.get<std::string>(), nullptr, false);
      if (number.is_number()) value = number;
    }
    const bool percentage = key == "ToleratedFailurePercentage";
    if (percentage ? !value.is_number() : !value.is_number_integer()) {
      const std::string shown = value.is_string() ? value.get<std::string>() : base::dump_json(value, -1);
      throw runtime_error("The " + key + "Path field refers to value \"" + shown +
                          "\" which is not a valid " + (percentage ? "float" : "integer") + ": " + path);
    }
    return value.get<double>();
  }

  Json map(Frame& frame, const Json& input) {
    const Json& state = frame.state;
    const Json items = path_field(frame, "ItemsPath", input);
    if (!items.is_array()) {
      throw runtime_error("Reference path \"" + text_or(state, "ItemsPath", "$") + "\" must point to array.");
    }
    integer_field(frame, input, "MaxConcurrency");  // items run one by one; the field must still make sense
    const double count_max = integer_field(frame, input, "ToleratedFailureCount").value_or(0);
    const double percent_max = integer_field(frame, input, "ToleratedFailurePercentage").value_or(0);
    if (count_max < 0) throw runtime_error("ToleratedFailureCount cannot be negative.");
    if (percent_max < 0 || percent_max > 100) {
      throw runtime_error("ToleratedFailurePercentage must be between 0 and 100.");
    }
    const Json& processor =
        state.contains("ItemProcessor") ? state.at("ItemProcessor") : state.at("Iterator");
    const bool distributed = processor.contains("ProcessorConfig") &&
                             text_or(processor.at("ProcessorConfig"), "Mode", "INLINE") == "DISTRIBUTED";
    const char* selector = state.contains("ItemSelector") ? "ItemSelector" : "Parameters";
    Json out = Json::array();
    double failures = 0;
    const Json outer = context_.contains("Map") ? context_["Map"] : Json();
    for (std::size_t i = 0; i < items.size(); ++i) {
      context_["Map"] = {{"Item", {{"Index", i}, {"Value", items[i]}}}};
      const Json item = state.contains(selector) ? fill(state.at(selector), scope(frame, input)) : items[i];
      try {
        out.push_back(run(processor, item, distributed ? Json::object() : frame.variables, false));
      } catch (const TaskError&) {
        if (!distributed) throw;
        ++failures;
        if (failures > count_max && failures * 100 > percent_max * static_cast<double>(items.size())) {
          throw TaskError("States.ExceedToleratedFailureThreshold",
                          "The specified tolerated failure threshold was exceeded");
        }
      }
    }
    if (outer.is_null())
      context_.erase("Map");
    else
      context_["Map"] = outer;
    restore(frame);
    return out;
  }

  const Hooks& hooks_;
  Json context_;
  std::optional<double> deadline_;
  double elapsed_ = 0;
  int events_ = 1;
};

template <class Run>
Execution guarded(Run run) {
  Execution out;
  try {
    out.output = run();
  } catch (const Suspended& wait) {
    out.status = Execution::Status::suspended;
    out.snapshot = wait.snapshot;
  } catch (const TimedOut&) {
    out.status = Execution::Status::timed_out;
    out.error = "States.Timeout";
    out.cause = "The machine ran longer than its TimeoutSeconds";
  } catch (const TaskError& problem) {
    out.status = Execution::Status::failed;
    out.error = problem.error();
    out.cause = problem.cause();
  }
  return out;
}

}  // namespace

Execution execute(const Json& definition, const Json& input, const Hooks& hooks) {
  Hooks own = hooks;
  own.execution_input = input;
  return guarded([&] { return Machine(definition, own).run(definition, input, Json::object(), true); });
}

Execution resume(const Json& definition, const Json& snapshot, const Json& task_output, const Hooks& hooks) {
  Hooks own = hooks;
  own.execution_input = snapshot.at("execution_input");
  return guarded([&] {
    return Machine(definition, own)
        .run(definition, snapshot.at("input"), snapshot.at("variables"), true,
             snapshot.at("state").get<std::string>(), task_output);
  });
}

}  // namespace trialmill::workflow::asl
