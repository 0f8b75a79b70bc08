#include "conform/rule.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "conform/rule_reader.hpp"

namespace trialmill::conform {

namespace {

Match match(const RuleNode& node) {
  only_keys(node, {"Name", "Keys", "Child", "Wildcard", "Join Type"}, "match dataset");
  Match out;
  out.name = scalar(node["Name"]);
  out.wildcard = scalar(node["Wildcard"]);
  out.child = flag(node["Child"]);
  const std::string join = scalar(node["Join Type"]);
  if (!join.empty() && join != "inner" && join != "left") throw Unsupported{"join type '" + join + "'"};
  out.left_join = join == "left";
  for (const RuleNode& key : node["Keys"]) {
    if (key.is_map()) {
      out.keys.emplace_back(scalar(key["Left"]), scalar(key["Right"]));
    } else {
      out.keys.emplace_back(scalar(key), scalar(key));
    }
  }
  // Without keys every record would meet every other one; these three are joined by variables of their own.
  const bool joins_by_itself = out.child || out.name == "RELREC" || out.name.rfind("SUPP", 0) == 0;
  if (out.keys.empty() && !joins_by_itself)
    throw Unsupported{"match dataset '" + out.name + "' without Keys"};
  return out;
}

RuleType type_of(const std::string& text) {
  static const std::map<std::string, RuleType> types{
      {"Record Data", RuleType::record_data},
      {"Domain Presence Check", RuleType::domain_presence},
      {"Dataset Metadata Check", RuleType::dataset_metadata},
      {"Variable Metadata Check", RuleType::variable_metadata},
      {"Variable Metadata Check against Library Metadata", RuleType::variable_library},
      {"Value Check with Dataset Metadata", RuleType::value_dataset},
      {"Value Check with Variable Metadata", RuleType::value_variable},
      {"Define Item Metadata Check", RuleType::define_item},
      {"Define Item Metadata Check against Library Metadata", RuleType::define_item_library},
      {"Define Item Group Metadata Check", RuleType::define_item_group},
      {"Dataset Metadata Check against Define XML", RuleType::dataset_define},
      {"Variable Metadata Check against Define XML", RuleType::variable_define},
      {"Variables Metadata Check against Define XML and Library Metadata", RuleType::variable_define_library},
      {"Variable Metadata Check against Define XML and Library Metadata", RuleType::variable_define_library},
      {"Dataset Contents Check against Define XML", RuleType::contents_define},
      {"Dataset Contents Check against Define XML and Library Metadata", RuleType::contents_define_library},
      {"Value Check against Define XML Variable", RuleType::value_define},
      {"Value Check against Define XML VLM", RuleType::value_vlm_define},
      {"Value Level Metadata Check against Define XML", RuleType::value_level_define},
      {"Domain Presence Check against Define XML", RuleType::presence_define}};
  const auto found = types.find(text);
  return found == types.end() ? RuleType::unsupported : found->second;
}

/// Why a rule type of the language is not evaluated; "" for an unknown one.
std::string reason_against(const std::string& type) {
  if (type == "JSONata" || type == "JSON Schema Check") return "for USDM only";
  return "";
}

/// Scopes of other kinds of data: only ALL leaves SDTM datasets in.
void refuse_foreign_scopes(const RuleNode& scope) {
  only_keys(scope,
            {"Classes", "Domains", "Datasets", "Dataset or Domain or Item Group", "Use Case", "Subclasses",
             "Data Structures", "Entities"},
            "scope");
  for (const char* key : {"Subclasses", "Data Structures", "Entities"}) {
    const std::vector<std::string> names = texts(scope[key]["Include"]);
    if (scope[key].defined() && std::find(names.begin(), names.end(), "ALL") == names.end())
      throw Unsupported{std::string("scope '") + key + "': not for SDTM data"};
  }
}

void read_scope(const RuleNode& scope, Rule& rule) {
  refuse_foreign_scopes(scope);
  const char* named = scope["Domains"].defined()    ? "Domains"
                      : scope["Datasets"].defined() ? "Datasets"
                                                    : "Dataset or Domain or Item Group";
  const RuleNode &classes = scope["Classes"], &domains = scope[named];
  rule.classes = texts(classes["Include"]);
  rule.classes_out = texts(classes["Exclude"]);
  rule.domains = texts(domains["Include"]);
  rule.domains_out = texts(domains["Exclude"]);
  rule.include_split = flag(domains["include_split_datasets"]);
  for (const std::string& part : texts(scope["Use Case"])) {
    for (const std::string& one : base::split(part, ',')) rule.use_cases.emplace_back(base::trim(one));
  }
}

void read_head(const RuleNode& node, Rule& rule) {
  rule.id = scalar(node["Core"]["Id"]);
  rule.description = scalar(node["Description"]);
  rule.message = scalar(node["Outcome"]["Message"]);
  rule.output = texts(node["Outcome"]["Output Variables"]);
  rule.type_text = scalar(node["Rule Type"]);
  if (node["Severity"].defined()) rule.severity = findings::severity_from(scalar(node["Severity"]));
  for (const RuleNode& authority : node["Authorities"]) {
    for (const RuleNode& standard : authority["Standards"]) {
      rule.standards.push_back(
          {scalar(standard["Name"]), scalar(standard["Version"]), scalar(standard["Substandard"])});
    }
  }
}

/// A misspelt section would change what the rule means without a word: Match Dataset, Operation.
void refuse_misspelt_sections(const RuleNode& node) {
  static const std::vector<std::string> sections{
      "Authorities",        "Check",      "Core",           "Description", "Executability",
      "Grouping Variables", "Operations", "Match Datasets", "Outcome",     "Rule Type",
      "Grouping_Variables", "Scope",      "Sensitivity",    "Severity"};
  for (const RuleNode& entry : node) {
    if (std::find(sections.begin(), sections.end(), entry.key()) != sections.end()) continue;
    if (!base::did_you_mean(entry.key(), sections).empty())
      throw Unsupported{"section '" + entry.key() + "'", entry.line(), entry.column()};
  }
}

void read_body(const RuleNode& node, Rule& rule) {
  refuse_misspelt_sections(node);
  rule.type = type_of(rule.type_text);
  if (rule.type == RuleType::unsupported) {
    const std::string reason = reason_against(rule.type_text);
    throw Unsupported{"rule type '" + rule.type_text + "'" + (reason.empty() ? "" : ": " + reason)};
  }
  const std::string sensitivity = scalar(node["Sensitivity"]);
  if (sensitivity != "Record" && sensitivity != "Dataset" && sensitivity != "Study" && sensitivity != "Group")
    throw Unsupported{"sensitivity '" + sensitivity + "'"};
  rule.per_study = sensitivity == "Study";
  rule.per_dataset = sensitivity == "Dataset" || rule.per_study;
  if (sensitivity == "Group") {
    rule.grouping =
        texts(node[node["Grouping_Variables"].defined() ? "Grouping_Variables" : "Grouping Variables"]);
    if (rule.grouping.empty()) throw Unsupported{"sensitivity 'Group' without Grouping_Variables"};
  }
  if (node["Scope"].defined() && node["Scope"].is_map()) read_scope(node["Scope"], rule);
  rule.check = at(node["Check"], read_check);
  for (const RuleNode& item : node["Operations"]) rule.operations.push_back(at(item, read_operation));
  for (const RuleNode& item : node["Match Datasets"]) rule.matches.push_back(at(item, match));
  // Domain presence looks at no records, so that a join means nothing there.
  if (!rule.matches.empty() && !looks_at_records(rule.type) && rule.type != RuleType::domain_presence)
    throw Unsupported{"Match Datasets in a rule of type '" + rule.type_text + "'"};
}

}  // namespace

bool looks_at_records(RuleType type) {
  return type == RuleType::record_data || type == RuleType::contents_define ||
         type == RuleType::contents_define_library || type == RuleType::value_level_define;
}

bool Rule::names_standard(const std::string& standard, const std::string& version,
                          const std::string& substandard) const {
  return std::any_of(standards.begin(), standards.end(), [&](const StandardReference& reference) {
    return base::to_upper(reference.name) == base::to_upper(standard) && reference.version == version &&
           (substandard.empty() || reference.substandard.empty() ||
            base::to_upper(reference.substandard) == base::to_upper(substandard));
  });
}

std::vector<std::string> Rule::condition_names() const {
  std::vector<std::string> names;
  const std::function<void(const Check&)> walk = [&](const Check& node) {
    if (node.kind == Check::Kind::condition &&
        std::find(names.begin(), names.end(), node.condition.name) == names.end()) {
      names.push_back(node.condition.name);
    }
    for (const Check& child : node.children) walk(child);
  };
  walk(check);
  return names;
}

Rule read_rule(std::shared_ptr<const RuleNode> tree, const std::string& source) {
  Rule rule;
  rule.source = source;
  rule.id = std::filesystem::path(source).stem().string();
  rule.tree = std::move(tree);
  const RuleNode& node = *rule.tree;
  try {
    if (!node.is_map()) throw Unsupported{"the file is not a mapping", node.line(), node.column()};
    read_head(node, rule);
    at(node, [&](const RuleNode&) { read_body(node, rule); });
  } catch (const Unsupported& problem) {
    rule.unsupported = problem.reason;
    rule.unsupported_line = problem.line;
    rule.unsupported_column = problem.column;
  }
  return rule;
}

Rule parse_rule(const std::string& text, const std::string& source) {
  Rule broken;
  try {
    return read_rule(std::make_shared<const RuleNode>(rule_tree(base::parse_yaml(text, source).node())),
                     source);
  } catch (const base::Error& problem) {
    broken.unsupported = problem.message();
    broken.unsupported_line = problem.place().line;
    broken.unsupported_column = problem.place().column;
  } catch (const YAML::Exception& problem) {
    broken.unsupported = problem.what();
  }
  broken.source = source;
  broken.id = std::filesystem::path(source).stem().string();
  broken.tree = std::make_shared<const RuleNode>();
  return broken;
}

std::vector<Rule> load_rules(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) {
    files.push_back(path);
  } else if (fs::is_directory(path, ignored)) {
    for (auto entry = fs::recursive_directory_iterator(path); entry != fs::recursive_directory_iterator();
         ++entry) {
      if (entry->is_directory() && entry->path().filename() == "tests") entry.disable_recursion_pending();
      const std::string extension = entry->path().extension().string();
      if (entry->is_regular_file() && (extension == ".yml" || extension == ".yaml"))
        files.push_back(entry->path());
    }
  }
  if (files.empty()) {
    throw base::usage_error("TM2401", "no rules found at " + path.string(), {},
                            "--rules takes a folder with *.yml files, or one such file");
  }
  std::vector<Rule> rules;
  for (const fs::path& file : files) rules.push_back(parse_rule(base::read_file(file), file.string()));
  std::sort(rules.begin(), rules.end(),
            [](const Rule& a, const Rule& b) { return std::tie(a.id, a.source) < std::tie(b.id, b.source); });
  return rules;
}

}  // namespace trialmill::conform
