// Which condition of a rule was true for an issue, on which values. After a run, the table of every rule and
// dataset with issues is prepared once more and each condition of the check is evaluated alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conform/engine.hpp"

namespace trialmill::conform {

/// What a condition (or a group of conditions) made of one record.
enum class Truth : char {
  no = '0',
  yes = '1',
  dropped = '-'  ///< a variable is missing: inside "any of" such a branch does not count
};

/// One line of a check on one dataset.
struct ExplainedLine {
  int depth = 0;
  std::string text;                   ///< "any of", or a condition with the dataset's own variable names
  std::vector<std::string> operands;  ///< columns it compares; their values are printed for each issue
  bool condition = false;             ///< not a group
};

/// A check on one dataset: the lines are the same for all of its issues.
struct ExplainedCheck {
  std::string dataset;
  std::vector<ExplainedLine> lines;
};

/// What the lines say about one issue.
struct Explanation {
  static constexpr std::size_t none = SIZE_MAX;
  std::size_t check = none;         ///< index into RuleExplanation::checks; none: not explained
  std::string truth;                ///< a Truth for each line
  std::vector<std::string> values;  ///< of all operands of all lines, in order; "null" for an empty cell
};

struct RuleExplanation {
  std::vector<ExplainedCheck> checks;
  std::vector<Explanation> issues;  ///< one for each issue of the result, in order
};

/// For a result with issues; empty otherwise. Issues that stand for a broken evaluation are not explained.
/// At most `issues_max` issues, the first ones, are looked at.
RuleExplanation explain_issues(const RuleResult& result, const Data& data, std::size_t issues_max = SIZE_MAX);

/// The check on one record, whether it is an issue or not. `check` is none if there is no such record.
/// Throws SkipDataset, MissingColumn, ExecutionError as the engine does.
RuleExplanation explain_record(const Rule& rule, const Dataset& dataset, const std::string& part,
                               std::uint32_t record, const Data& data);

/// For each line of the issue's check "AESER: null, AESDTH: 'Y'", the operands with their values; no lines
/// when the issue is not explained.
std::vector<std::string> operand_texts(const RuleExplanation& explanation, std::size_t issue);
/// The conditions that were true, with their values, in one line: `AESER is empty [AESER: null] and …`.
std::string true_conditions(const RuleExplanation& explanation, std::size_t issue);
/// All conditions, one a line, ✓ true, ✗ false, – dropped, indented.
std::string explanation_text(const RuleExplanation& explanation, std::size_t issue);

}  // namespace trialmill::conform
