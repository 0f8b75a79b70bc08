// trialmill explain CODE: what an error code means and what to do about it.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/error_codes.hpp"

namespace trialmill::cli {

namespace {

int explain(const std::string& asked, const Common& common) {
  const std::string code = base::to_upper(asked);
  const ErrorCode* found = find_error_code(code);
  if (!found) {
    throw base::usage_error("TM3002", "nothing is known about '" + asked + "'", {},
                            base::did_you_mean(code, all_error_codes()));
  }
  if (common.json) {
    const base::Json out = {
        {"code", found->code}, {"title", found->title}, {"explanation", found->explanation}};
    std::cout << base::dump_json(out) << "\n";
  } else {
    std::cout << found->code << "  " << found->title << "\n\n" << found->explanation << "\n";
  }
  return 0;
}

}  // namespace

void add_explain(Tree tree) {
  auto* command = tree.app.add_subcommand("explain", "What a code means and what to do about it");
  auto code = std::make_shared<std::string>();
  command->add_option("CODE", *code, "e.g. TM1004")->required();
  command->footer("Example:\n  trialmill explain TM1004");
  command->callback([tree, code] { tree.chosen = [tree, code] { return explain(*code, tree.common); }; });
}

}  // namespace trialmill::cli
