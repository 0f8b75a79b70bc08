#include "conform/rule_reader.hpp"

#include "base/text.hpp"
#include "conform/python_regex.hpp"

namespace trialmill::conform {

std::string scalar(const RuleNode& node) {
  return node.defined() && node.is_text() ? node.text() : "";
}

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

bool flag(const RuleNode& node, bool fallback) {
  const Value value = typed(node);
  return value.kind == Kind::boolean ? value.number != 0 : fallback;
}

void only_keys(const RuleNode& node, const std::set<std::string>& known, const std::string& where) {
  for (const RuleNode& entry : node) {
    if (known.count(entry.key()) == 0) throw Unsupported{where + " key '" + entry.key() + "'"};
  }
}

void check_regex(const RuleNode& node) {
  if (!node.defined() || !node.is_text()) return;
  const std::string problem = regex_problem(node.text());
  if (!problem.empty())
    throw Unsupported{"regular expression '" + node.text() + "': " + problem, node.line(), node.column()};
}

}  // namespace trialmill::conform
