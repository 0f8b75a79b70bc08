// What the readers of a rule's parts share: typed scalars, and how they say that a part cannot be executed.
// rule.cpp reads a rule's head and scope, rule_check.cpp its conditions, rule_operation.cpp its operations.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "conform/rule.hpp"

namespace trialmill::conform {

/// What makes a rule not executable; caught in read_rule.
struct Unsupported {
  std::string reason;
  int line = 0, column = 0;
};

/// Runs `read(node)`; what it finds unsupported gets the node's place, unless a deeper node gave its own.
template <typename Read>
auto at(const RuleNode& node, Read read) {
  try {
    return read(node);
  } catch (Unsupported& problem) {
    if (problem.line == 0) {
      problem.line = node.line();
      problem.column = node.column();
    }
    throw;
  }
}

/// The text, or "" of what is absent, a list or a mapping.
std::string scalar(const RuleNode& node);
/// A scalar with the types of YAML 1.1, which the rules were written for: unquoted yes and no are booleans.
/// Throws Unsupported for a mapping.
Value typed(const RuleNode& node);
/// One text or a list of texts or of mappings with `name`.
std::vector<std::string> texts(const RuleNode& node);
bool flag(const RuleNode& node, bool fallback = false);
/// Throws Unsupported for a key that is not known: it would change what the rule means.
void only_keys(const RuleNode& node, const std::set<std::string>& known, const std::string& where);
/// Throws Unsupported for a regular expression that the program cannot evaluate.
void check_regex(const RuleNode& node);

/// The rule's Check. Throws Unsupported.
Check read_check(const RuleNode& node);
/// One of the rule's Operations. Throws Unsupported.
Operation read_operation(const RuleNode& node);

}  // namespace trialmill::conform
