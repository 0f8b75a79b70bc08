#include "cli/conform_input.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "conform/rule_cache.hpp"
#include "standards/terminology_folder.hpp"

namespace trialmill::cli {

void ConformInput::add_options(CLI::App& command) {
  command.add_option("--data", data,
                     "Files and folders of datasets: *.xpt, *.csv, *.parquet, *.json, *.ndjson, *.dsjc");
  command.add_option("--standard", standard, "Standard the rules must name")->default_val("sdtmig");
  command.add_option("--version", version, "Its version, e.g. 3.4")->default_val("3.4");
  command.add_option("--substandard", substandard, "TIG only: SDTM, SEND, ADaM");
  command.add_option("--use-case", use_case, "TIG only");
  command.add_option("--rules", rules,
                     "Rule set (trialmill rules import), folder of rules in CORE YAML, one such file, or "
                     "built-in; several are possible. Default: built-in");
  command
      .add_option("--rule-status", rule_statuses,
                  "Rules of these statuses are taken from rule sets, e.g. published,draft; all = any")
      ->default_val("published");
  command.add_option("--rule", only, "Only this rule; several are possible");
  command.add_option("--exclude-rule", without, "Not this rule; several are possible");
  command.add_option("--ct", ct,
                     "Controlled terminology, imported by trialmill ct import: sdtmct-2025-03-28, or several "
                     "joined by \":\"; "
                     "default: what --define-xml names");
  command.add_option("--define-xml", define_xml, "The sponsor's Define-XML file, for rules that look at it");
  command.parse_complete_callback([this, &command] { take_environment_file(command); });
}

void ConformInput::take_environment_file(const CLI::App& command) {
  const std::map<std::string, std::pair<const char*, std::string*>> known{
      {"PRODUCT", {"--standard", &standard}},
      {"VERSION", {"--version", &version}},
      {"SUBSTANDARD", {"--substandard", &substandard}},
      {"USE_CASE", {"--use-case", &use_case}},
      {"CT", {"--ct", &ct}},
      {"DEFINE_XML", {"--define-xml", &define_xml}}};
  for (const std::string& folder : data) {
    const std::filesystem::path file = std::filesystem::path(folder) / ".env";
    if (!std::filesystem::is_regular_file(file)) continue;
    for (const std::string& line : base::split(base::read_file(file, 65536), '\n')) {
      const std::size_t equals = line.find('=');
      if (equals == std::string::npos) continue;
      const auto setting = known.find(std::string(base::trim(line.substr(0, equals))));
      const std::string value(base::trim(line.substr(equals + 1)));
      if (setting == known.end() || value.empty() || command.count(setting->second.first) > 0) continue;
      const bool is_file = setting->first == "DEFINE_XML";
      *setting->second.second = is_file ? (std::filesystem::path(folder) / value).string() : value;
    }
  }
}

conform::RunOptions ConformInput::run_options() const {
  return {standard, base::replace_all(version, "-", "."), substandard, use_case};
}

standards::Terminology ConformInput::load_terminology(const formats::define::Document* define) const {
  const standards::PackageFolder folder;
  if (!ct.empty()) return folder.choose(base::split(ct, ':'));
  if (define == nullptr) return {};
  // The file's own choice, as far as it is installed: rules that need more say so.
  std::vector<std::string> names;
  const std::vector<standards::PackageInfo> installed = folder.list();
  for (const auto& named : define->standards) {
    const std::string name = base::to_lower(named.publishing_set) + "ct-" + named.version;
    const bool held =
        std::any_of(installed.begin(), installed.end(),
                    [&](const standards::PackageInfo& package) { return package.name == name; });
    if (named.type == "CT" && held) names.push_back(name);
  }
  return folder.choose(names);
}

conform::Data ConformInput::load_data() const {
  conform::Data loaded;
  conform::load_paths(loaded, data);
  if (!define_xml.empty()) {
    try {
      loaded.set_define(std::make_shared<formats::define::Document>(formats::define::read(define_xml)));
    } catch (const base::Error& problem) {  // rules that do not need it run all the same
      loaded.set_define_problem(define_xml, problem.message() + " (" + problem.place().text() + ")");
    }
  }
  for (const auto& problem : loaded.problems())
    std::cerr << "not checked: " << problem.file << ": " << problem.message << "\n";
  const std::string wanted = run_options().version;
  const bool sdtmig = base::to_lower(standard) == "sdtmig" && standards::has_sdtmig(wanted);
  // Other standards build on the same model: the newest guide's classes serve them.
  loaded.set_terminology(load_terminology(loaded.define()));
  loaded.finish(sdtmig ? &standards::sdtmig(wanted) : &standards::sdtmig("3.4"));
  return loaded;
}

std::vector<conform::Rule> ConformInput::load_rules(std::size_t& left_out) const {
  std::vector<std::string> statuses = base::split(base::to_lower(rule_statuses), ',');
  if (rule_statuses == "all") statuses.clear();
  std::vector<conform::Rule> loaded;
  for (const std::string& name : rules.empty() ? std::vector<std::string>{"built-in"} : rules) {
    for (conform::Rule& rule : conform::find_rules(name, statuses, left_out))
      loaded.push_back(std::move(rule));
  }
  const auto named = [](const std::vector<std::string>& ids, const conform::Rule& rule) {
    return std::any_of(ids.begin(), ids.end(),
                       [&](const std::string& id) { return base::to_upper(id) == base::to_upper(rule.id); });
  };
  for (const std::vector<std::string>* ids : {&only, &without}) {
    for (const std::string& id : *ids) {
      if (std::any_of(loaded.begin(), loaded.end(), [&](const auto& rule) { return named({id}, rule); }))
        continue;
      std::vector<std::string> known;
      for (const conform::Rule& rule : loaded) known.push_back(rule.id);
      throw base::usage_error(
          "TM2406", "there is no rule " + id + " among the " + std::to_string(loaded.size()) + " rules", {},
          base::did_you_mean(id, known));
    }
  }
  std::erase_if(loaded, [&](const conform::Rule& rule) {
    return (!only.empty() && !named(only, rule)) || named(without, rule);
  });
  return loaded;
}

}  // namespace trialmill::cli
