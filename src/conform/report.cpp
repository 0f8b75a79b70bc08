#include "conform/report.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/json.hpp"
#include "base/text.hpp"

namespace trialmill::conform {

namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return '"' + base::replace_all(text, "\"", "\"\"") + '"';
}

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
    for (std::size_t i = 0; i < 4; ++i) out += (i > 0 ? "," : "") + csv_field(row[i]);
    out += "\r\n";
  }
  return out;
}

std::string csv_lines(const std::vector<RuleResult>& results) {
  std::string out = "Rule,Severity,Status,Dataset,Record,Subject,Variable,Value,Message\n";
  for (const RuleResult& result : results) {
    const std::string head = csv_field(result.rule->id) + "," +
                             std::string(findings::name_of(result.rule->severity)) + "," +
                             name_of(result.status) + ",";
    if (result.issues.empty()) out += head + ",,,,," + csv_field(result.reason) + "\n";
    for (const Issue& issue : result.issues) {
      std::vector<std::string> names, values;
      for (const auto& [name, value] : issue.values) {
        names.push_back(name);
        values.push_back(value);
      }
      out += head + csv_field(issue.dataset) + "," + (issue.record ? std::to_string(*issue.record) : "") +
             "," + csv_field(issue.subject) + "," + csv_field(base::join(names, ", ")) + "," +
             csv_field(base::join(values, ", ")) + "," + csv_field(result.rule->message) + "\n";
    }
  }
  return out;
}

std::map<std::string, std::size_t> counts_of(const std::vector<RuleResult>& results) {
  std::map<std::string, std::size_t> counts{
      {"passed", 0}, {"issues", 0}, {"skipped", 0}, {"not executable", 0}};
  for (const RuleResult& result : results) ++counts[name_of(result.status)];
  return counts;
}

std::string json_text(const std::vector<RuleResult>& results) {
  base::Json out = {{"summary", base::Json::object()}, {"rules", base::Json::array()}};
  for (const auto& [status, count] : counts_of(results)) out["summary"][status] = count;
  for (const RuleResult& result : results) {
    base::Json rule = {{"id", result.rule->id},
                       {"severity", findings::name_of(result.rule->severity)},
                       {"status", name_of(result.status)},
                       {"reason", result.reason},
                       {"message", result.rule->message},
                       {"datasets", result.datasets},
                       {"issues", base::Json::array()}};
    for (const Issue& issue : result.issues) {
      base::Json item = {{"dataset", issue.dataset}, {"record", nullptr}, {"subject", issue.subject}};
      if (issue.record) item["record"] = *issue.record;
      for (const auto& [name, value] : issue.values) item["values"][name] = value;
      rule["issues"].push_back(std::move(item));
    }
    out["rules"].push_back(std::move(rule));
  }
  return base::dump_json(out) + "\n";
}

std::string table_text(const std::vector<RuleResult>& results) {
  std::string out;
  std::size_t issues = 0;
  for (const RuleResult& result : results) {
    issues += result.issues.size();
    if (result.status == RuleStatus::passed) continue;
    out += result.rule->id + "  " + name_of(result.status);
    if (result.status != RuleStatus::issues) {
      out += ": " + result.reason + "\n";
      continue;
    }
    out += " " + std::to_string(result.issues.size()) + " (" +
           std::string(findings::name_of(result.rule->severity)) + "): " + result.rule->message + "\n";
    for (const Issue& issue : result.issues) {
      out += "    " + issue.dataset + (issue.record ? " record " + std::to_string(*issue.record) : "") +
             (issue.subject.empty() ? "" : " " + issue.subject) + ":";
      for (const auto& [name, value] : issue.values) out += " " + name + "=" + value;
      out += "\n";
    }
  }
  out += std::to_string(results.size()) + " rules";
  for (const auto& [status, count] : counts_of(results)) {
    out += ", " + std::to_string(count) + " " + (status == "issues" ? "with issues" : status);
  }
  return out + "; " + std::to_string(issues) + " issues\n";
}

}  // namespace

std::string report(const std::vector<RuleResult>& results, const std::string& format) {
  if (format == "core") return core_lines(results);
  if (format == "csv") return csv_lines(results);
  if (format == "json") return json_text(results);
  return table_text(results);
}

void add_findings(const std::vector<RuleResult>& results, findings::Findings& out) {
  for (const RuleResult& result : results) {
    for (const Issue& issue : result.issues) {
      std::vector<std::string> names, values;
      for (const auto& [name, value] : issue.values) {
        names.push_back(name);
        values.push_back(value);
      }
      findings::Finding finding;
      finding.rule = result.rule->id;
      finding.severity = result.rule->severity;
      finding.stage = "validate";
      finding.dataset = issue.dataset;
      finding.subject = issue.subject;
      finding.variable = base::join(names, ", ");
      finding.value = base::join(values, ", ");
      finding.message = result.rule->message;
      finding.row = issue.record ? *issue.record : 0;
      out.add(std::move(finding));
    }
  }
}

}  // namespace trialmill::conform
