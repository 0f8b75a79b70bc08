// trialmill mapping check: all mistakes of a study's mappings, before a run meets them.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/json.hpp"
#include "cli/cli.hpp"
#include "study/layout.hpp"
#include "study/study.hpp"
#include "transform/check.hpp"

namespace trialmill::cli {
namespace {

int check(const std::string& folder, const std::string& environment, const Common& common) {
  const auto study = study::load(folder, environment);
  table::Session session;
  study::mount_raw(session, study::Layout{study.lake});
  const bool crawled = !session.tables("raw").empty();
  const auto faults = transform::check_mappings(study, session);
  if (common.json) {
    base::Json out = {{"mappings", study.mappings.size()}, {"raw_columns_known", crawled}};
    out["faults"] = base::Json::array();
    for (const auto& fault : faults) {
      out["faults"].push_back({{"code", fault.code()},
                               {"file", fault.place().file},
                               {"line", fault.place().line},
                               {"column", fault.place().column},
                               {"message", fault.message()},
                               {"hint", fault.hint()}});
    }
    std::cout << base::dump_json(out) << "\n";
  } else {
    for (const auto& fault : faults) std::cout << fault.what() << "\n";
    std::cout << study.mappings.size() << " mappings, " << faults.size() << " mistakes"
              << (crawled ? "" : "; names of raw columns are not checked before the first crawl") << "\n";
  }
  return faults.empty() ? 0 : static_cast<int>(base::ErrorKind::usage);
}

}  // namespace

void add_mapping_check(CLI::App& group, Tree tree) {
  auto* command = group.add_subcommand("check", "All mistakes of a study's mappings, with line and column");
  auto study = std::make_shared<std::string>(), environment = std::make_shared<std::string>();
  command->add_option("STUDY", *study, "Folder with study.yaml")->default_val(".");
  command->add_option("--env", *environment, "Environment of study.yaml; the first one if not given");
  command->footer(
      "Needs no data. After a crawl, names of raw columns are checked as well; transform does all of this\n"
      "before it begins.\n"
      "Exit code: 0 no mistakes; 2 otherwise.\n"
      "Example:\n  trialmill mapping check study/ --json");
  command->callback([tree, study, environment] {
    tree.chosen = [tree, study, environment] { return check(*study, *environment, tree.common); };
  });
}

}  // namespace trialmill::cli
