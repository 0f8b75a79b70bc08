// The JSON report; its keys are documented in docs/conformance-reports.md. Issues are written one by one, so
// a million of them needs no memory of their own.
#include <map>

#include "base/version.hpp"
#include "conform/report_forms.hpp"
#include "conform/rule_text.hpp"

namespace trialmill::conform {

namespace {

using base::Json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json issue_summary(const Report& report) {
  Json out = {{"issues", issues_of(report.results)}, {"rules", Json::object()}};
  for (const auto& [status, count] : status_counts(report.results)) out["rules"][status] = count;
  std::map<std::string_view, std::size_t> severities{{"error", 0}, {"warning", 0}, {"info", 0}};
  for (const RuleResult& result : report.results)
    severities[findings::name_of(result.rule->severity)] += result.issues.size();
  for (const auto& [severity, count] : severities) out["severities"][std::string(severity)] = count;
  out["not_listed"] = text_or_null(report.cap_text());
  out["counts"] = Json::array();
  for (const IssueCount& count : issue_counts(report)) {
    const Rule& rule = *report.results[count.result].rule;
    out["counts"].push_back({{"dataset", count.dataset},
                             {"rule", rule.id},
                             {"severity", findings::name_of(rule.severity)},
                             {"message", rule.message},
                             {"issues", count.issues}});
  }
  return out;
}

Json explanation_json(const RuleExplanation& explanation, std::size_t issue) {
  const Explanation& found = explanation.issues.at(issue);
  if (found.check == Explanation::none) return nullptr;
  Json out = Json::array();
  std::size_t value = 0, line = 0;
  for (const ExplainedLine& shown : explanation.checks.at(found.check).lines) {
    const char truth = found.truth.at(line++);
    Json item = {
        {"depth", shown.depth}, {"text", shown.text}, {"truth", truth == static_cast<char>(Truth::yes)}};
    if (truth == static_cast<char>(Truth::dropped)) item["truth"] = nullptr;
    for (const std::string& operand : shown.operands) item["values"][operand] = found.values.at(value++);
    out.push_back(std::move(item));
  }
  return out;
}

void append_text_or_null(std::string& out, const std::string& text) {
  if (text.empty())
    out += "null";
  else
    base::append_json_text(out, text);
}

/// One issue as JSON. Written by hand: there may be millions of them, and `rule_part` is the same for all of
/// a rule.
std::string issue_text(const Report& report, std::size_t result_index, std::size_t index,
                       const std::string& rule_part) {
  const Issue& issue = report.results[result_index].issues[index];
  std::string out = rule_part;
  base::append_json_text(out, issue.dataset);
  out += ",\"record\":" + (issue.record ? std::to_string(*issue.record) : std::string("null"));
  out += ",\"subject\":";
  append_text_or_null(out, issue.subject);
  out += ",\"sequence\":";
  append_text_or_null(out, sequence_of(report.data, issue));
  std::string names = "[", values = "[";
  for (const auto& [name, value] : issue.values) {
    if (names.size() > 1) names += ',', values += ',';
    base::append_json_text(names, name);
    base::append_json_text(values, value);
  }
  out += ",\"variables\":" + names + "],\"values\":" + values + ']';
  if (const RuleExplanation* explanation = report.explanation(result_index))
    out += ",\"explanation\":" + base::dump_json(explanation_json(*explanation, index), -1);
  out += '}';
  return out;
}

/// The start of every issue of a rule, up to the dataset's name.
std::string rule_part_of(const Rule& rule) {
  std::string out = "{\"rule\":";
  base::append_json_text(out, rule.id);
  out += ",\"severity\":";
  base::append_json_text(out, findings::name_of(rule.severity));
  out += ",\"message\":";
  base::append_json_text(out, rule.message);
  return out + ",\"dataset\":";
}

void write_list(const Json& list, const Sink& sink) {
  std::string separator = "\n    ";
  for (const Json& item : list) {
    sink(separator + base::dump_json(item, -1));
    separator = ",\n    ";
  }
}

}  // namespace

Json files_not_read(const Data& data) {
  Json out = Json::array();
  for (const Data::Problem& problem : data.problems())
    out.push_back({{"file", problem.file}, {"message", problem.message}});
  return out;
}

Json conformance_details(const Report& report) {
  const RunFacts& run = report.run;
  return {{"program", "trialmill"},
          {"program_version", base::program_version},
          {"program_build", base::build_id()},
          {"started", run.started},
          {"seconds", run.seconds},
          {"standard", run.standard},
          {"version", run.version},
          {"substandard", text_or_null(run.substandard)},
          {"use_case", text_or_null(run.use_case)},
          {"guide_for_classes",
           report.data.ig() == nullptr ? Json(nullptr) : Json("SDTMIG " + report.data.ig()->version())},
          {"controlled_terminology", text_or_null(run.ct)},
          {"define_xml", text_or_null(run.define_xml)},
          {"data", run.data},
          {"files_not_read", files_not_read(report.data)},
          {"rules", run.rules},
          {"rule_statuses", text_or_null(run.rule_statuses)},
          {"rules_left_out", run.rules_left_out}};
}

Json dataset_details(const Report& report) {
  Json out = Json::array();
  for (const Dataset& dataset : report.data.datasets()) {
    for (const Part* part : dataset.parts) {
      out.push_back({{"name", part->name},
                     {"label", part->label},
                     {"class", text_or_null(dataset.class_name)},
                     {"file", part->file},
                     {"rows", part->frame.rows},
                     {"columns", part->frame.columns.size()},
                     {"bytes", static_cast<std::uint64_t>(part->size)}});
    }
  }
  return out;
}

Json rules_report(const Report& report) {
  Json out = Json::array();
  for (const RuleResult& result : report.results) {
    const Rule& rule = *result.rule;
    out.push_back({{"rule", rule.id},
                   {"version", text_or_null(version_of(rule))},
                   {"rule_status", text_or_null(status_of(rule))},
                   {"authorities", authorities(rule)},
                   {"authority_rules", authority_ids(rule, report.run.standard, report.run.version)},
                   {"severity", findings::name_of(rule.severity)},
                   {"description", rule.description},
                   {"message", rule.message},
                   {"status", name_of(result.status)},
                   {"reason", text_or_null(result.reason)},
                   {"datasets_checked", result.datasets},
                   {"datasets_not_checked", result.not_evaluated},
                   {"errors", result.errors},
                   {"issues", result.issues.size()},
                   {"issues_listed", report.listed(result)}});
  }
  return out;
}

void json_report(const Report& report, const Sink& sink) {
  sink("{\n  \"conformance_details\": " + base::dump_json(conformance_details(report), -1));
  sink(",\n  \"dataset_details\": [");
  write_list(dataset_details(report), sink);
  sink("\n  ],\n  \"issue_summary\": " + base::dump_json(issue_summary(report), -1));
  sink(",\n  \"issue_details\": [");
  std::string separator = "\n    ";
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const std::string rule_part = rule_part_of(*report.results[i].rule);
    for (std::size_t k = 0; k < report.listed(report.results[i]); ++k) {
      sink(separator + issue_text(report, i, k, rule_part));
      separator = ",\n    ";
    }
  }
  sink("\n  ],\n  \"rules_report\": [");
  write_list(rules_report(report), sink);
  sink("\n  ]");
  if (report.timings)
    sink(",\n  \"timings\": " + base::dump_json(timings_json(report.results, *report.timings), -1));
  sink("\n}\n");
}

}  // namespace trialmill::conform
