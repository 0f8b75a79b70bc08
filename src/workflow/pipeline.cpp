#include "workflow/pipeline.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "workflow/asl_check.hpp"

namespace trialmill::workflow {

namespace {

constexpr const char* pipeline = R"json({
  "Comment": "Raw files to published SDTM: crawl, catalog, check, transform, reconcile, validate, publish, catalog",
  "StartAt": "Crawl",
  "States": {
    "Crawl": {
      "Type": "Task",
      "Resource": "trialmill:stage:crawl",
      "ResultPath": "$.crawl",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "CatalogDeliveries"
    },
    "CatalogDeliveries": {
      "Type": "Task",
      "Resource": "trialmill:catalog",
      "ResultPath": "$.deliveries",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "Quality"
    },
    "Quality": {
      "Type": "Task",
      "Resource": "trialmill:stage:check",
      "ResultPath": "$.quality",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "QualityPassed?"
    },
    "QualityPassed?": {
      "Type": "Choice",
      "Choices": [
        {"Variable": "$.quality.passed", "BooleanEquals": true, "Next": "Transform"},
        {"Variable": "$.on_failure", "StringEquals": "go-on", "Next": "Transform"},
        {"Variable": "$.on_failure", "StringEquals": "stop", "Next": "QualityError"}
      ],
      "Default": "AlertQuality"
    },
    "QualityError": {
      "Type": "Pass",
      "Parameters": {"Error": "Quality.Failed", "Cause.$": "States.Format('Quality rules failed: {}', $.quality.headline)"},
      "ResultPath": "$.error",
      "Next": "AlertFailure"
    },
    "AlertQuality": {
      "Type": "Task",
      "Resource": "trialmill:alert",
      "Parameters": {
        "subject": "Quality rules failed, the run is paused",
        "text.$": "States.Format('{}. Correct the data, then: trialmill resume {}', $.quality.headline, $$.Execution.Name)"
      },
      "ResultPath": null,
      "Next": "Pause"
    },
    "Pause": {
      "Type": "Task",
      "Resource": "trialmill:pause.waitForTaskToken",
      "Parameters": {"token.$": "$$.Task.Token"},
      "ResultPath": "$.resumed",
      "Next": "Crawl"
    },
    "Transform": {
      "Type": "Task",
      "Resource": "trialmill:stage:transform",
      "ResultPath": "$.transform",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "Reconcile"
    },
    "Reconcile": {
      "Type": "Task",
      "Resource": "trialmill:reconcile",
      "ResultPath": "$.reconciliation",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "Validate"
    },
    "Validate": {
      "Type": "Task",
      "Resource": "trialmill:stage:validate",
      "ResultPath": "$.validate",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "KeysUnique?"
    },
    "KeysUnique?": {
      "Type": "Choice",
      "Choices": [
        {"Variable": "$.transform.passed", "BooleanEquals": true, "Next": "Publish"},
        {"Variable": "$.on_duplicate_keys", "StringEquals": "publish", "Next": "Publish"}
      ],
      "Default": "KeysError"
    },
    "KeysError": {
      "Type": "Pass",
      "Parameters": {"Error": "Keys.Violated", "Cause.$": "States.Format('Records share their keys, nothing was published: {}', $.transform.headline)"},
      "ResultPath": "$.error",
      "Next": "AlertFailure"
    },
    "Publish": {
      "Type": "Task",
      "Resource": "trialmill:stage:publish",
      "ResultPath": "$.publish",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "CatalogRelease"
    },
    "CatalogRelease": {
      "Type": "Task",
      "Resource": "trialmill:catalog",
      "ResultPath": "$.release",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "AlertFailure"}],
      "Next": "Summary"
    },
    "Summary": {"Type": "Succeed"},
    "AlertFailure": {
      "Type": "Task",
      "Resource": "trialmill:alert",
      "Parameters": {"subject": "The run failed", "text.$": "States.Format('{}: {}', $.error.Error, $.error.Cause)"},
      "ResultPath": null,
      "Next": "Failed"
    },
    "Failed": {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}
  }
})json";

}  // namespace

const char* builtin_pipeline() {
  return pipeline;
}

base::Json pipeline_of(const study::Study& study) {
  if (!study.workflow) return base::parse_json(pipeline, "the built-in workflow");
  const std::string name = study.workflow->filename().string();
  base::Json machine = asl::parse_definition(base::read_file(*study.workflow), name);
  asl::require_sound(machine, name);
  return machine;
}

base::Json ended_after(base::Json machine, const std::string& until) {
  if (until.empty() || until == "publish") return machine;
  auto& states = machine.at("States");
  for (auto& [name, state] : states.items()) {
    if (state.value("Resource", "") != "trialmill:stage:" + until) continue;
    base::Json* last = &state;
    // The account of rows belongs to what transform did, the catalog's entry to what crawl did.
    const std::string next = state.value("Next", "");
    const std::string resource = states.contains(next) ? states.at(next).value("Resource", "") : "";
    if (resource == "trialmill:reconcile" || resource == "trialmill:catalog") last = &states.at(next);
    last->erase("Next");
    (*last)["End"] = true;
    return machine;
  }
  throw base::usage_error("TM2807", "no state of the workflow runs the stage '" + until + "'");
}

}  // namespace trialmill::workflow
