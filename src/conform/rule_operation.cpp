// Reads the operations of a rule.
#include "base/text.hpp"
#include "conform/operations.hpp"
#include "conform/rule_reader.hpp"

namespace trialmill::conform {

namespace {

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
  for (const char* key :
       {"ct_package_type", "codelist_code", "term_code", "term_value", "term_pref_term", "namespace"}) {
    if (node[key].defined()) throw Unsupported{std::string("operation key '") + key + "': for USDM only"};
  }
}

/// What get_codelist_attributes asks for, and of which codelists and terms. Packages hold no definitions.
void read_attribute(const RuleNode& node, Operation& out) {
  static const std::set<std::string> attributes{"Term CCODE",     "Codelist CCODE",      "Term Value",
                                                "Codelist Value", "Term Preferred Term", "Synonyms"};
  static const std::set<std::string> conditions{
      "Codelist Code", "Codelist CCODE", "Codelist Value",        "Codelist Name",      "Extensible",
      "Term CCODE",    "Term Value",     "Term Submission Value", "Term Preferred Term"};
  if (attributes.count(out.ct_attribute) == 0) throw Unsupported{"ct_attribute '" + out.ct_attribute + "'"};
  for (const RuleNode& item : node["ct_conditions"]) {
    for (const RuleNode& entry : item) {
      const std::string key = base::replace_all(entry.key(), "_", " ");
      if (conditions.count(key) == 0) throw Unsupported{"ct_conditions key '" + entry.key() + "'"};
      out.ct_conditions.emplace_back(key, typed(entry));
    }
  }
}

}  // namespace

Operation read_operation(const RuleNode& node) {
  const std::string name = scalar(node["operator"]);
  const auto barred = operations_not_executable().find(name);
  if (barred != operations_not_executable().end())
    throw Unsupported{"operation '" + name + "': " + barred->second};
  if (!knows_operation(name)) throw Unsupported{"operation '" + name + "'"};
  refuse_foreign_keys(node);
  only_keys(node, {"id",           "operator",      "name",
                   "domain",       "group",         "group_aliases",
                   "key_name",     "key_value",     "value_is_reference",
                   "filter",       "codelist",      "codelists",
                   "level",        "returntype",    "regex",
                   "delimiter",    "subtract",      "order_insensitive",
                   "map",          "source",        "attribute_name",
                   "ct_attribute", "ct_conditions", "ct_package_types",
                   "version",      "domain_class"},
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
  if (name == "minus" && node["order_insensitive"].defined() && !flag(node["order_insensitive"], true))
    throw Unsupported{"operation 'minus' with order_insensitive: false"};
  if (name == "get_codelist_attributes") read_attribute(node, out);
  for (const RuleNode& entry : node["map"]) out.map.emplace_back(filter(entry), typed(entry["output"]));
  add_signature(node, out.signature);
  return out;
}

}  // namespace trialmill::conform
