#include "workflow/asl_check.hpp"

#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "workflow/asl_choice.hpp"
#include "workflow/asl_path.hpp"
#include "workflow/asl_value.hpp"

namespace trialmill::workflow::asl {

namespace {

using Names = std::set<std::string>;

const std::map<std::string, Names>& fields() {
  static const std::map<std::string, Names> by_type = {
      {"Pass", {"Result", "Parameters", "ResultPath", "InputPath", "OutputPath", "Assign", "Next", "End"}},
      {"Task",
       {"Resource", "Parameters", "ResultSelector", "ResultPath", "InputPath", "OutputPath", "Retry", "Catch",
        "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials",
        "Assign", "Next", "End"}},
      {"Choice", {"Choices", "Default", "InputPath", "OutputPath", "Assign"}},
      {"Wait",
       {"Seconds", "SecondsPath", "Timestamp", "TimestampPath", "InputPath", "OutputPath", "Assign", "Next",
        "End"}},
      {"Succeed", {"InputPath", "OutputPath"}},
      {"Fail", {"Error", "ErrorPath", "Cause", "CausePath"}},
      {"Parallel",
       {"Branches", "Parameters", "ResultSelector", "ResultPath", "InputPath", "OutputPath", "Retry", "Catch",
        "Assign", "Next", "End"}},
      {"Map",
       {"ItemProcessor",
        "Iterator",
        "ItemsPath",
        "ItemSelector",
        "Parameters",
        "MaxConcurrency",
        "MaxConcurrencyPath",
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentage",
        "ToleratedFailurePercentagePath",
        "Label",
        "ResultSelector",
        "ResultPath",
        "InputPath",
        "OutputPath",
        "Retry",
        "Catch",
        "Assign",
        "Next",
        "End"}}};
  return by_type;
}

class Checker {
 public:
  std::vector<Fault> faults;

  void machine(const Json& value, const std::string& place, bool top) {
    if (!value.is_object()) return add(place, "must be an object");
    static const Names known = {"Comment",        "StartAt",       "States",         "Version",
                                "TimeoutSeconds", "QueryLanguage", "ProcessorConfig"};
    for (const auto& [key, item] : value.items()) {
      if (!known.count(key)) unknown(place, key, known);
    }
    json_path_only(value, place);
    if (top && value.contains("TimeoutSeconds")) number(value, place, "TimeoutSeconds", 0);
    if (!value.contains("States") || !value.at("States").is_object() || value.at("States").empty()) {
      return add(join(place, "States"), "must be an object with at least one state");
    }
    const Json& states = value.at("States");
    const Names outer = std::exchange(targets_, {});
    for (const auto& [name, state] : states.items()) targets_.insert(name);
    if (!value.contains("StartAt"))
      add(place, "StartAt is missing");
    else
      target(value.at("StartAt"), join(place, "StartAt"));
    const std::string inside = join(place, "States");
    bool ends = false;
    for (const auto& [name, item] : states.items()) {
      if (!seen_.insert(name).second) add(join(inside, name), "the name is used twice in this machine");
      state(item, join(inside, name));
      ends = ends || terminal(item);
    }
    if (!ends) add(inside, "no state ends the machine (End, Succeed or Fail)");
    unreachable(value, inside);
    targets_ = outer;
  }

 private:
  static std::string join(const std::string& place, const std::string& part) {
    return place.empty() ? part : place + "." + part;
  }
  void add(const std::string& place, const std::string& message) { faults.push_back({place, message}); }
  void unknown(const std::string& place, const std::string& key, const Names& known) {
    const std::string hint = base::did_you_mean(key, {known.begin(), known.end()});
    add(join(place, key), "is not known here" + (hint.empty() ? "" : "; " + hint));
  }
  static bool terminal(const Json& state) {
    if (!state.is_object()) return false;
    return state.value("End", Json()) == true || state.value("Type", Json()) == "Succeed" ||
           state.value("Type", Json()) == "Fail";
  }
  void json_path_only(const Json& value, const std::string& place) {
    if (!value.contains("QueryLanguage") || value.at("QueryLanguage") == "JSONPath") return;
    const bool jsonata = value.at("QueryLanguage") == "JSONata";
    add(join(place, "QueryLanguage"),
        jsonata ? "JSONata is not supported; write the machine with JSONPath" : "must be JSONPath");
  }

  void number(const Json& state, const std::string& place, const char* key, double least) {
    if (!state.contains(key)) return;
    if (!state.at(key).is_number() || state.at(key).get<double>() < least) {
      add(join(place, key), "must be a number not below " + std::to_string(static_cast<long>(least)));
    }
  }
  void target(const Json& name, const std::string& place) {
    if (!name.is_string()) return add(place, "must name a state");
    if (targets_.count(name.get<std::string>())) return;
    const std::string hint = base::did_you_mean(name.get<std::string>(), {targets_.begin(), targets_.end()});
    add(place,
        "there is no state '" + name.get<std::string>() + "' here" + (hint.empty() ? "" : "; " + hint));
  }

  void state(const Json& value, const std::string& place) {
    if (!value.is_object()) return add(place, "must be an object");
    const std::string type =
        value.value("Type", Json("")).is_string() ? value.value("Type", std::string()) : "";
    const auto found = fields().find(type);
    if (found == fields().end()) {
      return add(join(place, "Type"), type.empty() ? "is missing" : "there is no state type '" + type + "'");
    }
    for (const auto& [key, item] : value.items()) {
      if (key != "Type" && key != "Comment" && key != "QueryLanguage" && !found->second.count(key)) {
        unknown(place, key, found->second);
      }
    }
    json_path_only(value, place);
    if (found->second.count("Next")) transition(value, place);
    paths(value, place);
    for (const char* key : {"Parameters", "ResultSelector", "ItemSelector", "Assign"}) {
      if (value.contains(key)) payload(value.at(key), join(place, key));
    }
    if (value.contains("Retry")) rules(value.at("Retry"), join(place, "Retry"), false);
    if (value.contains("Catch")) rules(value.at("Catch"), join(place, "Catch"), true);
    if (type == "Task") task(value, place);
    if (type == "Choice") choice(value, place);
    if (type == "Wait") wait(value, place);
    if (type == "Parallel") parallel(value, place);
    if (type == "Map") map(value, place);
    if (type == "Fail") fail(value, place);
  }

  void transition(const Json& value, const std::string& place) {
    const bool ends = value.contains("End");
    if (ends && !value.at("End").is_boolean()) add(join(place, "End"), "must be true or false");
    if (value.contains("Next")) target(value.at("Next"), join(place, "Next"));
    const bool really = ends && value.at("End") == true;
    if (really && value.contains("Next")) add(place, "has both Next and End");
    if (!really && !value.contains("Next")) add(place, "needs Next or End");
  }

  void path(const Json& value, const std::string& place, bool reference) {
    if (!value.is_string() || value.get<std::string>().empty() || value.get<std::string>()[0] != '$') {
      return add(place, "must be a path that starts with $");
    }
    const std::string text = value.get<std::string>();
    if (const std::string problem = check_expression(text); !problem.empty()) return add(place, problem);
    if (!reference) return;
    try {
      if (text.rfind("$$", 0) == 0 || !parse_path(text.substr(1)).definite) {
        add(place, "must be a reference path: names and indexes only");
      }
    } catch (const std::exception& problem) {
      add(place, problem.what());
    }
  }
  void paths(const Json& value, const std::string& place) {
    for (const char* key : {"InputPath", "OutputPath"}) {
      if (value.contains(key) && !value.at(key).is_null()) path(value.at(key), join(place, key), false);
    }
    if (value.contains("ResultPath") && !value.at("ResultPath").is_null()) {
      path(value.at("ResultPath"), join(place, "ResultPath"), true);
    }
    for (const char* key :
         {"ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath",
          "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"}) {
      if (value.contains(key)) path(value.at(key), join(place, key), false);
    }
    for (const char* key : {"TimeoutSeconds", "HeartbeatSeconds"}) number(value, place, key, 1);
  }
  void payload(const Json& value, const std::string& place) {
    if (!value.is_structured()) return;
    for (const auto& [key, item] : value.items()) {
      const std::string inside = join(place, key);
      if (value.is_object() && key.size() > 2 && key.ends_with(".$")) {
        if (value.contains(key.substr(0, key.size() - 2)))
          add(inside, "stands beside the same name without .$");
        if (!item.is_string())
          add(inside, "must be a path or a function call");
        else if (const auto problem = check_expression(item.get<std::string>()); !problem.empty())
          add(inside, problem);
      } else {
        payload(item, inside);
      }
    }
  }

  void rules(const Json& value, const std::string& place, bool catches) {
    if (!value.is_array()) return add(place, "must be a list");
    static const Names retry_fields = {"ErrorEquals",     "IntervalSeconds", "MaxAttempts", "BackoffRate",
                                       "MaxDelaySeconds", "JitterStrategy",  "Comment"};
    static const Names catch_fields = {"ErrorEquals", "Next", "ResultPath", "Assign", "Comment"};
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Json& rule = value[i];
      const std::string inside = place + "[" + std::to_string(i) + "]";
      if (!rule.is_object()) {
        add(inside, "must be an object");
        continue;
      }
      for (const auto& [key, item] : rule.items()) {
        if (!(catches ? catch_fields : retry_fields).count(key))
          unknown(inside, key, catches ? catch_fields : retry_fields);
      }
      errors(rule, inside, i + 1 == value.size());
      number(rule, inside, "IntervalSeconds", 1);
      number(rule, inside, "MaxAttempts", 0);
      number(rule, inside, "BackoffRate", 1);
      number(rule, inside, "MaxDelaySeconds", 1);
      if (rule.contains("JitterStrategy") && rule.at("JitterStrategy") != "FULL" &&
          rule.at("JitterStrategy") != "NONE") {
        add(join(inside, "JitterStrategy"), "must be FULL or NONE");
      }
      if (!catches) continue;
      if (!rule.contains("Next"))
        add(inside, "Next is missing");
      else
        target(rule.at("Next"), join(inside, "Next"));
      if (rule.contains("ResultPath") && !rule.at("ResultPath").is_null()) {
        path(rule.at("ResultPath"), join(inside, "ResultPath"), true);
      }
    }
  }
  void errors(const Json& rule, const std::string& place, bool last) {
    const std::string inside = join(place, "ErrorEquals");
    if (!rule.contains("ErrorEquals") || !rule.at("ErrorEquals").is_array() ||
        rule.at("ErrorEquals").empty()) {
      return add(inside, "must be a list of at least one error name");
    }
    const Json& names = rule.at("ErrorEquals");
    for (const auto& name : names) {
      if (!name.is_string()) add(inside, "error names are strings");
      if (name == "States.ALL" && names.size() > 1) add(inside, "States.ALL stands alone");
      if (name == "States.ALL" && !last) add(inside, "States.ALL belongs into the last rule");
    }
  }

  void task(const Json& value, const std::string& place) {
    if (!value.contains("Resource") || !value.at("Resource").is_string() || value.at("Resource") == "") {
      add(join(place, "Resource"), "is missing");
    }
    for (const char* key : {"TimeoutSeconds", "HeartbeatSeconds"}) {
      const std::string by_path = std::string(key) + "Path";
      if (value.contains(key) && value.contains(by_path))
        add(place, std::string("has both ") + key + " and " + by_path);
    }
    const Json timeout = value.value("TimeoutSeconds", Json()),
               heartbeat = value.value("HeartbeatSeconds", Json());
    if (timeout.is_number() && heartbeat.is_number() && heartbeat >= timeout) {
      add(join(place, "HeartbeatSeconds"), "must be smaller than TimeoutSeconds");
    }
  }
  void fail(const Json& value, const std::string& place) {
    for (const char* key : {"Error", "Cause"}) {
      const std::string by_path = std::string(key) + "Path";
      if (value.contains(key) && value.contains(by_path))
        add(place, std::string("has both ") + key + " and " + by_path);
      if (value.contains(key) && !value.at(key).is_string()) add(join(place, key), "must be a string");
      if (!value.contains(by_path)) continue;
      const Json& text = value.at(by_path);
      if (!text.is_string())
        add(join(place, by_path), "must be a path or a function call");
      else if (const auto problem = check_expression(text.get<std::string>()); !problem.empty())
        add(join(place, by_path), problem);
    }
  }
  void wait(const Json& value, const std::string& place) {
    int count = 0;
    for (const char* key : {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"})
      count += value.contains(key) ? 1 : 0;
    if (count != 1) add(place, "needs exactly one of Seconds, SecondsPath, Timestamp, TimestampPath");
    number(value, place, "Seconds", 0);
    if (value.contains("Timestamp") &&
        !(value.at("Timestamp").is_string() && parse_timestamp(value.at("Timestamp").get<std::string>()))) {
      add(join(place, "Timestamp"), "must be a time such as 2024-01-31T09:00:00Z");
    }
  }
  void choice(const Json& value, const std::string& place) {
    const std::string inside = join(place, "Choices");
    if (!value.contains("Choices") || !value.at("Choices").is_array() || value.at("Choices").empty()) {
      add(inside, "must be a list of at least one rule");
    } else {
      for (std::size_t i = 0; i < value.at("Choices").size(); ++i) {
        rule(value.at("Choices")[i], inside + "[" + std::to_string(i) + "]", true);
      }
    }
    if (value.contains("Default")) target(value.at("Default"), join(place, "Default"));
  }
  void rule(const Json& value, const std::string& place, bool outermost) {
    if (!value.is_object()) return add(place, "must be an object");
    if (outermost && !value.contains("Next")) add(place, "Next is missing");
    if (value.contains("Next")) {
      if (outermost)
        target(value.at("Next"), join(place, "Next"));
      else
        add(join(place, "Next"), "belongs to the outermost rule only");
    }
    int operators = 0;
    for (const auto& [key, item] : value.items()) {
      if (key == "And" || key == "Or") {
        ++operators;
        if (!item.is_array() || item.empty())
          add(join(place, key), "must be a list of at least one rule");
        else
          for (std::size_t i = 0; i < item.size(); ++i)
            rule(item[i], join(place, key) + "[" + std::to_string(i) + "]", false);
      } else if (key == "Not") {
        ++operators;
        rule(item, join(place, key), false);
      } else if (is_operator(key)) {
        ++operators;
        comparison(key, item, value, place);
      } else if (key != "Next" && key != "Variable" && key != "Comment" && key != "Assign") {
        add(join(place, key), "is not a comparison");
      }
    }
    if (operators != 1) add(place, "needs exactly one comparison");
  }
  void comparison(const std::string& op, const Json& wanted, const Json& value, const std::string& place) {
    if (!value.contains("Variable"))
      add(place, "Variable is missing");
    else
      path(value.at("Variable"), join(place, "Variable"), false);
    const std::string inside = join(place, op);
    if (op.ends_with("Path")) return path(wanted, inside, false);
    const bool flag = op.rfind("Is", 0) == 0 || op.rfind("Boolean", 0) == 0;
    if (flag && !wanted.is_boolean()) add(inside, "must be true or false");
    if (op.rfind("Numeric", 0) == 0 && !wanted.is_number()) add(inside, "must be a number");
    if (op.rfind("String", 0) == 0 && !wanted.is_string()) add(inside, "must be a string");
    if (op.rfind("Timestamp", 0) == 0 &&
        !(wanted.is_string() && parse_timestamp(wanted.get<std::string>()))) {
      add(inside, "must be a time such as 2024-01-31T09:00:00Z");
    }
  }
  void parallel(const Json& value, const std::string& place) {
    const std::string inside = join(place, "Branches");
    if (!value.contains("Branches") || !value.at("Branches").is_array() || value.at("Branches").empty()) {
      return add(inside, "must be a list of at least one branch");
    }
    for (std::size_t i = 0; i < value.at("Branches").size(); ++i) {
      machine(value.at("Branches")[i], inside + "[" + std::to_string(i) + "]", false);
    }
  }
  void map(const Json& value, const std::string& place) {
    if (value.contains("ItemProcessor") == value.contains("Iterator")) {
      return add(place, "needs either ItemProcessor or Iterator");
    }
    const char* key = value.contains("ItemProcessor") ? "ItemProcessor" : "Iterator";
    machine(value.at(key), join(place, key), false);
    if (value.contains("ItemSelector") && value.contains("Parameters"))
      add(place, "has both ItemSelector and Parameters");
    number(value, place, "MaxConcurrency", 0);
    number(value, place, "ToleratedFailureCount", 0);
    number(value, place, "ToleratedFailurePercentage", 0);
  }

  /// States that no transition leads to are mostly slips.
  void unreachable(const Json& value, const std::string& place) {
    const Json& states = value.at("States");
    Names reached;
    std::vector<std::string> open;
    const auto visit = [&](const Json& name) {
      if (name.is_string() && states.contains(name.get<std::string>()) &&
          reached.insert(name.get<std::string>()).second) {
        open.push_back(name.get<std::string>());
      }
    };
    if (value.contains("StartAt")) visit(value.at("StartAt"));
    while (!open.empty()) {
      const Json& current = states.at(open.back());
      open.pop_back();
      if (!current.is_object()) continue;
      for (const char* key : {"Next", "Default"}) {
        if (current.contains(key)) visit(current.at(key));
      }
      for (const char* key : {"Choices", "Catch"}) {
        if (!current.contains(key) || !current.at(key).is_array()) continue;
        for (const auto& rule : current.at(key)) {
          if (rule.is_object() && rule.contains("Next")) visit(rule.at("Next"));
        }
      }
    }
    for (const auto& [name, state] : states.items()) {
      if (!reached.count(name)) add(join(place, name), "is never reached");
    }
  }

  Names targets_, seen_;
};

}  // namespace

base::Json parse_definition(const std::string& text, const std::string& name) {
  std::vector<Names> open;
  std::string twice;
  const auto watch = [&](int, base::Json::parse_event_t event, base::Json& parsed) {
    if (event == base::Json::parse_event_t::object_start) open.emplace_back();
    if (event == base::Json::parse_event_t::object_end) open.pop_back();
    if (event == base::Json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second &&
        twice.empty()) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  Json out = base::parse_json(text, name);  // first: limits of depth and our own error
  [[maybe_unused]] const Json again = Json::parse(text, watch, false);
  if (!twice.empty()) {
    throw base::usage_error("TM2801", "the name '" + twice + "' stands twice in one object", {name, 0, 0});
  }
  return out;
}

std::vector<Fault> check(const base::Json& definition) {
  Checker checker;
  checker.machine(definition, "", true);
  return std::move(checker.faults);
}

void require_sound(const base::Json& definition, const std::string& name) {
  const auto faults = check(definition);
  if (faults.empty()) return;
  std::string text =
      std::to_string(faults.size()) + (faults.size() == 1 ? " fault" : " faults") + " in the workflow";
  for (const auto& fault : faults) text += "\n    " + fault.place + ": " + fault.message;
  throw base::usage_error("TM2801", text, {name, 0, 0});
}

}  // namespace trialmill::workflow::asl
