// DQDL, the Data Quality Definition Language: text → rules. docs/dqdl.md lists what is understood; anything
// else is an Error with line and column, never a rule that silently does nothing. Grammar: the public
// awslabs/dqdl project.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace trialmill::quality {

struct Operand {
  enum class Kind { number, text, null, empty, blank } kind = Kind::number;
  std::string text;  ///< as written, without quotes
  double number = 0;
};

/// `op` is one of = != > >= < <= between not-between in not-in matches not-matches.
struct Condition {
  std::string op;
  std::vector<Operand> operands;
};

struct Rule {
  std::string type;                     ///< RowCount, IsComplete, … or "composite"
  std::vector<std::string> parameters;  ///< quoted words: columns, a pattern, a statement
  std::optional<Condition> condition;
  std::string where;  ///< SQL predicate; "" = all rows
  std::optional<Condition> threshold;
  std::map<std::string, std::string> labels;
  std::string join;  ///< composite: "and" or "or"
  std::vector<Rule> parts;
  std::string text;  ///< as written, blanks folded
  int line = 0;
};

/// Rules of a ruleset. Errors TM2201 (not DQDL, with line and column), TM2202 (unknown rule type,
/// did-you-mean).
std::vector<Rule> parse_dqdl(const std::string& text, const std::string& name);

/// What is wrong with a ruleset: all of it, not only the first fault. After a fault it goes on at the next
/// rule.
struct Checked {
  std::vector<Rule> rules;          ///< the sound ones
  std::vector<base::Error> faults;  ///< as parse_dqdl() throws them, in the order of the text
};
Checked check_dqdl(const std::string& text, const std::string& name);

/// A rule type that is read and never run: its rules fail with the reason.
struct UnevaluatedType {
  const char* name;
  std::size_t parameters_min, parameters_max;
  bool numeric;  ///< compared with numbers; else it has no condition
  bool where;    ///< may have a where clause
  const char* reason;
};
/// Null for all other names.
const UnevaluatedType* unevaluated_type(const std::string& name);

/// Rule types that evaluate() can run.
const std::vector<std::string>& known_rule_types();

}  // namespace trialmill::quality
