#include "cli/cli.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/stop.hpp"
#include "base/version.hpp"

namespace trialmill::cli {

namespace {

int report(const base::Error& error, const Common& common) {
  if (common.json) {
    base::Json out = {{"status", "error"}};
    base::add_error(out, error);
    std::cout << base::dump_json(out) << "\n";
  }
  for (const auto& one : error.all().empty() ? std::vector{error} : error.all())
    std::cerr << "error " << one.what() << "\n";
  return static_cast<int>(error.kind());
}

void add_common(CLI::App& app, Common& common) {
  app.add_flag("--json", common.json, "Print the result as JSON on stdout");
  app.add_flag("-q,--quiet", common.quiet, "No progress on stderr");
  app.add_flag("-v,--verbose", common.verbose, "Say more on stderr");
  app.add_flag("--no-color", common.no_color, "No colours (NO_COLOR is honoured too)");
}

}  // namespace

int run(int argc, char** argv) {
  base::install_stop_handler();
  CLI::App app("Raw trial files to checked, published SDTM: one program, open files.", "trialmill");
  app.set_version_flag(
      "--version", std::string("trialmill ") + base::program_version + " (build " + base::build_id() + ")");
  app.require_subcommand(1);
  app.fallthrough();  // common options may stand before or after the command
  Common common;
  common.no_color = std::getenv("NO_COLOR") != nullptr;
  add_common(app, common);
  Action chosen;
  const Tree tree{app, common, chosen};
  add_demo(tree);
  add_mapping(tree);
  add_query(tree);
  add_trace(tree);
  add_compare(tree);
  add_test(tree);
  add_convert(tree);
  add_schema(tree);
  add_head(tree);
  add_explain(tree);
  add_asl(tree);
  add_ct(tree);
  add_catalog(tree);
  add_define(tree);
  add_dqdl(tree);
  add_rules(tree);
  add_run(tree);
  add_runs(tree);
  add_workflow(tree);
  add_validate(tree);
  app.footer("Example:\n  trialmill demo study/ && trialmill run study/\nMore: trialmill COMMAND --help");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const int code = app.exit(problem);
    return code == 0 ? 0 : static_cast<int>(base::ErrorKind::usage);
  }
  try {
    return chosen ? chosen() : 2;
  } catch (const base::Error& error) {
    return report(error, common);
  } catch (const std::exception& problem) {
    return report(
        base::Error("TM3001", problem.what(), {}, "this is a defect of the program; please report it"),
        common);
  }
}

}  // namespace trialmill::cli
