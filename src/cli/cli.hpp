// The command line: one file per command (command_*.cpp), each of which adds its subcommand to the option
// tree.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace trialmill::cli {

/// Options that every command shares.
struct Common {
  bool json = false;   ///< machine-readable result on stdout
  bool quiet = false;  ///< no talk on stderr
  bool verbose = false;
  bool no_color = false;  ///< also set by the environment variable NO_COLOR
};

/// What the chosen command does; set by the subcommand's callback, called after parsing. Returns the exit
/// code.
using Action = std::function<int()>;

struct Tree {
  CLI::App& app;
  Common& common;
  Action& chosen;
};

/// Exit codes (docs/cli.md): 0 done, 1 findings at or over the threshold, 2 usage, 3 failed, 130 interrupted.
int run(int argc, char** argv);

// One per command_*.cpp.
// Add yours in alphabetical order.
void add_asl(Tree tree);
void add_compare(Tree tree);
void add_test(Tree tree);
void add_convert(Tree tree);
void add_ct(Tree tree);
void add_catalog(Tree tree);
void add_define(Tree tree);
void add_dqdl(Tree tree);
void add_demo(Tree tree);
void add_head(Tree tree);
void add_mapping(Tree tree);
void add_mapping_check(CLI::App& group, Tree tree);  ///< a part of it
void add_query(Tree tree);
void add_explain(Tree tree);
void add_rules(Tree tree);
void add_run(Tree tree);
void add_runs(Tree tree);
void add_schema(Tree tree);
void add_trace(Tree tree);
void add_workflow(Tree tree);
void add_validate(Tree tree);

}  // namespace trialmill::cli
