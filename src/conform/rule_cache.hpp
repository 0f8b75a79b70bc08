// Rule sets: many rules compiled into one file that loads in milliseconds. Hundreds of YAML files take
// seconds to parse; a rule set holds their trees (rule_tree.hpp), so that reading one gives exactly the rules
// that the YAML gives, without the YAML. It stores the source, not the program's own structures: a program
// that learns to read more of the language finds it in the set, too.
//
// The file is JSON Lines: first {"format": "trialmill rule set", "version": 1, …}, then for each rule
// [file name, tree] with the tree as tree_to_json() writes it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "conform/rule.hpp"

namespace trialmill::conform {

struct RuleSet {
  std::string name;
  std::string folder;    ///< what was imported
  std::string imported;  ///< when, UTC
  std::string program;   ///< version of the program that wrote it
  std::vector<Rule> rules;
};

/// One line a rule, sorted as given; without the first line.
std::string rule_lines(const std::vector<Rule>& rules);
/// The rules of such lines. Error TM2404 at `name` if they are damaged.
std::vector<Rule> rules_from_lines(std::string_view lines, const std::string& name);

/// The rules inside the program (rules/*.yml, compiled at build time), sorted by id.
std::vector<Rule> embedded_rules();

/// Writes aside, then renames. Error TM1002.
void write_rule_set(const std::filesystem::path& file, const RuleSet& set);
/// Error TM2404 if it is no rule set, is damaged, or was written by another version of the program.
RuleSet read_rule_set(const std::filesystem::path& file);
bool is_rule_set(const std::filesystem::path& file);

/// $TRIALMILL_RULES, else $XDG_DATA_HOME/trialmill/rules, else ~/.local/share/trialmill/rules.
std::filesystem::path rule_sets_folder();
std::filesystem::path rule_set_file(const std::string& name);
std::vector<std::string> rule_set_names();  ///< those in the folder, sorted

/// What `--rules` may name: a folder of YAML files, one such file, a rule set's file, the name of a set in
/// rule_sets_folder(), or "built-in". Of a set only rules with one of the `statuses` (in lower case; none =
/// all) are returned; `left_out` is raised by the others. Errors TM2401, TM2404.
std::vector<Rule> find_rules(const std::string& name_or_path, const std::vector<std::string>& statuses,
                             std::size_t& left_out);

}  // namespace trialmill::conform
