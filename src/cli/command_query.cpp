// trialmill query: SQL over the published (or staged) datasets of a study.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/cli.hpp"
#include "query/query.hpp"

namespace trialmill::cli {

void add_query(Tree tree) {
  auto* command = tree.app.add_subcommand("query", "SQL over a study's published datasets");
  auto options = std::make_shared<query::Options>();
  command->add_option("SQL", options->sql, "A SELECT; tables are DM, AE …, and raw.SOURCE")->required();
  command->add_option("--study", options->study, "The study folder")->default_val(".");
  command->add_option("--env", options->environment, "Environment of study.yaml; the first one if not given");
  command->add_option("--format", options->format, "table, csv or json")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->default_val("table");
  command->footer(
      "Example:\n  trialmill query --study study/ \"SELECT ARM, SEX, count(*) n FROM DM GROUP BY ALL\"");
  command->callback([tree, options] {
    tree.chosen = [tree, options] {
      if (tree.common.json) options->format = "json";
      query::run(*options, std::cout);
      return 0;
    };
  });
}

}  // namespace trialmill::cli
