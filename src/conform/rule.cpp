#include "conform/rule.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "conform/operations.hpp"
#include "conform/operators.hpp"
#include "conform/python_regex.hpp"

namespace trialmill::conform {

namespace {

/// What makes a rule not executable; caught in read_rule.
struct Unsupported {
  std::string reason;
  int line = 0, column = 0;
};

/// Runs `read(node)`; what it finds unsupported gets the node's place, unless a deeper node gave its own.
template <typename Read>
auto at(const RuleNode& node, Read read) {
  try {
    return read(node);
  } catch (Unsupported& problem) {
    if (problem.line == 0) {
      problem.line = node.line();
      problem.column = node.column();
    }
    throw;
  }
}

std::string scalar(const RuleNode& node) {
  return node.defined() && node.is_text() ? node.text() : "";
}

/// A scalar with the types of YAML 1.1, which the rules were written for: unquoted yes and no are booleans.
Value typed(const RuleNode& node) {
  if (!node.defined() || node.is_null()) return {};
  if (node.is_list()) {
    std::vector<Value> items;
    for (const RuleNode& item : node) items.push_back(typed(item));
    return Value::of(std::move(items));
  }
  if (!node.is_text()) throw Unsupported{"a mapping where a value is expected"};
  const std::string text = node.text();
  if (node.quoted()) return Value::of(text);
  const std::string lower = base::to_lower(text);
  if (lower == "true" || lower == "yes" || lower == "on") return Value::of(true);
  if (lower == "false" || lower == "no" || lower == "off") return Value::of(false);
  if (lower == "null" || text == "~" || text.empty()) return {};
  const bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
                       text.find_first_of("0123456789") != std::string::npos;
  if (numeric) {
    const double number = to_number(Value::of(text));
    const bool integral = text.find_first_of(".eE") == std::string::npos;
    if (!std::isnan(number)) return integral ? Value::integer(number) : Value::real(number);
  }
  return Value::of(text);
}

std::vector<std::string> texts(const RuleNode& node) {
  std::vector<std::string> out;
  if (!node.defined() || node.is_null()) return out;
  if (node.is_text()) return {node.text()};
  for (const RuleNode& item : node) out.push_back(item.is_map() ? scalar(item["name"]) : scalar(item));
  return out;
}

bool flag(const RuleNode& node, bool fallback = false) {
  const Value value = typed(node);
  return value.kind == Kind::boolean ? value.number != 0 : fallback;
}

void only_keys(const RuleNode& node, const std::set<std::string>& known, const std::string& where) {
  for (const RuleNode& entry : node) {
    if (known.count(entry.key()) == 0) throw Unsupported{where + " key '" + entry.key() + "'"};
  }
}

std::vector<SortKey> sort_keys(const RuleNode& node) {
  std::vector<SortKey> keys;
  for (const RuleNode& item : node) {
    keys.push_back({scalar(item["name"]), base::to_lower(scalar(item["sort_order"])) == "desc",
                    base::to_lower(scalar(item["null_position"])) != "first"});
  }
  return keys;
}

void check_regex(const RuleNode& node) {
  if (!node.defined() || !node.is_text()) return;
  const std::string problem = regex_problem(node.text());
  if (!problem.empty())
    throw Unsupported{"regular expression '" + node.text() + "': " + problem, node.line(), node.column()};
}

Condition condition(const RuleNode& node) {
  only_keys(node,
            {"name", "operator", "value", "value_is_literal", "value_is_reference", "type_insensitive",
             "prefix", "suffix", "within", "ordering", "regex", "negative", "round_values", "order",
             "separator", "date_component"},
            "condition");
  Condition out;
  out.name = scalar(node["name"]);
  out.operator_name = scalar(node["operator"]);
  const auto barred = operators_not_executable().find(out.operator_name);
  if (barred != operators_not_executable().end())
    throw Unsupported{"operator '" + out.operator_name + "': " + barred->second};
  if (find_operator(out.operator_name) == nullptr) throw Unsupported{"operator '" + out.operator_name + "'"};
  out.has_value = node["value"].defined();
  if (out.operator_name == "target_is_not_sorted_by" || out.operator_name == "target_is_sorted_by") {
    out.sort_keys = sort_keys(node["value"]);
  } else if (out.has_value) {
    out.value = typed(node["value"]);
  }
  out.literal = flag(node["value_is_literal"]);
  out.reference = flag(node["value_is_reference"]);
  out.type_insensitive = flag(node["type_insensitive"]);
  out.round_values = flag(node["round_values"]);
  out.negative = flag(node["negative"], true);
  for (const char* key : {"prefix", "suffix"}) {
    if (node[key].defined()) out.affix = static_cast<int>(typed(node[key]).number);
  }
  out.regex = scalar(node["regex"]);
  out.ordering = scalar(node["ordering"]);
  out.order = scalar(node["order"]);
  out.separator = scalar(node["separator"]);
  out.date_component = scalar(node["date_component"]);
  static const std::set<std::string> components{"",       "year",   "month",       "day", "hour",
                                                "minute", "second", "microsecond", "auto"};
  if (components.count(out.date_component) == 0)
    throw Unsupported{"date_component '" + out.date_component + "'"};
  if (out.operator_name.find("matches_regex") != std::string::npos) check_regex(node["value"]);
  check_regex(node["regex"]);
  out.within = texts(node["within"]);
  return out;
}

Check check(const RuleNode& node, int depth) {
  if (depth > 20) throw Unsupported{"conditions nested deeper than 20"};
  if (!node.is_map()) throw Unsupported{"a check that is not a mapping"};
  Check out;
  if (node["operator"].defined()) {
    out.kind = Check::Kind::condition;
    out.condition = at(node, condition);
    return out;
  }
  only_keys(node, {"all", "any", "not"}, "check");
  if (node.size() != 1) throw Unsupported{"a check that is not exactly one of all, any, not"};
  if (node["not"].defined()) {
    out.kind = Check::Kind::negation;
    out.children.push_back(check(node["not"], depth + 1));
    return out;
  }
  out.kind = node["any"].defined() ? Check::Kind::any : Check::Kind::all;
  for (const RuleNode& item : node["any"].defined() ? node["any"] : node["all"]) {
    out.children.push_back(at(item, [&](const RuleNode& child) { return check(child, depth + 1); }));
  }
  if (out.children.empty()) throw Unsupported{"an empty list of conditions"};
  return out;
}

/// All that a node says, without its place and without the operation's id.
void add_signature(const RuleNode& node, std::string& out) {
  if (node.key() == "id") return;
  out += '\x1f' + node.key() + '\x1e' + node.text() + (node.quoted() ? "q" : "");
  for (const RuleNode& child : node) add_signature(child, out);
}

Operation::Filter filter(const RuleNode& node) {
  Operation::Filter out;
  for (const RuleNode& entry : node) {
    if (entry.key() != "output") out.emplace_back(entry.key(), typed(entry));
  }
  return out;
}

/// Parameters that only USDM data, versioned packages row by row or external dictionaries need.
void refuse_foreign_keys(const RuleNode& node) {
  for (const char* key : {"ct_package_type", "codelist_code", "term_code", "term_value", "term_pref_term",
                          "ct_conditions", "namespace"}) {
    if (node[key].defined()) throw Unsupported{std::string("operation key '") + key + "': for USDM only"};
  }
}

Operation operation(const RuleNode& node) {
  const std::string name = scalar(node["operator"]);
  const auto barred = operations_not_executable().find(name);
  if (barred != operations_not_executable().end())
    throw Unsupported{"operation '" + name + "': " + barred->second};
  if (!knows_operation(name)) throw Unsupported{"operation '" + name + "'"};
  refuse_foreign_keys(node);
  only_keys(node,
            {"id",
             "operator",
             "name",
             "domain",
             "group",
             "group_aliases",
             "key_name",
             "key_value",
             "value_is_reference",
             "filter",
             "codelist",
             "codelists",
             "level",
             "returntype",
             "regex",
             "delimiter",
             "subtract",
             "order_insensitive",
             "map",
             "source",
             "attribute_name",
             "ct_attribute",
             "ct_package_types",
             "version",
             "domain_class"},
            "operation");
  Operation out;
  out.operator_name = name;
  const std::pair<const char*, std::string*> scalars[] = {{"id", &out.id},
                                                          {"name", &out.name},
                                                          {"domain", &out.domain},
                                                          {"key_name", &out.key_name},
                                                          {"regex", &out.regex},
                                                          {"key_value", &out.key_value},
                                                          {"level", &out.level},
                                                          {"returntype", &out.returntype},
                                                          {"source", &out.source},
                                                          {"codelist", &out.codelist},
                                                          {"version", &out.version},
                                                          {"subtract", &out.subtract},
                                                          {"delimiter", &out.delimiter},
                                                          {"attribute_name", &out.attribute_name},
                                                          {"ct_attribute", &out.ct_attribute},
                                                          {"domain_class", &out.domain_class}};
  for (const auto& [key, field] : scalars) *field = scalar(node[key]);
  check_regex(node["regex"]);
  if (node["codelist"].is_list()) out.codelists = texts(node["codelist"]);
  for (std::string& codelist : texts(node["codelists"])) out.codelists.push_back(std::move(codelist));
  out.group = texts(node["group"]);
  out.aliases = texts(node["group_aliases"]);
  out.ct_package_types = texts(node["ct_package_types"]);
  out.reference = flag(node["value_is_reference"]);
  out.filter = filter(node["filter"]);
  for (const RuleNode& entry : node["map"]) out.map.emplace_back(filter(entry), typed(entry["output"]));
  add_signature(node, out.signature);
  return out;
}

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
      {"Domain Presence Check against Define XML", RuleType::presence_define}};
  const auto found = types.find(text);
  return found == types.end() ? RuleType::unsupported : found->second;
}

/// Why a rule type of the language is not evaluated; "" for an unknown one.
std::string reason_against(const std::string& type) {
  if (type == "JSONata" || type == "JSON Schema Check") return "for USDM only";
  if (type == "Value Check against Define XML VLM" || type == "Value Level Metadata Check against Define XML")
    return "value-level metadata of a Define-XML file is not evaluated";
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
  rule.check = at(node["Check"], [](const RuleNode& top) { return check(top, 0); });
  for (const RuleNode& item : node["Operations"]) rule.operations.push_back(at(item, operation));
  for (const RuleNode& item : node["Match Datasets"]) rule.matches.push_back(at(item, match));
}

}  // namespace

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
