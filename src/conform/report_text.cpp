// Reports as lines of text: for the terminal, for spreadsheets, and for comparison with other engines.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "conform/report_forms.hpp"

namespace trialmill::conform {

namespace {

std::string issue_text(const Issue& issue) {
  std::string out = issue.dataset;
  if (issue.record) out += " record " + std::to_string(*issue.record);
  if (!issue.subject.empty()) out += " " + issue.subject;
  out += ":";
  for (const auto& [name, value] : issue.values) out += " " + name + "=" + value;
  return out;
}

std::string indented(const std::string& text, const std::string& indent) {
  std::string out;
  for (const std::string& line : base::split(text, '\n')) {
    if (!line.empty()) out += indent + line + "\n";
  }
  return out;
}

}  // namespace

std::string core_lines(const std::vector<RuleResult>& results) {
  std::vector<std::array<std::string, 4>> rows;
  for (const RuleResult& result : results) {
    for (const Issue& issue : result.issues) {
      for (const auto& [name, value] : issue.values) {
        rows.push_back({issue.dataset, issue.record ? std::to_string(*issue.record) : "", name, value});
      }
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    if (a[0] != b[0]) return a[0] < b[0];
    if (a[1] != b[1]) return a[1].size() != b[1].size() ? a[1].size() < b[1].size() : a[1] < b[1];
    return std::tie(a[2], a[3]) < std::tie(b[2], b[3]);
  });
  std::string out = "Dataset,Record,Variable,Value\r\n";
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < 4; ++i) out += (i > 0 ? "," : "") + base::csv_cell(row[i]);
    out += "\r\n";
  }
  return out;
}

void csv_report(const Report& report, const Sink& sink) {
  sink("Rule,Severity,Status,Dataset,Record,Subject,Variable,Value,Message\n");
  for (const Data::Problem& problem : report.data.problems())
    sink(",error,not read," + base::csv_cell(problem.file) + ",,,,," + base::csv_cell(problem.message) +
         "\n");
  for (const RuleResult& result : report.results) {
    const std::string head = base::csv_cell(result.rule->id) + "," +
                             std::string(findings::name_of(result.rule->severity)) + "," +
                             name_of(result.status) + ",";
    if (result.issues.empty()) sink(head + ",,,,," + base::csv_cell(remarks_of(result)) + "\n");
    const std::size_t listed = report.listed(result);
    for (std::size_t i = 0; i < listed; ++i) {
      const Issue& issue = result.issues[i];
      const auto [variables, values] = variables_and_values(issue);
      sink(head + base::csv_cell(issue.dataset) + "," + (issue.record ? std::to_string(*issue.record) : "") +
           "," + base::csv_cell(issue.subject) + "," + base::csv_cell(variables) + "," +
           base::csv_cell(values) + "," + base::csv_cell(result.rule->message) + "\n");
    }
    if (listed < result.issues.size()) {
      sink(head + ",,,,," + std::to_string(result.issues.size() - listed) + " more issues are not listed\n");
    }
  }
}

void table_report(const Report& report, const Sink& sink) {
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const RuleResult& result = report.results[i];
    if (result.status == RuleStatus::passed) continue;
    std::string head = result.rule->id + "  " + name_of(result.status);
    if (result.status != RuleStatus::issues) {
      sink(head + ": " + result.reason + "\n");
      continue;
    }
    sink(head + " " + std::to_string(result.issues.size()) + " (" +
         std::string(findings::name_of(result.rule->severity)) + "): " + result.rule->message + "\n");
    const std::size_t listed = report.listed(result);
    const RuleExplanation* explanation = report.explanation(i);
    for (std::size_t k = 0; k < listed; ++k) {
      sink("    " + issue_text(result.issues[k]) + "\n");
      if (explanation != nullptr) sink(indented(explanation_text(*explanation, k), "        "));
    }
    if (listed < result.issues.size())
      sink("    … " + std::to_string(result.issues.size() - listed) + " more issues are not listed\n");
  }
  for (const Data::Problem& problem : report.data.problems())
    sink("not read  " + problem.file + ": " + problem.message + "\n");
  const std::string cap = report.cap_text();
  sink(summary_line(report.results) + (cap.empty() ? "" : "; " + cap) + "\n");
}

}  // namespace trialmill::conform
