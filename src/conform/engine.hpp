// Runs rules over datasets and collects issues. Nothing here prints; report.hpp does.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conform/dataset.hpp"
#include "conform/issues.hpp"
#include "conform/rule_table.hpp"

namespace trialmill::conform {

struct RunOptions {
  std::string standard = "SDTMIG";  ///< rules that do not name it (with the version) do not run
  std::string version = "3.4";
  std::string substandard;  ///< TIG only: SDTM, SEND, ADaM …
  std::string use_case;     ///< TIG only
  unsigned threads = 2;     ///< results do not depend on it
  /// Called now and then with how many of all checks (a rule on a dataset) are done.
  std::function<void(std::size_t done, std::size_t all)> progress = nullptr;
};

enum class RuleStatus { passed, issues, skipped, not_executable };
std::string name_of(RuleStatus status);  ///< "passed", "issues", "skipped", "not executable"

struct RuleResult {
  struct Timing {
    std::string dataset;
    double seconds = 0;  ///< reading columns and joins that others use too count where they were made
  };

  const Rule* rule = nullptr;
  RuleStatus status = RuleStatus::skipped;
  std::string reason;                      ///< of skipped and not executable
  std::size_t datasets = 0;                ///< how many were really evaluated
  std::vector<std::string> not_evaluated;  ///< "AE: no variable AESEV": in scope, but skipped
  std::vector<std::string> errors;         ///< "AE: what broke": the rule could not be evaluated there
  Issues issues;
  std::vector<Timing> timings;  ///< one a dataset in scope
};

/// One result a rule, in the order given.
std::vector<RuleResult> run_rules(const std::vector<Rule>& rules, const Data& data,
                                  const RunOptions& options);

}  // namespace trialmill::conform
