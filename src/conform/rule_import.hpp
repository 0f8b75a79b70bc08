// Importing a checkout of rules: every YAML file below a folder, in whatever layout, with an account of what
// each file was.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "conform/rule.hpp"

namespace trialmill::conform {

struct FaultyFile {
  base::Place place;
  std::string reason;
};

struct RuleImport {
  std::vector<Rule> rules;              ///< sorted by id, then file; sources are relative to the folder
  std::vector<FaultyFile> faulty;       ///< not readable as YAML, or rules without an id
  std::vector<std::string> not_rules;   ///< YAML files that are something else
  std::vector<std::string> duplicates;  ///< "CORE-000014: a.yml, b.yml": published more than once
};

/// Reads *.yml and *.yaml below `folder`; hidden folders and folders named tests are left out. Error TM2401
/// if there is no rule at all.
RuleImport import_rules(const std::filesystem::path& folder);

}  // namespace trialmill::conform
