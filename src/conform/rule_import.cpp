#include "conform/rule_import.hpp"

#include <algorithm>
#include <map>

#include "base/files.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "conform/rule_text.hpp"

namespace trialmill::conform {

namespace {

namespace fs = std::filesystem;

/// True if the mapping has a key that only rules have.
bool looks_like_a_rule(const RuleNode& tree) {
  return tree["Core"].defined() || tree["Check"].defined() || tree["Rule Type"].defined();
}

void sort_into(RuleImport& out, Rule rule) {
  const base::Place place{rule.source, rule.unsupported_line, rule.unsupported_column};
  if (!rule.tree->defined()) {
    out.faulty.push_back({place, rule.unsupported});
  } else if (!looks_like_a_rule(*rule.tree)) {
    out.not_rules.push_back(rule.source);
  } else if ((*rule.tree)["Core"]["Id"].text().empty()) {
    const RuleNode& core = (*rule.tree)["Core"];
    out.faulty.push_back(
        {{rule.source, std::max(core.line(), 1), std::max(core.column(), 1)}, "the rule has no Core Id"});
  } else {
    out.rules.push_back(std::move(rule));
  }
}

std::vector<std::string> published_twice(const std::vector<Rule>& rules) {
  std::map<std::string, std::vector<std::string>> sources;
  for (const Rule& rule : rules) {
    if (base::to_lower(status_of(rule)) == "published") sources[rule.id].push_back(rule.source);
  }
  std::vector<std::string> out;
  for (const auto& [id, files] : sources) {
    if (files.size() > 1) out.push_back(id + ": " + base::join(files, ", "));
  }
  return out;
}

}  // namespace

RuleImport import_rules(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, problem);
  for (; !problem && entry != fs::recursive_directory_iterator(); entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    std::error_code none;
    if (entry->is_directory(none)) {
      if (name == "tests" || name.front() == '.') entry.disable_recursion_pending();
    } else if (entry->is_regular_file(none)) {
      const std::string extension = base::to_lower(entry->path().extension().string());
      if (extension == ".yml" || extension == ".yaml") files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  RuleImport out;
  for (const fs::path& file : files) {
    base::check_stop();
    sort_into(out, parse_rule(base::read_file(file), file.lexically_relative(folder).generic_string()));
  }
  if (out.rules.empty() && out.faulty.empty()) {
    throw base::usage_error("TM2401", "no rules found at " + folder.string(), {},
                            "give a folder that holds rules in CORE YAML, at any depth");
  }
  std::stable_sort(out.rules.begin(), out.rules.end(),
                   [](const Rule& a, const Rule& b) { return a.id < b.id; });
  out.duplicates = published_twice(out.rules);
  return out;
}

}  // namespace trialmill::conform
