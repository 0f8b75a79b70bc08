// trialmill explain: what an error code means; what a conformance rule says; what it makes of one record.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/conform_input.hpp"
#include "cli/error_codes.hpp"
#include "conform/explain_issue.hpp"
#include "conform/rule_cache.hpp"
#include "conform/rule_text.hpp"

namespace trialmill::cli {

namespace {

struct Choices {
  std::string asked, dataset;
  std::uint32_t record = 0;
  ConformInput input;
};

int explain_code(const ErrorCode& code, const Common& common) {
  if (common.json) {
    const base::Json out = {{"code", code.code}, {"title", code.title}, {"explanation", code.explanation}};
    std::cout << base::dump_json(out) << "\n";
  } else {
    std::cout << code.code << "  " << code.title << "\n\n" << code.explanation << "\n";
  }
  return 0;
}

/// The rule of that id from --rules, else from the built-in rules and every imported set.
conform::Rule find_rule(const Choices& choices) {
  ConformInput input = choices.input;
  input.rule_statuses = "all";
  if (input.rules.empty()) {
    input.rules = conform::rule_set_names();
    input.rules.insert(input.rules.begin(), "built-in");
  }
  std::size_t left_out = 0;
  std::vector<std::string> known = all_error_codes();
  for (const conform::Rule& rule : input.load_rules(left_out)) {
    if (base::to_upper(rule.id) == base::to_upper(choices.asked)) return rule;
    known.push_back(rule.id);
  }
  const std::string guess = base::did_you_mean(choices.asked, known);
  throw base::usage_error("TM3002", "nothing is known about '" + choices.asked + "'", {},
                          guess.empty()
                              ? "it is no error code, and no rule of: " + base::join(input.rules, ", ") +
                                    "; other rules are found with --rules"
                              : guess);
}

base::Json rule_json(const conform::Rule& rule) {
  base::Json check = base::Json::array();
  for (const conform::CheckLine& line : conform::check_lines(rule))
    check.push_back({{"depth", line.depth}, {"text", line.text}});
  return {{"rule", rule.id},
          {"severity", findings::name_of(rule.severity)},
          {"rule_status", conform::status_of(rule)},
          {"version", conform::version_of(rule)},
          {"description", rule.description},
          {"message", rule.message},
          {"scope", conform::scope_text(rule)},
          {"not_executable", rule.unsupported},
          {"authority_rules", conform::authority_ids(rule)},
          {"check", check},
          {"output_variables", rule.output},
          {"source", rule.source}};
}

/// The datasets the record may be in: the one named, or the only one in scope.
int explain_on_record(const Choices& choices, const conform::Rule& rule) {
  const conform::Data data = choices.input.load_data();
  std::vector<std::string> names;
  for (const conform::Dataset& dataset : data.datasets()) {
    for (const conform::Part* part : dataset.parts) {
      names.push_back(part->name);
      if (base::to_upper(part->name) != base::to_upper(choices.dataset)) continue;
      std::string problem;
      try {
        const conform::RuleExplanation found =
            conform::explain_record(rule, dataset, part->name, choices.record, data);
        if (found.issues.empty()) problem = "the rule does not look at such a record";
        for (std::size_t i = 0; i < found.issues.size(); ++i) {
          const bool issue = found.issues[i].truth.at(0) == static_cast<char>(conform::Truth::yes);
          std::cout << part->name << " record " << choices.record << ": " << (issue ? "an issue" : "no issue")
                    << "\n\n"
                    << conform::explanation_text(found, i);
          if (issue) std::cout << "\n" << rule.message << "\n";
        }
      } catch (const conform::SkipDataset& skip) {
        problem = skip.reason;
      } catch (const conform::MissingColumn& missing) {
        problem = "no variable " + missing.name;
      } catch (const conform::ExecutionError& broken) {
        problem = broken.message;
      }
      if (!problem.empty())
        std::cout << part->name << " record " << choices.record << " is not checked: " << problem << "\n";
      return 0;
    }
  }
  throw base::usage_error(
      "TM2406", "there is no dataset '" + choices.dataset + "'", {},
      "datasets in " + base::join(choices.input.data, ", ") + ": " + base::join(names, ", "));
}

int explain(const Choices& choices, const Common& common) {
  if (const ErrorCode* code = find_error_code(base::to_upper(choices.asked)))
    return explain_code(*code, common);
  const conform::Rule rule = find_rule(choices);
  if (choices.input.data.empty()) {
    if (common.json) {
      std::cout << base::dump_json(rule_json(rule)) << "\n";
    } else {
      std::cout << conform::rule_text(rule);
    }
    return 0;
  }
  if (choices.dataset.empty() || choices.record == 0)
    throw base::usage_error("TM2406", "--data needs --dataset and --record (counted from 1), too");
  if (!rule.unsupported.empty())
    throw base::usage_error("TM2406", rule.id + " is not executable: " + rule.unsupported);
  return explain_on_record(choices, rule);
}

}  // namespace

void add_explain(Tree tree) {
  auto* command = tree.app.add_subcommand("explain", "What an error code or a conformance rule means");
  auto choices = std::make_shared<Choices>();
  command->add_option("CODE", choices->asked, "An error code or a rule, e.g. TM1004, TMR-0001, CORE-000014")
      ->required();
  command->add_option(
      "--rules", choices->input.rules,
      "Where the rule is: a rule set, a folder or file in CORE YAML. Default: the built-in rules "
      "and all imported sets");
  command->add_option("--data", choices->input.data,
                      "Apply the rule to a record of these files' or folders' datasets");
  command->add_option("--dataset", choices->dataset, "The record's dataset, e.g. AE");
  command->add_option("--record", choices->record, "Its number in the file, counted from 1");
  command->add_option("--standard", choices->input.standard, "Standard of the data")->default_val("sdtmig");
  command->add_option("--version", choices->input.version, "Its version")->default_val("3.4");
  command->footer(
      "Example:\n  trialmill explain TM1004\n  trialmill explain TMR-0001\n"
      "  trialmill explain TMR-0005 --data lake/output/current/csv --dataset AE --record 12");
  command->callback(
      [tree, choices] { tree.chosen = [tree, choices] { return explain(*choices, tree.common); }; });
}

}  // namespace trialmill::cli
