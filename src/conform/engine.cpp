#include "conform/engine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "conform/rule_inputs.hpp"
#include "conform/rule_table.hpp"

namespace trialmill::conform {

namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool class_in(const std::vector<std::string>& list, const std::string& class_name) {
  return has(list, class_name) || (class_name == "FINDINGS ABOUT" && has(list, "FINDINGS"));
}

bool domain_in(const std::vector<std::string>& list, const Dataset& dataset, bool exclude) {
  const auto starts = [&](const char* start) { return dataset.parts[0]->name.rfind(start, 0) == 0; };
  for (const std::string& item : list) {
    if (item == "ALL" || (!dataset.domain.empty() && item == dataset.domain)) return true;
    if ((item == "SUPP--" && starts("SUPP")) || (item == "SQ--" && starts("SQ"))) return true;
    if (item == "AP--" && dataset.prefix() != dataset.domain) return true;
    if (exclude && item == dataset.name) return true;
    for (const Part* part : dataset.parts) {
      if (item == part->name) return true;
    }
  }
  return false;
}

/// Why a dataset is out of the rule's scope; "" = it is in.
std::string out_of_scope(const Rule& rule, const Dataset& dataset) {
  if (!rule.domains.empty() && !domain_in(rule.domains, dataset, false)) return "domain not in scope";
  if (domain_in(rule.domains_out, dataset, true)) return "domain excluded";
  if (!rule.classes.empty() && !has(rule.classes, "ALL") && !class_in(rule.classes, dataset.class_name)) {
    return "class not in scope";
  }
  if (class_in(rule.classes_out, dataset.class_name)) return "class excluded";
  return {};
}

/// Only TIG has use cases.
bool in_use_case(const Rule& rule, const RunOptions& options) {
  return base::to_upper(options.standard) != "TIG" || options.use_case.empty() || rule.use_cases.empty() ||
         has(rule.use_cases, options.use_case);
}

/// What became of one rule on one dataset.
struct Outcome {
  bool evaluated = false;
  std::string skipped;  ///< why it was not evaluated
  std::string error;    ///< what broke
  Issues issues;
  double seconds = 0;
};

Outcome run_on(const Rule& rule, const Dataset& dataset, const Data& data, SharedWork& shared) {
  Outcome outcome;
  try {
    check_dataset(rule, dataset, data, &shared, [&](const Table& table, const Mask& mask) {
      outcome.issues.add(rule, table, dataset, mask);
    });
    outcome.evaluated = true;
  } catch (const SkipDataset& skip) {
    outcome.skipped = skip.reason;
  } catch (const MissingColumn& missing) {
    outcome.skipped = "no variable " + missing.name;
  } catch (const ExecutionError& problem) {
    outcome.error = problem.message;
  } catch (const base::Error& problem) {
    if (problem.kind() == base::ErrorKind::interrupted) throw;
    outcome.error = problem.message();  // a column that could not be read
  }
  return outcome;
}

/// One rule on one dataset.
struct Task {
  std::size_t rule = 0;
  std::size_t dataset = 0;
  Outcome outcome;
};

/// Works through the tasks with several threads. Every task writes to its own place, so the result does not
/// depend on who did what when.
class Run {
 public:
  Run(const std::vector<Rule>& rules, const Data& data, const RunOptions& options)
      : rules_(rules), data_(data), options_(options), shared_(data.datasets().size()) {
    for (std::size_t dataset = 0; dataset < data.datasets().size(); ++dataset) {
      shared_[dataset].work = std::make_unique<SharedWork>();
      for (std::size_t rule = 0; rule < rules.size(); ++rule) {
        if (!runs(rules[rule], data, options) || !out_of_scope(rules[rule], data.datasets()[dataset]).empty())
          continue;
        tasks_.push_back({rule, dataset, {}});
        ++shared_[dataset].left;
      }
    }
  }

  static bool runs(const Rule& rule, const Data& data, const RunOptions& options) {
    return rule.unsupported.empty() && missing_input(rule, data, options).empty() &&
           in_use_case(rule, options) &&
           rule.names_standard(options.standard, options.version, options.substandard);
  }

  std::vector<Task>& work() {
    // Large datasets first, so that at the end no thread waits for another's long task; one dataset after the
    // other, so that shared work of few datasets is in memory at a time.
    std::vector<std::size_t> order(tasks_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return data_.datasets()[tasks_[a].dataset].frame.rows > data_.datasets()[tasks_[b].dataset].frame.rows;
    });
    const std::size_t threads = std::min<std::size_t>(std::max(1U, options_.threads), tasks_.size());
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&] { take_tasks(order, false); });
    take_tasks(order, true);
    for (std::thread& other : others) other.join();
    if (problem_) std::rethrow_exception(problem_);
    return tasks_;
  }

 private:
  struct Shared {
    std::unique_ptr<SharedWork> work;
    std::atomic<std::size_t> left{0};
  };

  void take_tasks(const std::vector<std::size_t>& order, bool tells) {
    try {
      for (std::size_t next = next_++; next < order.size() && !stopped_; next = next_++) {
        base::check_stop();
        run_task(tasks_[order[next]]);
        ++done_;
        if (tells && options_.progress) options_.progress(done_, order.size());
      }
    } catch (...) {
      stopped_ = true;
      const std::lock_guard lock(problem_mutex_);
      if (!problem_) problem_ = std::current_exception();
    }
  }

  void run_task(Task& task) {
    const auto start = std::chrono::steady_clock::now();
    Shared& shared = shared_[task.dataset];
    task.outcome = run_on(rules_[task.rule], data_.datasets()[task.dataset], data_, *shared.work);
    if (--shared.left == 0) shared.work.reset();
    task.outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  const std::vector<Rule>& rules_;
  const Data& data_;
  const RunOptions& options_;
  std::vector<Task> tasks_;
  std::vector<Shared> shared_;
  std::atomic<std::size_t> next_{0}, done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex problem_mutex_;
  std::exception_ptr problem_;
};

void add_outcome(RuleResult& result, const Dataset& dataset, Outcome outcome) {
  result.timings.push_back({dataset.name, outcome.seconds});
  if (outcome.evaluated) ++result.datasets;
  if (!outcome.skipped.empty()) result.not_evaluated.push_back(dataset.name + ": " + outcome.skipped);
  const bool said = result.rule->per_study && !result.issues.empty();
  if (outcome.error.empty() && !said) result.issues.append(std::move(outcome.issues));
  if (outcome.error.empty()) return;
  result.errors.push_back(dataset.name + ": " + outcome.error);
  result.issues.push_back({dataset.parts[0]->name, std::nullopt, "", {{"EXECUTION_ERROR", outcome.error}}});
}

/// Why the rule's file could not be read, with the place.
std::string why_unreadable(const Rule& rule) {
  if (rule.unsupported_line <= 0) return rule.unsupported;
  const base::Place place{rule.source, static_cast<int>(rule.unsupported_line),
                          static_cast<int>(rule.unsupported_column)};
  return rule.unsupported + " (" + place.text() + ")";
}

/// Status and reason, once all datasets are in.
void conclude(RuleResult& result, const Data& data, const RunOptions& options) {
  const Rule& rule = *result.rule;
  const std::string missing = missing_input(rule, data, options);
  // A file that could not be read names no standard, which must not hide that it could not be read.
  const bool unreadable = rule.standards.empty() && !rule.unsupported.empty();
  if (unreadable) {
    result.status = RuleStatus::not_executable;
    result.reason = why_unreadable(rule);
  } else if (!rule.names_standard(options.standard, options.version, options.substandard)) {
    result.reason = "the rule does not name " + options.standard + " " + options.version;
  } else if (!in_use_case(rule, options)) {
    result.reason = "use case " + options.use_case + " not in scope";
  } else if (!rule.unsupported.empty() || !missing.empty()) {
    result.status = RuleStatus::not_executable;
    result.reason = rule.unsupported.empty() ? missing : rule.unsupported;
  } else if (!result.issues.empty()) {
    result.status = RuleStatus::issues;
  } else if (result.datasets > 0) {
    result.status = RuleStatus::passed;
  } else {
    result.reason =
        result.not_evaluated.empty() ? "no dataset in scope" : base::join(result.not_evaluated, "; ");
  }
}

}  // namespace

std::string name_of(RuleStatus status) {
  switch (status) {
    case RuleStatus::passed:
      return "passed";
    case RuleStatus::issues:
      return "issues";
    case RuleStatus::skipped:
      return "skipped";
    case RuleStatus::not_executable:
      return "not executable";
  }
  return "";
}

std::vector<RuleResult> run_rules(const std::vector<Rule>& rules, const Data& data,
                                  const RunOptions& options) {
  std::vector<RuleResult> results(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) results[i].rule = &rules[i];
  Run run(rules, data, options);
  for (Task& task : run.work())
    add_outcome(results[task.rule], data.datasets()[task.dataset], std::move(task.outcome));
  for (RuleResult& result : results) conclude(result, data, options);
  return results;
}

}  // namespace trialmill::conform
