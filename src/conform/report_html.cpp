// The HTML report: one file that works offline. The page, its style and its script are the files of
// report_html/; the facts are put into the page as JSON, and the script draws only the rows in view.
#include <map>

#include "base/text.hpp"
#include "base/version.hpp"
#include "conform/report_forms.hpp"
#include "conform/rule_text.hpp"
#include "standards/embedded.hpp"

namespace trialmill::conform {

namespace {

using base::Json;

/// JSON inside a page: nothing in it may end the script element or open a comment.
std::string script_text(const Json& value) {
  return base::replace_all(base::dump_json(value, -1), "<", "\\u003c");
}

const std::string& page_file(const std::string& name) {
  for (const standards::EmbeddedFile& file : standards::embedded_report()) {
    if (file.path == name) return file.text;
  }
  static const std::string none;
  return none;
}

/// Texts that repeat in many issues, each written once.
class Names {
 public:
  std::size_t operator()(const std::string& text) {
    const auto [found, added] = places_.emplace(text, list_.size());
    if (added) list_.push_back(text);
    return found->second;
  }
  const Json& list() const { return list_; }

 private:
  std::map<std::string, std::size_t> places_;
  Json list_ = Json::array();
};

Json citations_json(const Rule& rule, const RunFacts& run) {
  Json out = Json::array();
  for (const Citation& c : citations_of(rule)) {
    // Those of the standard at hand; of other standards and versions the text is much the same.
    if (base::to_upper(c.standard) != base::to_upper(run.standard) || c.version != run.version) continue;
    std::vector<std::string> place;
    for (const auto& [label, text] : std::vector<std::pair<std::string, std::string>>{
             {"", c.document}, {"section ", c.section}, {"item ", c.item}}) {
      if (!text.empty()) place.push_back(label + text);
    }
    out.push_back(
        {c.authority + " " + c.standard + " " + c.version + (c.rule_id.empty() ? "" : ", " + c.rule_id),
         base::join(place, "; "), c.guidance});
  }
  return out;
}

Json rule_json(const Report& report, const RuleResult& result) {
  const Rule& rule = *result.rule;
  Json check = Json::array();
  for (const CheckLine& line : check_lines(rule))
    check.push_back({line.depth, line.text, Json::array(), line.condition != nullptr});
  return {{"id", rule.id},
          {"severity", findings::name_of(rule.severity)},
          {"status", name_of(result.status)},
          {"version", version_of(rule)},
          {"rule_status", status_of(rule)},
          {"type", rule.type_text},
          {"authority", base::join(authority_ids(rule, report.run.standard, report.run.version), ", ")},
          {"description", rule.description},
          {"message", rule.message},
          {"scope", scope_text(rule)},
          {"reason", result.reason},
          {"errors", result.errors},
          {"checked", result.datasets},
          {"not_checked", result.not_evaluated},
          {"issues", result.issues.size()},
          {"listed", report.listed(result)},
          {"citations", citations_json(rule, report.run)},
          {"check", std::move(check)}};
}

Json facts_json(const Report& report) {
  const RunFacts& run = report.run;
  Json out = Json::array();
  const auto add = [&](const char* label, const std::string& value) {
    if (!value.empty()) out.push_back({label, value});
  };
  add("Standard", run.standard + " " + run.version + (run.substandard.empty() ? "" : ", " + run.substandard));
  add("Use case", run.use_case);
  add("Controlled terminology", run.ct);
  add("Define-XML", run.define_xml);
  add("Data", base::join(run.data, ", "));
  for (const Data::Problem& problem : report.data.problems())
    add("File not read", problem.file + ": " + problem.message);
  add("Rules", base::join(run.rules, ", "));
  if (run.rules_left_out > 0)
    add("Rules left out", std::to_string(run.rules_left_out) + " whose status is not " + run.rule_statuses);
  add("Started (UTC)", run.started);
  add("Run time", float_text(run.seconds) + " s");
  add("Program", std::string("trialmill ") + base::program_version + ", build " + base::build_id());
  return out;
}

/// [rule, dataset, record, subject, sequence, names, [values]] and, if explained, check, truth, [operands].
Json issue_json(const Report& report, std::size_t index, std::size_t k, std::size_t first_check,
                Names& names) {
  const Issue& issue = report.results[index].issues[k];
  Json values = Json::array();
  for (const auto& [name, value] : issue.values) values.push_back(value);
  Json out = Json::array({index, names(issue.dataset), nullptr, names(issue.subject),
                          sequence_of(report.data, issue), names(variables_and_values(issue).first),
                          std::move(values)});
  if (issue.record) out[2] = *issue.record;
  const RuleExplanation* explanation = report.explanation(index);
  if (explanation != nullptr && explanation->issues.at(k).check != Explanation::none) {
    const Explanation& found = explanation->issues.at(k);
    out.push_back(first_check + found.check);
    out.push_back(found.truth);
    out.push_back(found.values);
  }
  return out;
}

void write_checks(const Report& report, const Sink& sink) {
  std::string separator;
  for (const RuleExplanation& explanation : report.explanations) {
    for (const ExplainedCheck& check : explanation.checks) {
      Json lines = Json::array();
      for (const ExplainedLine& line : check.lines)
        lines.push_back({line.depth, line.text, line.operands, line.condition});
      sink(separator + script_text(lines));
      separator = ",\n";
    }
  }
}

void write_data(const Report& report, const Sink& sink) {
  sink("{\"subtitle\":" + script_text(report.run.standard + " " + report.run.version + ", " +
                                      base::join(report.run.data, ", ")));
  sink(",\n\"facts\":" + script_text(facts_json(report)));
  sink(",\n\"not_listed\":" + script_text(report.cap_text()));
  sink(",\n\"datasets\":" + script_text(dataset_details(report)));
  Json counts = Json::array();
  for (const IssueCount& count : issue_counts(report))
    counts.push_back({count.result, count.dataset, count.issues});
  sink(",\n\"counts\":" + script_text(counts) + ",\n\"rules\":[\n");
  for (std::size_t i = 0; i < report.results.size(); ++i)
    sink((i == 0 ? "" : ",\n") + script_text(rule_json(report, report.results[i])));
  sink("],\n\"checks\":[\n");
  write_checks(report, sink);
  sink("],\n\"issues\":[\n");
  Names names;
  std::string separator;
  std::size_t first_check = 0;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    for (std::size_t k = 0; k < report.listed(report.results[i]); ++k) {
      sink(separator + script_text(issue_json(report, i, k, first_check, names)));
      separator = ",\n";
    }
    if (const RuleExplanation* explanation = report.explanation(i)) first_check += explanation->checks.size();
  }
  sink("],\n\"names\":" + script_text(names.list()) + "}");
}

}  // namespace

void html_report(const Report& report, const Sink& sink) {
  const std::string& page = page_file("report.html");
  std::size_t at = 0;
  while (at < page.size()) {
    const std::size_t start = page.find("{{", at);
    const std::size_t end = page.find("}}", start);
    if (start == std::string::npos || end == std::string::npos) break;
    sink(std::string_view(page).substr(at, start - at));
    const std::string what = page.substr(start + 2, end - start - 2);
    if (what == "style") sink(page_file("report.css"));
    if (what == "script") sink(page_file("report.js"));
    if (what == "data") write_data(report, sink);
    at = end + 2;
  }
  sink(std::string_view(page).substr(at));
}

}  // namespace trialmill::conform
