#include "conform/report.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "conform/report_forms.hpp"

namespace trialmill::conform {

std::size_t Report::listed(const RuleResult& result) const {
  return std::min(result.issues.size(), issues_per_rule_max);
}

std::string Report::cap_text() const {
  const auto more = std::count_if(results.begin(), results.end(), [&](const RuleResult& result) {
    return result.issues.size() > issues_per_rule_max;
  });
  if (more == 0) return {};
  return "only the first " + std::to_string(issues_per_rule_max) + " issues of a rule are listed; " +
         std::to_string(more) + (more == 1 ? " rule has more" : " rules have more");
}

const RuleExplanation* Report::explanation(std::size_t result) const {
  return result < explanations.size() ? &explanations[result] : nullptr;
}

std::vector<IssueCount> issue_counts(const Report& report) {
  std::vector<IssueCount> counts;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const std::size_t start = counts.size();
    std::map<std::string, std::size_t> place;
    for (const Issue& issue : report.results[i].issues) {
      const auto [found, added] = place.emplace(issue.dataset, counts.size());
      if (added) counts.push_back({i, issue.dataset, 0});
      ++counts[found->second].issues;
    }
    std::sort(counts.begin() + static_cast<std::ptrdiff_t>(start), counts.end(),
              [](const IssueCount& a, const IssueCount& b) { return a.dataset < b.dataset; });
  }
  return counts;
}

std::size_t issues_of(const std::vector<RuleResult>& results) {
  std::size_t issues = 0;
  for (const RuleResult& result : results) issues += result.issues.size();
  return issues;
}

std::vector<std::pair<std::string, std::size_t>> status_counts(const std::vector<RuleResult>& results) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  for (const RuleStatus status :
       {RuleStatus::passed, RuleStatus::issues, RuleStatus::skipped, RuleStatus::not_executable}) {
    counts.emplace_back(name_of(status),
                        std::count_if(results.begin(), results.end(),
                                      [&](const auto& result) { return result.status == status; }));
  }
  return counts;
}

std::string summary_line(const std::vector<RuleResult>& results) {
  std::string out = std::to_string(results.size()) + " rules: ";
  std::string separator;
  for (const auto& [status, count] : status_counts(results)) {
    out += separator + std::to_string(count) + " " + (status == "issues" ? "with issues" : status);
    separator = ", ";
  }
  return out + "; " + std::to_string(issues_of(results)) + " issues";
}

std::string sequence_of(const Data& data, const Issue& issue) {
  if (!issue.record) return {};
  for (const Dataset& dataset : data.datasets()) {
    for (const Part* part : dataset.parts) {
      if (part->name != issue.dataset || *issue.record > part->frame.rows) continue;
      const Column* sequence = part->frame.find(dataset.prefix() + "SEQ");
      return sequence == nullptr ? "" : plain_text(sequence->at(*issue.record - 1));
    }
  }
  return {};
}

std::pair<std::string, std::string> variables_and_values(const Issue& issue) {
  std::vector<std::string> names, values;
  for (const auto& [name, value] : issue.values) {
    names.push_back(name);
    values.push_back(value);
  }
  return {base::join(names, ", "), base::join(values, ", ")};
}

std::string remarks_of(const RuleResult& result) {
  std::vector<std::string> parts;
  if (!result.reason.empty()) parts.push_back(result.reason);
  if (!result.errors.empty()) parts.push_back("could not be evaluated: " + base::join(result.errors, "; "));
  if (result.datasets > 0 && !result.not_evaluated.empty())
    parts.push_back("not checked: " + base::join(result.not_evaluated, "; "));
  return base::join(parts, "; ");
}

const std::vector<std::string>& report_formats() {
  static const std::vector<std::string> formats{"table", "json", "csv",   "core",
                                                "xlsx",  "html", "junit", "sarif"};
  return formats;
}

std::string format_of(const std::filesystem::path& file) {
  static const std::map<std::string, std::string> formats{
      {".xlsx", "xlsx"}, {".html", "html"}, {".htm", "html"},    {".json", "json"},
      {".csv", "csv"},   {".xml", "junit"}, {".sarif", "sarif"}, {".txt", "table"}};
  const auto found = formats.find(base::to_lower(file.extension().string()));
  return found == formats.end() ? "" : found->second;
}

void print_report(const Report& report, const std::string& format, const Sink& sink) {
  if (format == "core") return sink(core_lines(report.results));
  if (format == "csv") return csv_report(report, sink);
  if (format == "json") return json_report(report, sink);
  if (format == "html") return html_report(report, sink);
  if (format == "junit") return junit_report(report, sink);
  if (format == "sarif") return sarif_report(report, sink);
  table_report(report, sink);
}

void save_report(const Report& report, const std::string& format, const std::filesystem::path& file) {
  base::AtomicFile out(file);
  if (format == "xlsx") {
    xlsx_report(report, out.temporary());
  } else {
    print_report(report, format, [&](std::string_view text) { out.write(text); });
  }
  out.commit();
}

namespace {

findings::Finding finding_of(const Rule& rule, const Issue& issue) {
  auto [variables, values] = variables_and_values(issue);
  findings::Finding finding{rule.id,
                            rule.severity,
                            "validate",
                            issue.dataset,
                            issue.subject,
                            variables,
                            values,
                            rule.message,
                            "",
                            "",
                            0};
  if (issue.record) finding.row = *issue.record;
  return finding;
}

}  // namespace

void add_findings(const std::vector<RuleResult>& results, findings::Findings& out) {
  for (const RuleResult& result : results) {
    for (const Issue& issue : result.issues) out.add(finding_of(*result.rule, issue));
  }
}

}  // namespace trialmill::conform
