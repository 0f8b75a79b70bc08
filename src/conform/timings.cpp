#include "conform/timings.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>

namespace trialmill::conform {

namespace {

using Seconds = std::vector<std::pair<std::string, double>>;

void slowest_first(Seconds& seconds) {
  std::stable_sort(seconds.begin(), seconds.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
}

Seconds by_rule(const std::vector<RuleResult>& results) {
  Seconds out;
  for (const RuleResult& result : results) {
    double sum = 0;
    for (const RuleResult::Timing& timing : result.timings) sum += timing.seconds;
    out.emplace_back(result.rule->id, sum);
  }
  slowest_first(out);
  return out;
}

Seconds by_dataset(const std::vector<RuleResult>& results) {
  std::map<std::string, double> sums;
  for (const RuleResult& result : results) {
    for (const RuleResult::Timing& timing : result.timings) sums[timing.dataset] += timing.seconds;
  }
  Seconds out(sums.begin(), sums.end());
  slowest_first(out);
  return out;
}

base::Json list_of(const Seconds& seconds, const char* name) {
  base::Json out = base::Json::array();
  for (const auto& [item, value] : seconds) out.push_back({{name, item}, {"seconds", value}});
  return out;
}

}  // namespace

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts in KiB
}

base::Json timings_json(const std::vector<RuleResult>& results, const Timings& timings) {
  return {{"load_rules_seconds", timings.load_rules},
          {"load_data_seconds", timings.load_data},
          {"check_seconds", timings.check},
          {"peak_mib", timings.peak_mib},
          {"rules", list_of(by_rule(results), "rule")},
          {"datasets", list_of(by_dataset(results), "dataset")}};
}

std::string timings_text(const std::vector<RuleResult>& results, const Timings& timings) {
  std::string out =
      fmt::format("rules loaded in {:.3f} s, data in {:.3f} s, checked in {:.3f} s, peak {:.0f} MiB\n",
                  timings.load_rules, timings.load_data, timings.check, timings.peak_mib);
  const auto add = [&](const char* title, const Seconds& seconds) {
    out += fmt::format("{:<16} seconds\n", title);
    for (const auto& [item, value] : seconds) out += fmt::format("{:<16} {:7.3f}\n", item, value);
  };
  add("dataset", by_dataset(results));
  add("rule", by_rule(results));
  return out;
}

}  // namespace trialmill::conform
