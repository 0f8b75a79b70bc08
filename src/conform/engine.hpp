// Runs rules over datasets and collects issues. Nothing here prints; report.hpp does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conform/dataset.hpp"
#include "conform/operators.hpp"
#include "conform/rule.hpp"

namespace trialmill::conform {

struct RunOptions {
  std::string standard = "SDTMIG";  ///< rules that do not name it (with the version) do not run
  std::string version = "3.4";
  std::string substandard;  ///< TIG only: SDTM, SEND, ADaM …
  std::string use_case;     ///< TIG only
};

/// One failing record (or dataset) of a rule.
struct Issue {
  std::string dataset;
  std::optional<std::uint32_t> record;  ///< counted from 1; none for a whole dataset
  std::string subject;
  std::vector<std::pair<std::string, std::string>> values;  ///< variable, printed value
};

enum class RuleStatus { passed, issues, skipped, not_executable };
std::string name_of(RuleStatus status);  ///< "passed", "issues", "skipped", "not executable"

struct RuleResult {
  const Rule* rule = nullptr;
  RuleStatus status = RuleStatus::skipped;
  std::string reason;                      ///< of skipped and not executable
  std::size_t datasets = 0;                ///< how many were really evaluated
  std::vector<std::string> not_evaluated;  ///< "AE: no variable AESEV": in scope, but skipped
  std::vector<std::string> errors;         ///< "AE: what broke": the rule could not be evaluated there
  std::vector<Issue> issues;
};

/// The table a rule's check looks at for one dataset: records or metadata, joined datasets, operations.
/// Throws SkipDataset, MissingColumn, ExecutionError.
Table prepare_table(const Rule& rule, const Dataset& dataset, const Data& data);
/// One result a rule, in the order given.
std::vector<RuleResult> run_rules(const std::vector<Rule>& rules, const Data& data,
                                  const RunOptions& options);

}  // namespace trialmill::conform
