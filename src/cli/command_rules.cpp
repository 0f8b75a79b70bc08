// trialmill rules: import a checkout of rules into a rule set, list sets and rules.
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <memory>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "base/version.hpp"
#include "cli/cli.hpp"
#include "conform/rule_cache.hpp"
#include "conform/rule_import.hpp"
#include "conform/rule_text.hpp"

namespace trialmill::cli {

namespace {

struct ImportChoices {
  std::string folder, to, name = "core";
};

struct ListChoices {
  std::vector<std::string> rules;
  std::string standard, version, status;
};

std::string or_none(const std::string& text) {
  return text.empty() ? "(none)" : text;
}

std::string place_of(const conform::Rule& rule) {
  return base::Place{rule.source, rule.unsupported_line, rule.unsupported_column}.text();
}

/// How many rules, and how many of them can be executed.
struct Count {
  std::size_t rules = 0, executable = 0;
  void add(const conform::Rule& rule) {
    ++rules;
    executable += rule.unsupported.empty() ? 1 : 0;
  }
};

std::map<std::string, Count> by_status(const std::vector<conform::Rule>& rules) {
  std::map<std::string, Count> counts;
  for (const conform::Rule& rule : rules) counts[or_none(conform::status_of(rule))].add(rule);
  return counts;
}

std::map<std::string, Count> by_standard(const std::vector<conform::Rule>& rules) {
  std::map<std::string, Count> counts;
  for (const conform::Rule& rule : rules) {
    std::map<std::string, bool> named;
    for (const conform::StandardReference& standard : rule.standards)
      named[standard.name + " " + standard.version] = true;
    for (const auto& [name, once] : named) counts[name].add(rule);
  }
  return counts;
}

base::Json counts_json(const std::map<std::string, Count>& counts) {
  base::Json out = base::Json::object();
  for (const auto& [name, count] : counts)
    out[name] = {{"rules", count.rules}, {"executable", count.executable}};
  return out;
}

void print_counts(const char* title, const std::map<std::string, Count>& counts) {
  std::size_t width = std::string(title).size();
  for (const auto& [name, count] : counts) width = std::max(width, name.size());
  const auto padded = [](std::string text, std::size_t to, bool right) {
    if (text.size() < to) text.insert(right ? 0 : text.size(), to - text.size(), ' ');
    return text;
  };
  std::cout << "\n  " << padded(title, width, false) << "   rules  executable  not executable\n";
  for (const auto& [name, count] : counts) {
    std::cout << "  " << padded(name, width, false)
              << padded(base::thousands(static_cast<long long>(count.rules)), 8, true)
              << padded(std::to_string(count.executable), 12, true)
              << padded(std::to_string(count.rules - count.executable), 16, true) << "\n";
  }
}

base::Json import_json(const conform::RuleImport& found, const std::string& file) {
  base::Json out = {{"file", file},
                    {"rules", found.rules.size()},
                    {"statuses", counts_json(by_status(found.rules))},
                    {"standards", counts_json(by_standard(found.rules))},
                    {"faulty", base::Json::array()},
                    {"not_executable", base::Json::array()},
                    {"other_files", found.not_rules},
                    {"published_twice", found.duplicates}};
  for (const conform::FaultyFile& faulty : found.faulty) {
    out["faulty"].push_back({{"file", faulty.place.file},
                             {"line", faulty.place.line},
                             {"column", faulty.place.column},
                             {"reason", faulty.reason}});
  }
  for (const conform::Rule& rule : found.rules) {
    if (rule.unsupported.empty()) continue;
    out["not_executable"].push_back({{"rule", rule.id},
                                     {"file", rule.source},
                                     {"line", rule.unsupported_line},
                                     {"column", rule.unsupported_column},
                                     {"reason", rule.unsupported}});
  }
  return out;
}

void print_import(const conform::RuleImport& found, const std::string& file, const std::string& use) {
  print_counts("status", by_status(found.rules));
  print_counts("standard", by_standard(found.rules));
  if (!found.faulty.empty()) std::cout << "\nfaulty, not imported: " << found.faulty.size() << "\n";
  for (const conform::FaultyFile& faulty : found.faulty)
    std::cout << "  " << faulty.place.text() << ": " << faulty.reason << "\n";
  std::map<std::string, std::vector<const conform::Rule*>> reasons;
  std::size_t open = 0;
  for (const conform::Rule& rule : found.rules) {
    if (rule.unsupported.empty()) continue;
    reasons[rule.unsupported].push_back(&rule);
    ++open;
  }
  if (open > 0) std::cout << "\nnot executable, reported as such by validate: " << open << "\n";
  for (const auto& [reason, rules] : reasons) {
    std::cout << "  " << reason << " (" << rules.size() << ")\n";
    for (const conform::Rule* rule : rules)
      std::cout << "    " << rule->id << "  " << place_of(*rule) << "\n";
  }
  if (!found.duplicates.empty())
    std::cout << "\npublished more than once: " << found.duplicates.size() << "\n";
  for (const std::string& twice : found.duplicates) std::cout << "  " << twice << "\n";
  if (!found.not_rules.empty())
    std::cout << "\nYAML files that are no rules: " << found.not_rules.size() << "\n";
  for (const std::string& other : found.not_rules) std::cout << "  " << other << "\n";
  std::cout << "\nwrote " << file << ": " << found.rules.size() << " rules\n"
            << "use it: trialmill validate --data DIR --rules " << use << "\n";
}

int import(const ImportChoices& choices, const Common& common) {
  if (choices.name.find('/') != std::string::npos || choices.name == "built-in")
    throw base::usage_error("TM2406", "'" + choices.name + "' cannot be the name of a rule set");
  const conform::RuleImport found = conform::import_rules(choices.folder);
  const std::string file = choices.to.empty() ? conform::rule_set_file(choices.name).string() : choices.to;
  conform::write_rule_set(
      file, {choices.name, std::filesystem::absolute(choices.folder).lexically_normal().string(),
             base::utc_now(), base::program_version, found.rules});
  if (common.json) {
    std::cout << base::dump_json(import_json(found, file)) << "\n";
  } else {
    print_import(found, file, choices.to.empty() ? choices.name : choices.to);
  }
  return 0;
}

std::string standards_text(const conform::Rule& rule) {
  std::vector<std::string> parts;
  for (const conform::StandardReference& standard : rule.standards) {
    const std::string name = standard.name + " " + standard.version +
                             (standard.substandard.empty() ? "" : " " + standard.substandard);
    if (std::find(parts.begin(), parts.end(), name) == parts.end()) parts.push_back(name);
  }
  return base::join(parts, ", ");
}

bool wanted(const conform::Rule& rule, const ListChoices& choices) {
  if (!choices.status.empty() && base::to_lower(conform::status_of(rule)) != base::to_lower(choices.status))
    return false;
  if (choices.standard.empty() && choices.version.empty()) return true;
  return std::any_of(rule.standards.begin(), rule.standards.end(), [&](const auto& standard) {
    const bool name =
        choices.standard.empty() || base::to_lower(standard.name) == base::to_lower(choices.standard);
    return name &&
           (choices.version.empty() || standard.version == base::replace_all(choices.version, "-", "."));
  });
}

base::Json list_json(const conform::Rule& rule) {
  return {{"rule", rule.id},
          {"version", conform::version_of(rule)},
          {"rule_status", conform::status_of(rule)},
          {"severity", findings::name_of(rule.severity)},
          {"type", rule.type_text},
          {"executable", rule.unsupported.empty()},
          {"reason", rule.unsupported},
          {"standards", standards_text(rule)},
          {"authority_rules", conform::authority_ids(rule)},
          {"description", rule.description},
          {"message", rule.message},
          {"source", rule.source}};
}

int list(ListChoices choices, const Common& common) {
  if (choices.rules.empty()) {
    choices.rules = conform::rule_set_names();
    choices.rules.insert(choices.rules.begin(), "built-in");
  }
  base::Json json = base::Json::array();
  std::size_t shown = 0, left_out = 0;
  for (const std::string& name : choices.rules) {
    for (const conform::Rule& rule : conform::find_rules(name, {}, left_out)) {
      if (!wanted(rule, choices)) continue;
      ++shown;
      if (common.json) {
        json.push_back(list_json(rule));
        continue;
      }
      std::cout << rule.id << "  " << or_none(conform::status_of(rule)) << "  "
                << (rule.unsupported.empty() ? "" : "NOT EXECUTABLE (" + rule.unsupported + ")  ")
                << standards_text(rule) << "\n    "
                << base::replace_all(rule.message.empty() ? rule.description : rule.message, "\n", " ")
                << "\n";
    }
  }
  if (common.json) {
    std::cout << base::dump_json(json) << "\n";
  } else {
    std::cout << shown << " rules of: " << base::join(choices.rules, ", ") << "\n";
  }
  return 0;
}

int sets(const Common& common) {
  base::Json json = base::Json::array();
  if (!common.json) std::cout << "rule sets in " << conform::rule_sets_folder().string() << "\n";
  for (const std::string& name : conform::rule_set_names()) {
    const conform::RuleSet set = conform::read_rule_set(conform::rule_set_file(name));
    json.push_back({{"name", name},
                    {"rules", set.rules.size()},
                    {"folder", set.folder},
                    {"imported", set.imported},
                    {"program", set.program}});
    if (!common.json)
      std::cout << "  " << name << "  " << set.rules.size() << " rules from " << set.folder << ", imported "
                << set.imported << "\n";
  }
  if (common.json) std::cout << base::dump_json(json) << "\n";
  return 0;
}

}  // namespace

void add_rules(Tree tree) {
  auto* command = tree.app.add_subcommand("rules", "Import conformance rules and list them");
  command->require_subcommand(1);
  auto* importing = command->add_subcommand("import", "Compile a folder of rules into a rule set");
  auto import_choices = std::make_shared<ImportChoices>();
  importing->add_option("DIR", import_choices->folder, "A checkout of rules in CORE YAML, any layout")
      ->required();
  importing->add_option("--name", import_choices->name, "Name of the set, for --rules")->default_val("core");
  importing->add_option("--to", import_choices->to,
                        "File to write; default: NAME.rules in $TRIALMILL_RULES, else in "
                        "$XDG_DATA_HOME/trialmill/rules, else in ~/.local/share/trialmill/rules");
  importing->footer("Example:\n  trialmill rules import cdisc-open-rules --name core");
  importing->callback([tree, import_choices] {
    tree.chosen = [tree, import_choices] { return import(*import_choices, tree.common); };
  });
  auto* listing = command->add_subcommand("list", "Rules of the built-in and the imported sets");
  auto list_choices = std::make_shared<ListChoices>();
  listing->add_option("--rules", list_choices->rules, "Only of these sets, folders or files");
  listing->add_option("--standard", list_choices->standard, "Only rules that name it, e.g. sdtmig");
  listing->add_option("--version", list_choices->version, "Only rules that name this version, e.g. 3.4");
  listing->add_option("--status", list_choices->status, "Only rules of this status, e.g. published");
  listing->footer("Example:\n  trialmill rules list --standard sdtmig --version 3.4 --json");
  listing->callback([tree, list_choices] {
    tree.chosen = [tree, list_choices] { return list(*list_choices, tree.common); };
  });
  auto* naming = command->add_subcommand("sets", "The imported sets");
  naming->callback([tree] { tree.chosen = [tree] { return sets(tree.common); }; });
  command->footer(
      "Example:\n  trialmill rules import cdisc-open-rules\n  trialmill validate --data DIR --rules core");
}

}  // namespace trialmill::cli
