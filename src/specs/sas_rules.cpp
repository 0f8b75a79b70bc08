// Rules in the language of SAS that have one meaning: put(X, 8.2), input(X, best.), catx('-', A, B),
// strip(X), put(input(X, date9.), is8601da.) …
#include <re2/re2.h>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

#define NAME "([A-Za-z_][\\w.]*)"

std::string column_of(const std::string& name) {
  const auto columns = columns_in(name);
  return columns.size() == 1 ? columns[0] : "";
}

/// What is joined: names and texts, in order. Empty if there is anything else.
struct Part {
  std::string name, text;
};
std::vector<Part> parts_of(const std::string& list, const char* by) {
  static const RE2 name(R"re(\s*(?:strip|trim|left|compress)?\(?\s*([A-Za-z_][\w.]*)\s*\)?\s*)re"),
      quoted(R"re(\s*['"]([^'"]*)['"]\s*)re");
  std::vector<Part> parts;
  for (const auto& piece : base::split(base::replace_all(list, by, "\n"), '\n')) {
    Part part;
    if (RE2::FullMatch(piece, name, &part.name))
      part.name = column_of(part.name);
    else if (!RE2::FullMatch(piece, quoted, &part.text))
      return {};
    parts.push_back(std::move(part));
  }
  return parts;
}

/// Identifiers need all their parts; other texts are joined from those that are there.
std::string joined(const std::string& variable, const std::vector<Part>& parts, std::string separator) {
  std::string pattern, between;
  std::vector<std::string> names;
  bool even = true;  // the same text between all names, and nothing around them
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    if (!pattern.empty()) pattern += separator;
    pattern += part.name.empty() ? part.text : "{" + part.name + "}";
    if (!part.name.empty()) names.push_back(part.name);
    if (!part.name.empty()) continue;
    const bool inner = i > 0 && i + 1 < parts.size() && !parts[i - 1].name.empty() &&
                       (between.empty() || between == part.text);
    even = even && inner && separator.empty();
    between = part.text;
  }
  if (parts.size() < 2 || names.empty()) return "";
  if (variable == "USUBJID") return "template: " + scalar(pattern);
  if (!even || names.size() < 2) return "";
  if (!between.empty() && parts.size() != 2 * names.size() - 1) return "";
  return "concat: " + flow_list(names) + ", separator: " + scalar(between.empty() ? separator : between);
}

std::string joined_verb(const SpecVariable& one, const std::string& rule) {
  static const RE2 catx(R"re((?i)catx\s*\(\s*['"]([^'"]*)['"]\s*,(.*)\))re"),
      cats(R"re((?i)cats?\s*\((.*)\))re");
  std::string separator, arguments;
  if (RE2::FullMatch(rule, catx, &separator, &arguments))
    return joined(one.variable, parts_of(arguments, ","), separator);
  if (RE2::FullMatch(rule, cats, &arguments)) return joined(one.variable, parts_of(arguments, ","), "");
  if (rule.find("||") != std::string::npos) return joined(one.variable, parts_of(rule, "||"), "");
  return "";
}

std::string simple_verb(const std::string& rule, SpecVariable& one) {
  static const RE2 as_decimals("(?i)put\\s*\\(\\s*" NAME "\\s*,\\s*(?:[0-9]+)\\.([0-9]+)\\s*\\)"),
      as_text("(?i)(?:strip|left|trim|compress)?\\s*\\(?\\s*put\\s*\\(\\s*" NAME
              "\\s*,\\s*(?:best[0-9]*|[0-9]+)\\.\\s*\\)\\s*\\)?"),
      as_number("(?i)input\\s*\\(\\s*" NAME
                "\\s*,\\s*\\??\\??\\s*(?:best[0-9]*|comma[0-9]*|[0-9]+)\\.[0-9]*\\s*\\)"),
      as_date("(?i)put\\s*\\(\\s*(?:datepart\\s*\\(\\s*)?(?:input\\s*\\(\\s*)?" NAME
              "\\s*(?:,\\s*([a-z0-9]+)\\.[0-9]*\\s*)?\\)?\\s*,\\s*(?:is8601d[at]|e8601d[at]|b8601d[at]|"
              "yymmdd|yymmddd)[0-9]*\\.\\s*\\)"),
      cleaned("(?i)(?:strip|trim|left|compbl)\\s*\\(\\s*" NAME "\\s*\\)"),
      upper("(?i)(?:upcase|upper)\\s*\\(\\s*(?:strip\\s*\\(\\s*)?" NAME "\\s*\\)?\\s*\\)"),
      part("(?i)substr\\s*\\(\\s*" NAME "\\s*,\\s*([0-9]+)\\s*,\\s*([0-9]+)\\s*\\)"),
      piece("(?i)scan\\s*\\(\\s*" NAME "\\s*,\\s*(-?[0-9]+)\\s*,\\s*['\"]([^'\"])['\"]\\s*\\)"),
      first("(?i)coalescec?\\s*\\(([^()]*)\\)"),
      decoded("(?i)put\\s*\\(\\s*" NAME "\\s*,\\s*\\$([A-Za-z]\\w*?)\\.\\s*\\)");
  std::string name, a, b;
  if (RE2::FullMatch(rule, as_decimals, &name, &a) && a.size() < 2)
    return "sql: " + scalar("format('{:." + a + "f}', try_cast(" + column_of(name) + " AS DECIMAL(38, " + a +
                            "))::DOUBLE)");
  if (RE2::FullMatch(rule, as_text, &name)) return "number: " + scalar(column_of(name)) + ", type: Char";
  if (RE2::FullMatch(rule, as_number, &name)) return "number: " + scalar(column_of(name));
  if (RE2::FullMatch(rule, as_date, &name, &a)) {
    if (one.format.empty() && !a.empty() && !base::to_lower(a).starts_with("any")) one.format = a;
    one.rule_type = "datetime";
    if (one.column.empty()) one.column = column_of(name);
    one.rule.clear();
    return "";
  }
  if (RE2::FullMatch(rule, cleaned, &name)) return "from: " + scalar(column_of(name));
  if (RE2::FullMatch(rule, upper, &name)) return "from: " + scalar(column_of(name)) + ", case: upper";
  if (RE2::FullMatch(rule, part, &name, &a, &b))
    return "from: " + scalar(column_of(name)) + ", part: [" + a + ", " + b + "]";
  if (RE2::FullMatch(rule, piece, &name, &a, &b))
    return "from: " + scalar(column_of(name)) + ", split: {by: " + scalar(b) + ", take: " + a + "}";
  if (RE2::FullMatch(rule, first, &a) && columns_in(a).size() > 1) return "from: " + flow_list(columns_in(a));
  if (RE2::FullMatch(rule, decoded, &name, &a))
    one.proposal = "{from: " + scalar(column_of(name)) + ", terms: " + scalar(base::to_upper(a)) +
                   "} with codelists/" + base::to_upper(a) + ".csv";
  return "";
}

}  // namespace

bool read_sas_rule(SpecVariable& one) {
  static const RE2 assigned(R"re((?s)\s*([A-Za-z]\w*)\s*=\s*(.*))re");
  std::string rule(base::trim(one.rule)), target, value;
  while (!rule.empty() && (rule.back() == ';' || rule.back() == '.')) {
    if (rule.back() == '.' && rule.find('(') != std::string::npos && rule[rule.size() - 2] != ')') break;
    rule.pop_back();
  }
  if (RE2::FullMatch(rule, assigned, &target, &value) && base::to_upper(target) == one.variable)
    rule = base::trim(value);
  if (rule.size() > 500) return false;
  static const RE2 name(NAME);
  if (!target.empty() && rule != base::trim(one.rule) && RE2::FullMatch(rule, name)) {
    if (one.column.empty()) one.column = column_of(rule);  // AGE = age_years
    one.rule.clear();
    return true;
  }
  one.verb = joined_verb(one, rule);
  if (one.verb.empty()) one.verb = simple_verb(rule, one);
  return !one.verb.empty() || one.rule_type == "datetime";
}

#undef NAME

}  // namespace trialmill::specs
