// Reports for continuous integration: JUnit XML (a test case a rule) and SARIF 2.1.0 (OASIS; a result an
// issue).
#include <pugixml.hpp>

#include <sstream>

#include "base/text.hpp"
#include "base/version.hpp"
#include "conform/report_forms.hpp"
#include "conform/rule_text.hpp"
#include "formats/xml_text.hpp"

namespace trialmill::conform {

namespace {

using base::Json;

constexpr std::size_t junit_lines_max = 200;  // readers show the text as a whole; the rest is counted

std::string seconds_text(double seconds) {
  std::ostringstream out;
  out.setf(std::ios::fixed);
  out.precision(3);
  out << seconds;
  return out.str();
}

/// "AE record 12 (S-001): AESER=, AESDTH=Y".
std::string issue_line(const Issue& issue) {
  std::string out = issue.dataset + (issue.record ? " record " + std::to_string(*issue.record) : "");
  if (!issue.subject.empty()) out += " (" + issue.subject + ")";
  std::string separator = ": ";
  for (const auto& [name, value] : issue.values) {
    out += separator + name + "=" + value;
    separator = ", ";
  }
  return out;
}

std::string issue_lines(const Report& report, std::size_t index) {
  const RuleResult& result = report.results[index];
  const RuleExplanation* explanation = report.explanation(index);
  const std::size_t shown = std::min(report.listed(result), junit_lines_max);
  std::string out = "\n";
  for (std::size_t k = 0; k < shown; ++k) {
    out += issue_line(result.issues[k]) + "\n";
    const std::string why = explanation == nullptr ? "" : true_conditions(*explanation, k);
    if (!why.empty()) out += "    " + why + "\n";
  }
  if (shown < result.issues.size())
    out += std::to_string(result.issues.size() - shown) + " more issues are not listed here\n";
  return out;
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
  node.append_attribute(name) = formats::xml_text(value).c_str();
}

/// What a rule came to. Counts: failures, errors, skipped.
void add_outcome(const Report& report, std::size_t index, pugi::xml_node test, std::size_t (&counts)[3]) {
  const RuleResult& result = report.results[index];
  const Rule& rule = *result.rule;
  if (result.status == RuleStatus::skipped || result.status == RuleStatus::not_executable) {
    ++counts[2];
    set(test.append_child("skipped"), "message", name_of(result.status) + ": " + result.reason);
    return;
  }
  if (result.issues.empty()) return;
  const std::string lines = formats::xml_text(issue_lines(report, index));
  const bool broken = !result.errors.empty();
  if (!broken && rule.severity < report.failure) {
    test.append_child("system-out").text() =
        (std::string(findings::name_of(rule.severity)) + ": " + formats::xml_text(rule.message) + lines)
            .c_str();
    return;
  }
  ++counts[broken ? 1 : 0];
  pugi::xml_node child = test.append_child(broken ? "error" : "failure");
  set(child, "message",
      rule.message + " (" + std::to_string(result.issues.size()) +
          (result.issues.size() == 1 ? " issue)" : " issues)"));
  set(child, "type", std::string(findings::name_of(rule.severity)));
  child.text() = lines.c_str();
}

Json sarif_rule(const RuleResult& result) {
  const Rule& rule = *result.rule;
  static const char* levels[] = {"note", "warning", "error"};
  Json out = {{"id", rule.id},
              {"shortDescription", {{"text", rule.message.empty() ? rule.id : rule.message}}},
              {"fullDescription", {{"text", rule.description.empty() ? rule.id : rule.description}}},
              {"defaultConfiguration", {{"level", levels[static_cast<int>(rule.severity)]}}},
              {"properties",
               {{"version", version_of(rule)},
                {"ruleStatus", status_of(rule)},
                {"authorityRules", authority_ids(rule)},
                {"status", name_of(result.status)},
                {"issues", result.issues.size()}}}};
  std::string help;
  for (const CheckLine& line : check_lines(rule))
    help += std::string(2 * static_cast<std::size_t>(line.depth), ' ') + line.text + "\n";
  if (!help.empty()) out["help"] = {{"text", help}};
  return out;
}

std::string file_of(const Data& data, const std::string& dataset) {
  for (const auto& part : data.parts()) {
    if (part->name == dataset) return part->file;
  }
  return {};
}

/// A file name as a relative URI reference (RFC 3986).
std::string uri_of(const std::string& file) {
  static const char* digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : file) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

Json sarif_result(const Report& report, std::size_t index, std::size_t k) {
  const RuleResult& result = report.results[index];
  const Issue& issue = result.issues[k];
  const std::string level = std::string(findings::name_of(result.rule->severity));
  Json location = {{"logicalLocations", Json::array()}};
  location["logicalLocations"].push_back(
      {{"name", issue.dataset},
       {"fullyQualifiedName", issue.dataset + (issue.record ? "/" + std::to_string(*issue.record) : "")},
       {"kind", issue.record ? "record" : "dataset"}});
  const std::string file = file_of(report.data, issue.dataset);
  if (!file.empty()) location["physicalLocation"] = {{"artifactLocation", {{"uri", uri_of(file)}}}};
  Json out = {{"ruleId", result.rule->id},
              {"ruleIndex", index},
              {"level", level == "info" ? "note" : level},
              {"message", {{"text", result.rule->message + " " + issue_line(issue)}}},
              {"locations", Json::array({std::move(location)})},
              {"properties", {{"dataset", issue.dataset}, {"subject", issue.subject}}}};
  if (issue.record) out["properties"]["record"] = *issue.record;
  for (const auto& [name, value] : issue.values) out["properties"]["values"][name] = value;
  const RuleExplanation* explanation = report.explanation(index);
  if (explanation != nullptr) out["properties"]["trueConditions"] = true_conditions(*explanation, k);
  return out;
}

/// Files that were not read, rules that did not run, and the cap: SARIF results are issues only.
Json sarif_notifications(const Report& report) {
  Json out = Json::array();
  for (const Data::Problem& problem : report.data.problems()) {
    const Json artifact = {{"artifactLocation", {{"uri", uri_of(problem.file)}}}};
    out.push_back({{"level", "error"},
                   {"message", {{"text", problem.file + " was not read: " + problem.message}}},
                   {"locations", Json::array({Json{{"physicalLocation", artifact}}})}});
  }
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const RuleResult& result = report.results[i];
    if (result.status != RuleStatus::skipped && result.status != RuleStatus::not_executable) continue;
    const bool serious = result.status == RuleStatus::not_executable;
    out.push_back(
        {{"level", serious ? "warning" : "note"},
         {"message", {{"text", result.rule->id + " " + name_of(result.status) + ": " + result.reason}}},
         {"associatedRule", {{"id", result.rule->id}, {"index", i}}}});
  }
  if (!report.cap_text().empty())
    out.push_back({{"level", "warning"}, {"message", {{"text", report.cap_text()}}}});
  return out;
}

}  // namespace

void junit_report(const Report& report, const Sink& sink) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node suites = document.append_child("testsuites");
  pugi::xml_node suite = suites.append_child("testsuite");
  const std::string name = report.run.standard + " " + report.run.version;
  std::size_t counts[3] = {0, 0, 0};
  pugi::xml_node properties = suite.append_child("properties");
  const std::string cap = report.cap_text();
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"program", std::string("trialmill ") + base::program_version},
           {"data", base::join(report.run.data, ", ")},
           {"rules", base::join(report.run.rules, ", ")},
           {"not listed", cap.empty() ? "none" : cap}}) {
    pugi::xml_node property = properties.append_child("property");
    set(property, "name", key);
    set(property, "value", value);
  }
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    pugi::xml_node test = suite.append_child("testcase");
    set(test, "classname", "conformance." + base::replace_all(name, " ", "-"));
    set(test, "name", report.results[i].rule->id);
    test.append_attribute("time") = "0.000";
    add_outcome(report, i, test, counts);
  }
  for (const Data::Problem& problem : report.data.problems()) {
    pugi::xml_node test = suite.append_child("testcase");
    set(test, "classname", "conformance.files");
    set(test, "name", problem.file);
    test.append_attribute("time") = "0.000";
    set(test.append_child("error"), "message", "not read: " + problem.message);
    ++counts[1];
  }
  for (pugi::xml_node node : {suites, suite}) {
    set(node, "name", node == suites ? "conformance" : name);
    set(node, "tests", std::to_string(report.results.size() + report.data.problems().size()));
    set(node, "failures", std::to_string(counts[0]));
    set(node, "errors", std::to_string(counts[1]));
    set(node, "time", seconds_text(report.run.seconds));
  }
  set(suite, "skipped", std::to_string(counts[2]));
  if (!report.run.started.empty()) set(suite, "timestamp", report.run.started.substr(0, 19));
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
  sink(text.str());
}

void sarif_report(const Report& report, const Sink& sink) {
  Json rules = Json::array();
  for (const RuleResult& result : report.results) rules.push_back(sarif_rule(result));
  const Json driver = {
      {"name", "trialmill"}, {"version", base::program_version}, {"rules", std::move(rules)}};
  Json invocation = {{"executionSuccessful", report.data.problems().empty()},
                     {"toolExecutionNotifications", sarif_notifications(report)}};
  if (!report.run.started.empty()) invocation["startTimeUtc"] = report.run.started;
  sink(
      "{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": "
      "\"2.1.0\",\n\"runs\": [{\n");
  sink("\"tool\": " + base::dump_json(Json{{"driver", driver}}, -1) + ",\n\"invocations\": [" +
       base::dump_json(invocation, -1) + "],\n\"columnKind\": \"utf16CodeUnits\",\n\"results\": [");
  std::string separator = "\n";
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    for (std::size_t k = 0; k < report.listed(report.results[i]); ++k) {
      sink(separator + base::dump_json(sarif_result(report, i, k), -1));
      separator = ",\n";
    }
  }
  sink("\n]\n}]\n}\n");
}

}  // namespace trialmill::conform
