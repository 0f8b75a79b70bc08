// trialmill runs, show, resume, cancel: the history of a study's runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/run_output.hpp"
#include "workflow/history.hpp"
#include "workflow/run.hpp"

namespace trialmill::cli {

namespace {

using base::Json;

struct Asked {
  std::string run = "last";
  workflow::RunOptions options;
};

int list_runs(const Asked& asked, const Common& common) {
  const study::Layout layout{study::load(asked.options.study, asked.options.environment).lake};
  Json out = Json::array();
  for (const auto& run : workflow::History(layout.database()).runs()) {
    out.push_back({{"run", run.id},
                   {"status", base::to_lower(run.status)},
                   {"environment", run.environment},
                   {"started", run.started},
                   {"ended", run.ended}});
    if (!common.json) {
      std::cout << fmt::format("{:<22} {:<12} {:<8} {} … {}\n", run.id, base::to_lower(run.status),
                               run.environment, run.started, run.ended);
    }
  }
  if (common.json) std::cout << base::dump_json(out) << "\n";
  return 0;
}

int show_run(const Asked& asked, const Common& common) {
  const study::Layout layout{study::load(asked.options.study, asked.options.environment).lake};
  workflow::History history(layout.database());
  const auto run = history.run(asked.run);
  Json events = Json::array();
  for (const auto& event : history.events(run.id)) {
    Json item = {{"time", event.time}, {"type", event.type}, {"state", event.state}};
    if (common.verbose || common.json) item["details"] = event.details;
    events.push_back(std::move(item));
  }
  if (common.json) {
    const Json out = {{"run", run.id},
                      {"status", base::to_lower(run.status)},
                      {"summary", run.summary},
                      {"events", events}};
    std::cout << base::dump_json(out) << "\n";
    return 0;
  }
  std::cout << fmt::format("run {} of {}{}: {}\nstarted {}, ended {}\n\n", run.id, run.study,
                           run.environment.empty() ? "" : " (" + run.environment + ")",
                           base::to_lower(run.status), run.started, run.ended);
  if (run.summary.is_object()) {
    for (const auto& stage : run.summary.at("stages")) {
      std::cout << fmt::format("  {:<10} {:<8} {:6.2f} s  {}\n", stage.at("name").get<std::string>(),
                               stage.at("status").get<std::string>(), stage.at("seconds").get<double>(),
                               stage.at("headline").get<std::string>());
    }
    std::cout << "\n" << reconciliation_table(run.summary.at("reconciliation"));
    if (run.summary.contains("error")) {
      std::cout << "\nerror " << run.summary.at("error").at("code").get<std::string>() << ": "
                << run.summary.at("error").at("message").get<std::string>() << "\n";
    }
    std::cout << "\n";
  }
  for (const auto& event : events) {
    std::cout << fmt::format("{}  {:<16} {}\n", event.at("time").get<std::string>(),
                             event.at("type").get<std::string>(), event.at("state").get<std::string>());
    if (common.verbose) std::cout << "    " << base::dump_json(event.at("details"), -1) << "\n";
  }
  return 0;
}

int resume_run(const Asked& asked, const Common& common) {
  workflow::RunOptions options = asked.options;
  speak(options, common);
  return print_summary(workflow::resume(asked.run, options), options.study, common);
}

int cancel_run(const Asked& asked, const Common& common) {
  const std::string done = workflow::cancel(asked.run, asked.options);
  if (!common.quiet) std::cerr << done << "\n";
  return 0;
}

void add_command(Tree tree, const std::string& name, const std::string& help, const std::string& example,
                 bool one, int (*action)(const Asked&, const Common&)) {
  auto* command = tree.app.add_subcommand(name, help);
  auto asked = std::make_shared<Asked>();
  if (one) command->add_option("RUN", asked->run, "A run's id, or last")->default_val("last");
  command->add_option("STUDY", asked->options.study, "Folder with study.yaml")->default_val(".");
  command->footer("Example:\n  " + example);
  command->callback(
      [tree, asked, action] { tree.chosen = [tree, asked, action] { return action(*asked, tree.common); }; });
}

}  // namespace

void add_runs(Tree tree) {
  add_command(tree, "resume", "Go on with a paused run", "trialmill resume last study/", true, resume_run);
  add_command(tree, "runs", "List a study's runs, newest first", "trialmill runs study/", false, list_runs);
  add_command(tree, "show", "What a run did: stages, account of rows, events", "trialmill show last study/",
              true, show_run);
  add_command(tree, "cancel", "Stop a working run or give up a paused one", "trialmill cancel last study/",
              true, cancel_run);
}

}  // namespace trialmill::cli
