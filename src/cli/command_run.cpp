// trialmill run, and crawl, check, transform, publish: the workflow of a study, whole or up to a stage.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/run_output.hpp"
#include "workflow/pipeline.hpp"
#include "workflow/run.hpp"

namespace trialmill::cli {

namespace {

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
  if (name == "run") {
    command->add_option("--from", options->from,
                        "Take the stages before this one as recorded; run it and the later ones anew");
  }
  command->footer(footer);
  command->callback([tree, options] {
    tree.chosen = [tree, options] {
      speak(*options, tree.common);
      return print_summary(workflow::run(*options), options->study, tree.common);
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
                    "Example:\n  trialmill transform study/");
  add_stage_command(tree, "publish", "publish", "All stages up to a published release (the same as run)",
                    "Example:\n  trialmill publish study/");
}

}  // namespace trialmill::cli
