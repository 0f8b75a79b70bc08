// trialmill explain CODE: what an error code or a built-in rule means and what to do about it.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/error_codes.hpp"
#include "conform/rule.hpp"

namespace trialmill::cli {

namespace {

struct Explanation {
  std::string code, title, text;
};

/// The built-in conformance rule of that id as something to explain.
std::optional<Explanation> explain_rule(const std::string& id) {
  for (const auto& rule : conform::embedded_rules()) {
    if (base::to_upper(rule.id) != id) continue;
    return Explanation{rule.id, rule.message,
                       rule.description + "\nSeverity: " + std::string(findings::name_of(rule.severity)) +
                           ". A built-in conformance rule; docs/conformance.md says how such rules work."};
  }
  return std::nullopt;
}

int explain(const std::string& asked, const Common& common) {
  const std::string code = base::to_upper(asked);
  std::optional<Explanation> found;
  if (const ErrorCode* known = find_error_code(code))
    found = Explanation{known->code, known->title, known->explanation};
  else
    found = explain_rule(code);
  if (!found) {
    throw base::usage_error("TM3002", "nothing is known about '" + asked + "'", {},
                            base::did_you_mean(code, all_error_codes()));
  }
  if (common.json) {
    const base::Json out = {{"code", found->code}, {"title", found->title}, {"explanation", found->text}};
    std::cout << base::dump_json(out) << "\n";
  } else {
    std::cout << found->code << "  " << found->title << "\n\n" << found->text << "\n";
  }
  return 0;
}

}  // namespace

void add_explain(Tree tree) {
  auto* command = tree.app.add_subcommand("explain", "What a code means and what to do about it");
  auto code = std::make_shared<std::string>();
  command->add_option("CODE", *code, "e.g. TM1004, or a built-in rule such as TMR-0004")->required();
  command->footer("Example:\n  trialmill explain TM1004\n  trialmill explain TMR-0004");
  command->callback([tree, code] { tree.chosen = [tree, code] { return explain(*code, tree.common); }; });
}

}  // namespace trialmill::cli
