// Conditions and IF … THEN … ELSE, of SAS or of people, as SQL. What is not plain is left to a person.
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

/// A column name, or "" for words that are none.
std::string column_of(const std::string& text) {
  const auto columns = columns_in(text);
  return columns.size() == 1 ? columns[0] : "";
}

/// 'Y', "Y", or a number, as an SQL text: raw columns are text.
std::string literal_of(const std::string& text) {
  static const RE2 quoted(R"re(\s*(?:'([^']*)'|"([^"]*)"|(-?[0-9.]+))\s*)re");
  std::string single, twofold, number;
  if (!RE2::FullMatch(text, quoted, &single, &twofold, &number)) return "";
  return base::sql_literal(single.empty() ? (twofold.empty() ? number : twofold) : single);
}

std::string comparison_of(const std::string& words) {
  static const RE2 missing(R"re((?i)\s*([\w.]+)\s+(?:is\s+)?(not\s+)?(?:missing|null|blank|empty)\s*)re"),
      missing_call(R"re((?i)\s*(not\s+|\^|~)?missing\s*\(\s*([\w.]+)\s*\)\s*)re"),
      compared(
          R"re((?i)\s*(?:upcase|strip|trim)?\(?\s*([\w.]+)\s*\)?\s*(=|==|eq\b|\^=|~=|<>|!=|ne\b|is\b|equals?(?: to)?\b|is equal to\b)\s*('[^']*'|"[^"]*"|-?[0-9.]+)\s*)re"),
      listed(R"re((?i)\s*([\w.]+)\s+(not\s+)?in\s*\(([^()]*)\)\s*)re");
  std::string name, sign, value;
  if (RE2::FullMatch(words, compared, &name, &sign, &value)) {
    const bool differs = sign.find_first_of("^~!>nN") != std::string::npos;
    name = column_of(name);
    value = literal_of(value);
    if (name.empty() || value.empty()) return "";
    // "if visit is 1": words, not a column.
    const bool word = std::ranges::none_of(name, [](unsigned char c) { return std::isupper(c) || c == '_'; });
    if (word && std::isalpha(static_cast<unsigned char>(sign[0]))) return "";
    if (value == "''" || value == "'.'")
      return "coalesce(trim(" + name + "::VARCHAR), '') " + (differs ? "<> ''" : "= ''");
    return name + (differs ? " <> " : " = ") + value;
  }
  const bool call = RE2::FullMatch(words, missing_call, &sign, &name);
  if (call || RE2::FullMatch(words, missing, &name, &sign)) {
    name = column_of(name);
    return name.empty() ? ""
                        : "coalesce(trim(" + name + "::VARCHAR), '') " + (sign.empty() ? "= ''" : "<> ''");
  }
  if (RE2::FullMatch(words, listed, &name, &sign, &value)) {
    std::vector<std::string> values;
    for (const auto& one : base::split(value, ',')) {
      values.push_back(literal_of(one));
      if (values.back().empty()) return "";
    }
    name = column_of(name);
    return name.empty() ? "" : name + (sign.empty() ? " IN (" : " NOT IN (") + base::join(values, ", ") + ")";
  }
  return "";
}

/// `sign` splits a text outside of quotes.
std::vector<std::string> split_words(const std::string& text, const RE2& sign) {
  std::vector<std::string> parts{""};
  std::string_view rest = text;
  while (!rest.empty()) {
    re2::StringPiece piece(rest.data(), rest.size());
    const std::size_t before = piece.size();
    if (rest.front() == '\'' || rest.front() == '"') {
      const auto end = rest.find(rest.front(), 1);
      const std::size_t length = end == std::string_view::npos ? rest.size() : end + 1;
      parts.back() += rest.substr(0, length);
      rest.remove_prefix(length);
    } else if (RE2::Consume(&piece, sign)) {
      parts.emplace_back();
      rest.remove_prefix(before - piece.size());
    } else {
      parts.back() += rest.front();
      rest.remove_prefix(1);
    }
  }
  return parts;
}

/// What is set: 'Y', AESER = 'Y', set to 'Y', X, null; as a verb. nullopt if it is not plain.
std::optional<std::string> outcome_of(const std::string& words, const std::vector<std::string>& columns) {
  static const RE2 set(
      R"re((?i)^(?:(?:set|assign|populate|map)?\s*(?:it\s+)?(?:to|with|as)\s+|[A-Z][A-Z0-9]*\s*=\s*|set\s+[A-Z][A-Z0-9]*\s*(?:to|=)\s*))re"),
      nothing(R"re((?i)(?:set to\s+)?(?:null|missing|blank|''|""|leave (?:it )?(?:blank|null|missing))|)re"),
      text(R"re('([^']+)'|"([^"]+)")re"), name("[A-Z][A-Z0-9_]+");
  std::string rest(base::trim(words));
  while (!rest.empty() && (rest.back() == '.' || rest.back() == ';' || rest.back() == ',')) rest.pop_back();
  rest = base::trim(rest);
  if (RE2::FullMatch(rest, nothing)) return "";
  RE2::Replace(&rest, set, "");
  if (RE2::FullMatch(rest, nothing)) return "";
  std::string single, twofold;
  if (RE2::FullMatch(rest, text, &single, &twofold))
    return "constant: " + scalar(single.empty() ? twofold : single);
  // MILD may be a text without quotes, so only names that are known to be columns count.
  if (RE2::FullMatch(rest, name) && std::ranges::find(columns, rest) != columns.end()) return "from: " + rest;
  return std::nullopt;
}

}  // namespace

std::string condition_of(const std::string& words) {
  static const RE2 either(R"re((?i)\s+or\s+)re"), both(R"re((?i)\s+and\s+|\s*&\s*)re");
  std::vector<std::string> ors;
  for (const auto& part : split_words(words, either)) {
    std::vector<std::string> ands;
    for (const auto& one : split_words(part, both)) {
      ands.push_back(comparison_of(one));
      if (ands.back().empty()) return "";
    }
    ors.push_back(base::join(ands, " AND "));
  }
  return base::join(ors, " OR ");
}

std::string checked_proposal(const std::string& rule, const std::string& column) {
  static const RE2 checked(
      R"re((?is)\s*(?:if|when)\s+(?:the box (?:is )?)?([\w.]*?)\s*(?:is )?(?:checked|ticked|selected)\s*,?\s*then\s+(.*))re"),
      target(R"re((?i)^(?:[A-Z]{2}\.)?[A-Z]\w*\s*=\s*)re");
  std::string name, what;
  if (!RE2::FullMatch(rule, checked, &name, &what)) return "";
  RE2::Replace(&what, target, "");
  const auto outcome = outcome_of(what, columns_in(column));
  const std::string from = name.empty() ? column_of(column) : column_of(name);
  if (!outcome || outcome->empty() || from.empty()) return "";
  return "{" + *outcome + ", when: " + scalar(from + " = '1'") + "}";
}

std::string choose_of(const std::string& rule, const std::vector<std::string>& columns) {
  // "Y" if X is not missing [else "N"] is the same with the condition first.
  static const RE2 behind(
      R"re((?is)\s*(?:set to\s+|flag(?:ged)?(?: as)?\s+)?('[^']*'|"[^"]*")\s*,?\s+(?:if|when|where)\s+(.+?)(?:\s*[;,.]?\s*(?:else|otherwise)\s+(.*))?)re");
  std::string text, condition, other;
  if (RE2::FullMatch(rule, behind, &text, &condition, &other))
    return choose_of("if " + condition + " then " + text + (other.empty() ? "" : " else " + other), columns);
  static const RE2 branches(
      R"re((?i)\s*[;,.]?\s*\b(?:else|otherwise)\b\s*[,:]?\s*|\s*[;\n]\s*(?:\bif\b)?\s*)re"),
      branch(R"re((?is)\s*(?:if|when)?\s*(.+?)\s*,?\s*\bthen\b\s*(.*))re"),
      starts(R"re((?is)\s*(?:if|when)\b.*\bthen\b.*)re");
  if (!RE2::FullMatch(rule, starts)) return "";
  std::vector<std::string> choices;
  std::string first_when, first_what;
  bool last = false;  // nothing comes after the branch without a condition
  for (const auto& part : split_words(rule, branches)) {
    if (base::trim(part).empty()) continue;
    std::string when, what = part;
    const bool conditional = RE2::FullMatch(part, branch, &when, &what);
    const auto outcome = outcome_of(what, columns);
    const std::string sql = conditional ? condition_of(when) : "";
    if (last || !outcome || (conditional && sql.empty())) return "";
    last = !conditional;
    // Null where no branch holds is what `choose` gives by itself.
    if (!conditional && outcome->empty()) continue;
    const std::string verb = outcome->empty() ? "sql: \"NULL\"" : *outcome;
    if (choices.empty()) first_when = sql, first_what = verb;
    choices.push_back("{" + (conditional ? "when: " + scalar(sql) + ", " : "") + verb + "}");
  }
  if (choices.size() == 1 && !first_when.empty()) return first_what + ", when: " + scalar(first_when);
  return choices.size() < 2 ? "" : "choose: [" + base::join(choices, ", ") + "]";
}

}  // namespace trialmill::specs
