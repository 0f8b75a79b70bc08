#include "conform/conform.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/version.hpp"
#include "conform/report.hpp"
#include "conform/rule_cache.hpp"
#include "standards/embedded.hpp"

namespace trialmill::conform {

namespace {

namespace fs = std::filesystem;

std::vector<Rule> rules_of(const Options& options, const study::Study& study) {
  std::vector<Rule> rules;
  if (options.built_in_rules) rules = embedded_rules();
  for (const fs::path& folder : study.rule_folders) {
    if (fs::is_empty(folder)) continue;  // an empty folder is no mistake, unlike one named by --rules
    for (Rule& rule : load_rules(folder)) rules.push_back(std::move(rule));
  }
  return rules;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string fingerprint(const Options& options, study::Context& context) {
  base::Sha256 hash;
  hash.add_part("validate").add_part(base::program_version).add_part(options.standard);
  hash.add_part(options.built_in_rules ? "built-in" : "own").add_part(context.study.sdtmig);
  for (const auto& file : standards::embedded_rules()) hash.add_part(file.path).add_part(file.text);
  for (const fs::path& folder : context.study.rule_folders) {
    for (const fs::path& file : files_below(folder))
      hash.add_part(file.string()).add_part(base::read_file(file));
  }
  for (const fs::path& file : files_below(context.layout.staged_current() / "parquet")) {
    hash.add_part(file.filename().string()).add_part(base::sha256_of_file(file));
  }
  return hash.hex();
}

study::Outcome run(const Options& options, study::Context& context) {
  const standards::SdtmIg& ig = standards::sdtmig(context.study.sdtmig);
  const std::vector<Rule> rules = rules_of(options, context.study);
  Data data;
  load_schema(data, context.session, "sdtm", &ig);
  data.finish(&ig);
  const std::vector<RuleResult> results = run_rules(rules, data, {options.standard, ig.version(), "", ""});
  add_findings(results, context.findings);

  study::Outcome outcome;
  for (const auto& part : data.parts()) outcome.rows_in += static_cast<std::int64_t>(part->frame.rows);
  outcome.rows_out = outcome.rows_in;
  std::size_t counts[4] = {0, 0, 0, 0}, issues = 0;
  base::Json not_run = base::Json::object();
  for (const RuleResult& result : results) {
    ++counts[static_cast<std::size_t>(result.status)];
    issues += result.issues.size();
    if (!result.reason.empty()) not_run[result.rule->id] = name_of(result.status) + ": " + result.reason;
  }
  outcome.detail["rules"] = {{"run", counts[0] + counts[1]},
                             {"passed", counts[0]},
                             {"with_issues", counts[1]},
                             {"skipped", counts[2]},
                             {"not_executable", counts[3]}};
  outcome.detail["issues"] = issues;
  outcome.detail["not_run"] = std::move(not_run);
  outcome.headline = std::to_string(results.size()) + " rules: " + std::to_string(counts[0]) + " passed, " +
                     std::to_string(counts[1]) + " with issues, " + std::to_string(counts[2]) + " skipped, " +
                     std::to_string(counts[3]) + " not executable; " + std::to_string(issues) + " issues";
  return outcome;
}

}  // namespace trialmill::conform
