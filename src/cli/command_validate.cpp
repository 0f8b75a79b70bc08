// trialmill validate: conformance rules over a folder of datasets, reported in one or several forms.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/cli.hpp"
#include "cli/conform_input.hpp"
#include "cli/progress_line.hpp"

namespace trialmill::cli {

namespace {

struct Choices {
  ConformInput input;
  std::string format, fail_on = "never";
  std::vector<std::string> outputs;
  std::size_t issues_per_rule_max = 0;
  bool explain = false, timings = false;
};

/// The format of one --output: what --format says if it is the only one, else what the file's name says.
std::string format_of_output(const Choices& choices, const std::string& file) {
  const std::string by_name = conform::format_of(file);
  if (!choices.format.empty() && (choices.outputs.size() == 1 || by_name.empty())) return choices.format;
  if (!by_name.empty()) return by_name;
  throw base::usage_error(
      "TM2407", "the name of " + file + " does not say which format is wanted", {},
      "end it in .xlsx, .html, .json, .csv, .sarif, .xml (JUnit) or .txt, or add --format");
}

bool wants(const Choices& choices, const std::string& format) {
  if (choices.outputs.empty()) return choices.format == format;
  for (const std::string& file : choices.outputs) {
    if (format_of_output(choices, file) == format) return true;
  }
  return false;
}

conform::RunFacts facts_of(const ConformInput& input) {
  const conform::RunOptions options = input.run_options();
  conform::RunFacts facts;
  facts.standard = base::to_upper(options.standard);
  facts.version = options.version;
  facts.substandard = options.substandard;
  facts.use_case = options.use_case;
  facts.ct = input.ct;
  facts.define_xml = input.define_xml;
  facts.data = input.data;
  facts.rules = input.rules.empty() ? std::vector<std::string>{"built-in"} : input.rules;
  facts.rule_statuses = input.rule_statuses;
  facts.started = base::utc_now();
  return facts;
}

void write_reports(const Choices& choices, const conform::Report& report, const Common& common) {
  if (choices.outputs.empty()) {
    conform::print_report(report, choices.format.empty() ? "table" : choices.format,
                          [](std::string_view text) { std::cout << text; });
    return;
  }
  for (const std::string& file : choices.outputs) {
    conform::save_report(report, format_of_output(choices, file), file);
  }
  if (common.quiet) return;
  const std::string cap = report.cap_text();
  std::cerr << conform::summary_line(report.results) << (cap.empty() ? "" : "; " + cap) << "\n";
  for (const std::string& file : choices.outputs) std::cerr << "wrote " << file << "\n";
}

int validate(Choices choices, const Common& common) {
  if (choices.format.empty() && common.json) choices.format = "json";
  if (choices.outputs.empty() && choices.format == "xlsx")
    throw base::usage_error("TM2407", "xlsx is a file: name it with --output report.xlsx");
  for (const std::string& file : choices.outputs) format_of_output(choices, file);  // before the work
  const ConformInput& input = choices.input;
  conform::RunFacts facts = facts_of(input);
  const base::Stopwatch watch;
  const std::vector<conform::Rule> rules = input.load_rules(facts.rules_left_out);
  conform::Timings timings;
  timings.load_rules = watch.seconds();
  const conform::Data data = input.load_data();
  timings.load_data = watch.seconds() - timings.load_rules;
  ProgressLine progress(common);
  conform::RunOptions options = input.run_options();
  options.progress = [&](std::size_t done, std::size_t all) {
    progress.show("validate", static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(all, 1)),
                  std::to_string(done) + " of " + std::to_string(all) + " checks");
  };
  const std::vector<conform::RuleResult> results = conform::run_rules(rules, data, options);
  progress.clear();
  timings.check = watch.seconds() - timings.load_rules - timings.load_data;
  timings.peak_mib = conform::peak_mib();
  conform::Report report{results, data, facts, SIZE_MAX, {}, findings::Severity::info};
  if (choices.timings) report.timings = timings;
  if (choices.issues_per_rule_max > 0) report.issues_per_rule_max = choices.issues_per_rule_max;
  if (choices.explain || wants(choices, "html")) {
    for (const conform::RuleResult& result : results)
      report.explanations.push_back(conform::explain_issues(result, data, report.listed(result)));
  }
  report.run.seconds = watch.seconds();
  const bool threshold = choices.fail_on != "never";
  if (threshold) report.failure = findings::severity_from(choices.fail_on);
  write_reports(choices, report, common);
  if (choices.timings && !wants(choices, "json")) std::cerr << conform::timings_text(results, timings);
  if (!data.problems().empty()) return 1;
  if (!threshold) return 0;
  for (const conform::RuleResult& result : results) {
    if (!result.issues.empty() && result.rule->severity >= report.failure) return 1;
  }
  return 0;
}

}  // namespace

void add_validate(Tree tree) {
  auto* command = tree.app.add_subcommand("validate", "Check datasets against conformance rules");
  auto choices = std::make_shared<Choices>();
  choices->input.add_options(*command);
  command->get_option("--data")->required();
  command
      ->add_option("--format", choices->format,
                   "table, json, csv, core, xlsx, html, junit or sarif; default: what --output's name says, "
                   "else table")
      ->check(CLI::IsMember(conform::report_formats()));
  command->add_option(
      "--output", choices->outputs,
      "Write here instead of to the terminal: .xlsx, .html, .json, .csv, .sarif, .xml (JUnit) "
      "or .txt; several are possible");
  command->add_flag("--explain", choices->explain,
                    "Add to each issue which conditions were true on which values (html always does)");
  command->add_flag(
      "--timings", choices->timings,
      "Show seconds by dataset and by rule, and peak memory: in the JSON report, else on stderr");
  command->add_option("--max-issues-per-rule", choices->issues_per_rule_max,
                      "List at most so many issues of a rule; all are counted. Default: list all");
  command
      ->add_option("--fail-on", choices->fail_on,
                   "Exit code 1 for issues at or over: error, warning or info. Default: never")
      ->check(CLI::IsMember({"error", "warning", "info", "never"}))
      ->default_val("never");
  command->footer(
      "Example:\n  trialmill validate --data lake/output/current/csv --output report.xlsx --output "
      "report.html");
  command->callback(
      [tree, choices] { tree.chosen = [tree, choices] { return validate(*choices, tree.common); }; });
}

}  // namespace trialmill::cli
