// Reports of a validation: one set of facts in many forms. For people: table (terminal), html, xlsx; for
// programs: json, csv; for continuous integration: junit, sarif; for comparison with other engines: core.
// docs/conformance-reports.md describes each for users.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "conform/explain_issue.hpp"
#include "conform/timings.hpp"

namespace trialmill::conform {

/// What was validated and how, as the reports state it.
struct RunFacts {
  std::string standard, version, substandard, use_case, ct, define_xml;
  std::vector<std::string> data, rules;  ///< as the user named them
  std::string started;                   ///< UTC
  double seconds = 0;
  std::size_t rules_left_out = 0;  ///< of rule sets: another status than asked for
  std::string rule_statuses;       ///< what was asked for, e.g. "published"
};

struct Report {
  const std::vector<RuleResult>& results;
  const Data& data;
  RunFacts run;
  std::size_t issues_per_rule_max = SIZE_MAX;  ///< more are counted, not listed, and every format says so
  std::vector<RuleExplanation> explanations;   ///< one a result; empty = not asked for
  /// Below it, issues are no failures in the JUnit report.
  findings::Severity failure = findings::Severity::info;
  std::optional<Timings> timings = std::nullopt;  ///< part of the JSON report if set

  /// How many issues of the result are listed.
  std::size_t listed(const RuleResult& result) const;
  /// "the report lists the first 100 issues of each rule: 2 rules have more"; "" if all are listed.
  std::string cap_text() const;
  /// The explanation of a result, or nullptr.
  const RuleExplanation* explanation(std::size_t result) const;
};

/// Issues of one rule in one dataset.
struct IssueCount {
  std::size_t result = 0;  ///< index into Report::results
  std::string dataset;
  std::size_t issues = 0;
};
/// In the order of results, then of first appearance.
std::vector<IssueCount> issue_counts(const Report& report);

std::size_t issues_of(const std::vector<RuleResult>& results);
/// How many rules passed, have issues, were skipped, are not executable: by name_of(status).
std::vector<std::pair<std::string, std::size_t>> status_counts(const std::vector<RuleResult>& results);
/// "28 rules: 20 passed, 3 with issues, 5 skipped, 0 not executable; 12 issues".
std::string summary_line(const std::vector<RuleResult>& results);
/// --SEQ of the record an issue is about; "" where there is none.
std::string sequence_of(const Data& data, const Issue& issue);
/// Names and values of an issue, each joined by ", ".
std::pair<std::string, std::string> variables_and_values(const Issue& issue);
/// What a status leaves open: the reason, broken datasets, datasets in scope that could not be checked.
std::string remarks_of(const RuleResult& result);

/// Takes a piece of a report after the other.
using Sink = std::function<void(std::string_view)>;

/// Known formats: table, json, csv, core, xlsx, html, junit, sarif.
const std::vector<std::string>& report_formats();
/// By the file's extension (.xlsx, .html, .json, .csv, .sarif, .xml = junit, .txt = table); "" if unknown.
std::string format_of(const std::filesystem::path& file);
/// Every format but xlsx, which is a file only.
void print_report(const Report& report, const std::string& format, const Sink& sink);
/// Writes aside, then renames. Errors TM1002, TM2405.
void save_report(const Report& report, const std::string& format, const std::filesystem::path& file);

/// Dataset,Record,Variable,Value with CRLF, one line a value.
std::string core_lines(const std::vector<RuleResult>& results);
/// Issues as findings of stage validate.
void add_findings(const std::vector<RuleResult>& results, findings::Findings& out);

}  // namespace trialmill::conform
