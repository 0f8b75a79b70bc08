// How a run speaks to people (stderr) and to programs (--json on stdout).
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/json.hpp"
#include "cli/cli.hpp"

namespace trialmill::cli {

/// Prints a line a step on stderr; says nothing with --quiet.
std::function<void(const std::string&)> sayer(const Common& common);

/// Prints the summary of a run (workflow::run) and returns its exit code.
int print_summary(const base::Json& summary, const std::filesystem::path& study, const Common& common);

/// The table of sources and the fates of their rows; "" if there are none.
std::string reconciliation_table(const base::Json& accounts);

}  // namespace trialmill::cli
