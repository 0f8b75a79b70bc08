// trialmill validate: conformance rules over a folder of datasets.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "conform/report.hpp"

namespace trialmill::cli {

namespace {

struct Choices {
  std::string data, standard = "sdtmig", version = "3.4", substandard, use_case, ct, define_xml;
  std::string format = "table", output, fail_on;
  std::vector<std::string> rules;
};

int validate(const Choices& choices, const Common& common) {
  conform::RunOptions options{choices.standard, base::replace_all(choices.version, "-", "."),
                              choices.substandard, choices.use_case};
  const bool sdtmig = base::to_lower(choices.standard) == "sdtmig" && standards::has_sdtmig(options.version);
  std::vector<conform::Rule> rules;
  for (const std::string& folder : choices.rules) {
    for (conform::Rule& rule : conform::load_rules(folder)) rules.push_back(std::move(rule));
  }
  if (choices.rules.empty()) rules = conform::embedded_rules();
  conform::Data data;
  conform::load_folder(data, choices.data);
  // Other standards build on the same model: the newest guide's classes serve them.
  data.finish(sdtmig ? &standards::sdtmig(options.version) : &standards::sdtmig("3.4"));
  const std::vector<conform::RuleResult> results = conform::run_rules(rules, data, options);
  const std::string text = conform::report(results, common.json ? "json" : choices.format);
  if (choices.output.empty()) {
    std::cout << text;
  } else {
    base::write_file_atomically(choices.output, text);
  }
  if (choices.fail_on.empty()) return 0;
  findings::Findings found;
  conform::add_findings(results, found);
  return found.any_at_or_over(findings::severity_from(choices.fail_on)) ? 1 : 0;
}

}  // namespace

void add_validate(Tree tree) {
  auto* command = tree.app.add_subcommand("validate", "Check datasets against conformance rules");
  auto choices = std::make_shared<Choices>();
  command->add_option("--data", choices->data, "Folder of datasets: *.csv or *.parquet")->required();
  command->add_option("--standard", choices->standard, "Standard the rules must name")->default_val("sdtmig");
  command->add_option("--version", choices->version, "Its version, e.g. 3.4")->default_val("3.4");
  command->add_option("--substandard", choices->substandard, "TIG only: SDTM, SEND, ADaM");
  command->add_option("--use-case", choices->use_case, "TIG only");
  command->add_option("--rules", choices->rules, "Folder of rules in CORE YAML; default: the built-in rules");
  command->add_option("--ct", choices->ct, "Controlled terminology package (not used by any rule yet)");
  command->add_option("--define-xml", choices->define_xml, "Define-XML file (not used by any rule yet)");
  command->add_option("--format", choices->format, "table, json, csv or core")
      ->check(CLI::IsMember({"table", "json", "csv", "core"}))
      ->default_val("table");
  command->add_option("--output", choices->output, "Write here instead of to the terminal");
  command->add_option("--fail-on", choices->fail_on, "Exit code 1 for issues at or over: error or warning")
      ->check(CLI::IsMember({"error", "warning"}));
  command->footer(
      "Example:\n  trialmill validate --data lake/output/current/csv --standard sdtmig --version 3.4");
  command->callback(
      [tree, choices] { tree.chosen = [tree, choices] { return validate(*choices, tree.common); }; });
}

}  // namespace trialmill::cli
