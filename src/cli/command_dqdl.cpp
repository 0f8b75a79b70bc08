// trialmill dqdl check: the faults of a ruleset, before a run meets them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/files.hpp"
#include "base/json.hpp"
#include "cli/cli.hpp"
#include "quality/dqdl.hpp"
#include "quality/evaluate.hpp"

namespace trialmill::cli {

namespace {

using base::Json;

int check_ruleset(const std::string& file, const Common& common) {
  const auto checked = quality::check_dqdl(base::read_file(file), file);
  Json faults = Json::array(), not_evaluated = Json::array();
  for (const auto& fault : checked.faults) {
    faults.push_back({{"code", fault.code()},
                      {"line", fault.place().line},
                      {"column", fault.place().column},
                      {"message", fault.message()},
                      {"hint", fault.hint()}});
    if (common.json) continue;
    std::cout << fault.code() << " " << fault.place().text() << ": " << fault.message() << "\n";
    if (!fault.hint().empty()) std::cout << "  hint: " << fault.hint() << "\n";
  }
  for (const auto& rule : checked.rules) {
    const std::string why = quality::why_not_evaluated(rule);
    if (why.empty()) continue;
    not_evaluated.push_back({{"line", rule.line}, {"rule", rule.text}, {"reason", why}});
    if (!common.json) std::cout << fmt::format("{}:{}: {}: {}\n", file, rule.line, rule.text, why);
  }
  if (common.json) {
    std::cout << base::dump_json(
                     {{"rules", checked.rules.size()}, {"faults", faults}, {"not_evaluated", not_evaluated}})
              << "\n";
  } else {
    std::cout << fmt::format("{}: {} rules, {} of them not evaluated; {} faults\n", file,
                             checked.rules.size(), not_evaluated.size(), faults.size());
  }
  return faults.empty() && not_evaluated.empty() ? 0 : static_cast<int>(base::ErrorKind::usage);
}

}  // namespace

void add_dqdl(Tree tree) {
  auto* command = tree.app.add_subcommand("dqdl", "Check quality rules (DQDL)");
  command->require_subcommand(1);
  command->footer("Example:\n  trialmill dqdl check study/quality/dm.dqdl");
  auto file = std::make_shared<std::string>();
  auto* check = command->add_subcommand("check", "All faults of a ruleset, with line and column");
  check->add_option("FILE", *file, "A ruleset")->required();
  check->footer(
      "Names also the rules that are understood but never evaluated; in a run those fail with the reason.\n"
      "Exit code: 0 all rules can run; 2 otherwise.\n"
      "Example:\n  trialmill dqdl check study/quality/dm.dqdl");
  check->callback([tree, file] { tree.chosen = [tree, file] { return check_ruleset(*file, tree.common); }; });
}

}  // namespace trialmill::cli
