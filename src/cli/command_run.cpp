// trialmill run, and crawl, check, transform, publish: the workflow of a study, whole or up to a stage.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "cli/cli.hpp"
#include "cli/run_output.hpp"
#include "study/layout.hpp"
#include "study/study.hpp"
#include "workflow/pipeline.hpp"
#include "workflow/run.hpp"

namespace trialmill::cli {

namespace {

/// The statements of each dataset of the staged release, in the order of their names. Error TM3004 where
/// there are none.
std::string staged_sql(const workflow::RunOptions& options) {
  const auto study = study::load(options.study, options.environment);
  const auto folder = study::Layout(study.lake).staged_current() / "sql";
  std::vector<std::filesystem::path> files;
  std::error_code status;
  for (const auto& entry : std::filesystem::directory_iterator(folder, status)) files.push_back(entry.path());
  if (files.empty())
    throw base::Error("TM3004", "the datasets were made by a version that did not keep the statements",
                      {folder.string()}, "make them again: trialmill transform --force --show-sql");
  std::sort(files.begin(), files.end());
  std::string text;
  for (const auto& file : files) text += base::read_file(file);
  return text;
}

void add_stage_command(Tree tree, const std::string& name, const std::string& until, const std::string& help,
                       const std::string& footer) {
  auto* command = tree.app.add_subcommand(name, help);
  auto options = std::make_shared<workflow::RunOptions>();
  options->until = until;
  command->add_option("STUDY", options->study, "Folder with study.yaml")->default_val(".");
  command->add_option("--env", options->environment, "Environment of study.yaml; the first one if not given");
  command->add_flag("--force", options->force, "Run stages even if nothing they depend on changed");
  command->add_flag("--offline", options->offline, "Do not pull API sources; use what was pulled before");
  if (name == "run" || name == "transform" || name == "publish") {
    command->add_flag("--fresh-numbering", options->fresh_numbering,
                      "Number records (--SEQ) anew instead of keeping the numbers of the release before");
  }
  auto show_sql = std::make_shared<bool>(false);
  if (name == "transform")
    command->add_flag("--show-sql", *show_sql, "Print the SQL that the mappings became, dataset by dataset");
  if (name == "run") {
    command->add_option("--from", options->from,
                        "Take the stages before this one as recorded; run it and the later ones anew");
  }
  command->footer(footer);
  command->callback([tree, options, show_sql] {
    tree.chosen = [tree, options, show_sql] {
      speak(*options, tree.common);
      const auto summary = workflow::run(*options);
      if (!*show_sql || summary.at("exit_code").get<int>() > 1)
        return print_summary(summary, options->study, tree.common);
      const std::string sql = staged_sql(*options);
      if (tree.common.json)
        std::cout << base::dump_json({{"sql", sql}}) << "\n";
      else
        std::cout << sql;
      return summary.at("exit_code").get<int>();
    };
  });
}

}  // namespace

void add_run(Tree tree) {
  add_stage_command(tree, "run", "", "Run a study's workflow: crawl, check, transform, validate, publish",
                    "Stages whose inputs did not change are skipped.\n"
                    "Exit code: 0 done; 1 findings at or over fail_on, or paused; 2 usage; 3 failed.\n"
                    "Example:\n  trialmill run study/ --json > summary.json");
  add_stage_command(tree, "crawl", "crawl", "Read the inbox: deliveries to raw tables",
                    "Example:\n  trialmill crawl study/");
  add_stage_command(tree, "check", "check", "Crawl and check the raw tables by the quality rules",
                    "Example:\n  trialmill check study/");
  add_stage_command(tree, "transform", "transform", "All up to the SDTM datasets and the account of rows",
                    "Example:\n  trialmill transform study/\n"
                    "  trialmill transform study/ --show-sql > mappings.sql");
  add_stage_command(tree, "publish", "publish", "All stages up to a published release (the same as run)",
                    "Example:\n  trialmill publish study/");
}

}  // namespace trialmill::cli
