// How a run speaks to people (stderr) and to programs (--json on stdout).
#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"
#include "cli/cli.hpp"
#include "workflow/run.hpp"

namespace trialmill::cli {

/// Makes a run print a line a step on stderr, and how far a long step is; nothing with --quiet.
void speak(workflow::RunOptions& options, const Common& common);

/// Prints the summary of a run (workflow::run) and returns its exit code.
int print_summary(const base::Json& summary, const std::filesystem::path& study, const Common& common);

/// The table of sources and the fates of their rows; "" if there are none.
std::string reconciliation_table(const base::Json& accounts);

}  // namespace trialmill::cli
