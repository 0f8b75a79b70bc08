#include "quality/quality.hpp"

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "quality/evaluate.hpp"

namespace trialmill::quality {

namespace {

struct Score {
  std::int64_t rules = 0, passed = 0, blocking = 0;
};

findings::Severity severity_of(const Rule& rule) {
  const auto label = rule.labels.find("severity");
  return label == rule.labels.end() ? findings::Severity::error : findings::severity_from(label->second);
}

/// The column that names the subject, if the table has one of the usual names.
std::string subject_column(study::Context& context, const std::string& relation) {
  for (const auto& name : context.session.columns_of(relation)) {
    const std::string upper = base::to_upper(name);
    if (upper == "SUBJECT" || upper == "SUBJID" || upper == "USUBJID" || upper == "PATIENT_ID") return name;
  }
  return "";
}

void report_rows(study::Context& context, const std::string& source, const std::string& relation,
                 const Rule& rule, const Verdict& verdict, findings::Finding finding) {
  const std::string subject = subject_column(context, relation);
  const std::string column = subject.empty() ? "''" : "t." + base::sql_identifier(subject);
  const std::string sql = "SELECT f._file, f._row, f.value, " + column + " FROM (" + verdict.failing_rows +
                          ") f JOIN " + relation + " t ON t._file = f._file AND t._row = f._row";
  finding.severity = std::min(finding.severity, findings::Severity::warning);
  finding.message = "does not meet the rule: " + rule.text;
  finding.dataset = source;
  context.session.stream(sql, [&](const table::Result& rows) {
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      finding.file = rows.text(r, 0);
      finding.row = rows.integer(r, 1);
      finding.value = rows.text(r, 2);
      finding.subject = rows.text(r, 3);
      context.findings.add(finding);
    }
    return true;
  });
}

base::Json check_ruleset(const Options& options, study::Context& context, const std::string& source,
                         const std::string& ruleset, Score& score) {
  const auto rules = parse_dqdl(base::read_file(context.study.root / ruleset), ruleset);
  const std::string relation = "raw." + base::sql_identifier(source);
  base::Json results = base::Json::array();
  for (const auto& rule : rules) {
    base::check_stop();
    const Verdict verdict = evaluate(context.session, relation, rule);
    ++score.rules;
    results.push_back({{"rule", rule.text},
                       {"result", verdict.passed ? "PASS" : "FAIL"},
                       {"metric", verdict.metric},
                       {"message", verdict.message}});
    if (verdict.passed) {
      ++score.passed;
      continue;
    }
    findings::Finding finding;
    finding.rule = ruleset + ":" + std::to_string(rule.line);
    finding.severity = severity_of(rule);
    finding.stage = "check";
    finding.dataset = source;
    finding.variable = verdict.column;
    finding.message = rule.text + ": " + verdict.message;
    score.blocking += finding.severity == findings::Severity::error;
    context.findings.add(finding);
    if (options.row_findings && !verdict.failing_rows.empty()) {
      report_rows(context, source, relation, rule, verdict, finding);
    }
  }
  return results;
}

/// Rules that did not run are never silent: a finding, which blocks unless the source is optional.
bool report_undelivered(study::Context& context, const study::QualityPlan::Entry& entry) {
  const auto* source = context.study.find_source(entry.source);
  const bool optional = source != nullptr && source->optional;
  findings::Finding finding;
  finding.rule = "TM2203";
  finding.severity = optional ? findings::Severity::info : findings::Severity::error;
  finding.stage = "check";
  finding.dataset = entry.source;
  finding.message =
      "nothing was delivered, so these rulesets did not run: " + base::join(entry.rulesets, ", ");
  context.findings.add(finding);
  return !optional;
}

}  // namespace

std::string fingerprint(const Options& options, study::Context& context) {
  base::Sha256 hash;
  hash.add_part(base::program_version).add_part(options.row_findings ? "1" : "0");
  for (const auto& entry : context.study.quality.entries) {
    const auto table = context.layout.raw_table(entry.source);
    hash.add_part(entry.source).add_part(std::filesystem::exists(table) ? base::sha256_of_file(table) : "");
    for (const auto& ruleset : entry.rulesets) {
      hash.add_part(ruleset).add_part(base::read_file(context.study.root / ruleset));
    }
  }
  return hash.hex();
}

study::Outcome run(const Options& options, study::Context& context) {
  study::Outcome outcome;
  Score score;
  for (const auto& entry : context.study.quality.entries) {
    if (!context.layout.delivered(entry.source)) {
      score.blocking += report_undelivered(context, entry);
      continue;
    }
    outcome.rows_in +=
        context.session.count("SELECT count(*) FROM raw." + base::sql_identifier(entry.source));
    for (const auto& ruleset : entry.rulesets) {
      outcome.detail[entry.source][ruleset] = check_ruleset(options, context, entry.source, ruleset, score);
    }
  }
  outcome.rows_out = outcome.rows_in;
  outcome.passed = score.blocking == 0;
  outcome.headline = std::to_string(score.passed) + " of " + std::to_string(score.rules) + " rules passed";
  if (score.blocking > 0)
    outcome.headline += ", " + std::to_string(score.blocking) +
                        (score.blocking == 1 ? " failed rule blocks" : " failed rules block");
  return outcome;
}

}  // namespace trialmill::quality
