// Reads the conditions of a rule.
#include "base/text.hpp"
#include "conform/operators.hpp"
#include "conform/rule_reader.hpp"

namespace trialmill::conform {

namespace {

std::vector<SortKey> sort_keys(const RuleNode& node) {
  std::vector<SortKey> keys;
  for (const RuleNode& item : node) {
    keys.push_back({scalar(item["name"]), base::to_lower(scalar(item["sort_order"])) == "desc",
                    base::to_lower(scalar(item["null_position"])) != "first"});
  }
  return keys;
}

Condition condition(const RuleNode& node) {
  only_keys(node,
            {"name", "operator", "value", "value_is_literal", "value_is_reference", "type_insensitive",
             "prefix", "suffix", "within", "ordering", "regex", "negative", "round_values", "order",
             "separator", "date_component", "metadata"},
            "condition");
  Condition out;
  out.name = scalar(node["name"]);
  out.operator_name = scalar(node["operator"]);
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
  out.metadata = scalar(node["metadata"]);
  if (out.operator_name.rfind("variable_metadata_", 0) == 0 && out.metadata.empty())
    throw Unsupported{"operator '" + out.operator_name + "' without metadata"};
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

}  // namespace

Check read_check(const RuleNode& node) {
  return check(node, 0);
}

}  // namespace trialmill::conform
