// trialmill test: the unit tests of a study's mappings.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/json.hpp"
#include "cli/cli.hpp"
#include "workflow/mapping_tests.hpp"

namespace trialmill::cli {
namespace {

int run_test(const std::string& study, const std::string& filter, const Common& common) {
  const auto results = workflow::run_mapping_tests(study, filter);
  std::size_t failed = 0;
  base::Json tests = base::Json::array();
  for (const auto& one : results) {
    failed += one.passed ? 0 : 1;
    tests.push_back({{"name", one.name},
                     {"dataset", one.dataset},
                     {"file", one.place.file},
                     {"line", one.place.line},
                     {"status", one.passed ? "passed" : "failed"},
                     {"differences", one.differences}});
    if (common.json || (one.passed && common.quiet)) continue;
    std::cout << (one.passed ? "ok      " : "FAILED  ") << one.place.file << ":" << one.place.line << " "
              << one.name << "\n";
    for (const auto& text : one.differences) std::cout << "        " << text << "\n";
  }
  const std::size_t passed = results.size() - failed;
  if (common.json)
    std::cout << base::dump_json({{"passed", passed}, {"failed", failed}, {"tests", tests}}) << "\n";
  else if (!common.quiet)
    std::cout << passed << " passed, " << failed << " failed\n";
  return failed > 0 ? 1 : 0;
}

}  // namespace

void add_test(Tree tree) {
  auto* command = tree.app.add_subcommand("test", "Run the unit tests of a study's mappings (tests/*.yaml)");
  auto study = std::make_shared<std::string>(), filter = std::make_shared<std::string>();
  command->add_option("STUDY", *study, "Folder with study.yaml")->default_val(".");
  command->add_option("--filter", *filter, "Only tests with this text in their name or file");
  command->footer(
      "Each test gives rows of raw tables and says which SDTM records they must become; the study's own\n"
      "mappings run over them. docs/mapping-tests.md shows how to write one.\n"
      "Exit code: 0 all passed; 1 some failed; 2 a test cannot be understood.\n"
      "Example:\n  trialmill test study/\n  trialmill test study/ --filter vs.yaml --json");
  command->callback([tree, study, filter] {
    tree.chosen = [tree, study, filter] { return run_test(*study, *filter, tree.common); };
  });
}

}  // namespace trialmill::cli
