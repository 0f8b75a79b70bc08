// trialmill asl check|run and trialmill workflow print: state machines in the States Language.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "cli/cli.hpp"
#include "workflow/asl_check.hpp"
#include "workflow/asl_machine.hpp"
#include "workflow/pipeline.hpp"

namespace trialmill::cli {

namespace {

using base::Json;
namespace asl = workflow::asl;

int check_definition(const std::string& file, const Common& common) {
  const auto faults = asl::check(asl::parse_definition(base::read_file(file), file));
  Json out = Json::array();
  for (const auto& fault : faults) {
    out.push_back({{"place", fault.place}, {"message", fault.message}});
    if (!common.json) std::cout << fault.place << ": " << fault.message << "\n";
  }
  const Json result = {{"sound", faults.empty()}, {"faults", out}};
  if (common.json)
    std::cout << base::dump_json(result) << "\n";
  else if (faults.empty())
    std::cout << "sound\n";
  return faults.empty() ? 0 : static_cast<int>(base::ErrorKind::usage);
}

/// Without a study there is nothing that could do a Task: reaching one fails the machine, as an error it may
/// catch.
int run_definition(const std::string& file, const std::string& input) {
  const Json definition = asl::parse_definition(base::read_file(file), file);
  asl::require_sound(definition, file);
  const auto end = asl::execute(definition, base::parse_json(input, "--input"), {});
  if (end.status == asl::Execution::Status::succeeded) {
    std::cout << base::dump_json(end.output) << "\n";
    return 0;
  }
  Json out = {{"status", end.status == asl::Execution::Status::suspended ? "suspended" : "failed"}};
  if (!end.error.empty()) out["error"] = end.error;
  if (!end.cause.empty()) out["cause"] = end.cause;
  std::cout << base::dump_json(out) << "\n";
  return static_cast<int>(base::ErrorKind::failed);
}

}  // namespace

void add_asl(Tree tree) {
  auto* command =
      tree.app.add_subcommand("asl", "Check or run a state machine (Amazon States Language, JSONPath)");
  command->require_subcommand(1);
  command->footer("Example:\n  trialmill asl check study/workflow.asl.json");
  auto file = std::make_shared<std::string>();
  auto input = std::make_shared<std::string>("{}");
  auto* check = command->add_subcommand("check", "List the faults of a definition");
  check->add_option("DEFINITION", *file, "A JSON file")->required();
  check->footer("Example:\n  trialmill asl check study/workflow.asl.json");
  check->callback(
      [tree, file] { tree.chosen = [tree, file] { return check_definition(*file, tree.common); }; });
  auto* run = command->add_subcommand("run", "Run a definition without Tasks and print its output");
  run->add_option("DEFINITION", *file, "A JSON file")->required();
  run->add_option("--input", *input, "The input as JSON")->default_val("{}");
  run->footer("Example:\n  trialmill asl run machine.asl.json --input '{\"n\": 3}'");
  run->callback(
      [tree, file, input] { tree.chosen = [file, input] { return run_definition(*file, *input); }; });
}

void add_workflow(Tree tree) {
  auto* command = tree.app.add_subcommand("workflow", "The state machine that `trialmill run` executes");
  command->require_subcommand(1);
  command->footer("Example:\n  trialmill workflow print > study/workflow.asl.json");
  auto* print =
      command->add_subcommand("print", "Print the built-in one: a start for a study's workflow.asl.json");
  print->footer("Example:\n  trialmill workflow print > study/workflow.asl.json");
  print->callback([tree] {
    tree.chosen = [] {
      std::cout << workflow::builtin_pipeline() << "\n";
      return 0;
    };
  });
}

}  // namespace trialmill::cli
