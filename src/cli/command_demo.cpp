// trialmill demo: the example study, with raw data the program makes itself.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/progress_line.hpp"
#include "demo/demo.hpp"

namespace trialmill::cli {

namespace {

int run_demo(const demo::Options& options, const Common& common) {
  demo::Result result;
  {
    ProgressLine progress(common);
    result = demo::write_study(options, [&progress](double share) { progress.show("demo", share, ""); });
  }
  const std::string folder = options.folder.string();
  if (common.json) {
    const base::Json out = {{"folder", folder},
                            {"subjects", options.subjects},
                            {"seed", options.seed},
                            {"rows",
                             {{"edc", result.edc_rows},
                              {"lab", result.lab_rows},
                              {"diary", result.diary_rows},
                              {"wearables", result.wearable_rows}}}};
    std::cout << base::dump_json(out) << "\n";
  } else if (!common.quiet) {
    std::cerr << fmt::format(
        "{}: {} subjects, {} rows. What is wrong with the data, on purpose: {}/README.md\n"
        "next: trialmill run {}\n",
        folder, base::thousands(options.subjects), base::thousands(result.rows()), folder, folder);
  }
  return 0;
}

}  // namespace

void add_demo(Tree tree) {
  auto* command = tree.app.add_subcommand("demo", "Write the example study, with raw data made from a seed");
  auto options = std::make_shared<demo::Options>();
  command->add_option("DIR", options->folder, "The folder to write")->default_val("demo");
  command->add_option("--subjects", options->subjects, "1 to 1,000,000")->default_val(120);
  command->add_option("--seed", options->seed, "Same seed, same bytes")->default_val(1);
  command->add_flag("--overwrite", options->overwrite, "Write into a folder that holds something else");
  command->footer(
      "Example:\n  trialmill demo study/ && trialmill run study/\n  trialmill demo big/ --subjects 20000 "
      "--seed 7");
  command->callback(
      [tree, options] { tree.chosen = [tree, options] { return run_demo(*options, tree.common); }; });
}

}  // namespace trialmill::cli
