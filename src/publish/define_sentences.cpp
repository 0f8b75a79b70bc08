#include "publish/define_sentences.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"

namespace trialmill::publish {

using base::YamlValue;

namespace {

/// Keys at the top of a rule, for telling them apart where a rule of several lines was put on one.
const std::set<std::string>& rule_keys() {
  static const std::set<std::string> all{
      "constant", "subject",  "template",  "datetime",    "study_day", "convert",   "sequence", "last_before",
      "age",      "earliest", "latest",    "epoch",       "choose",    "flag",      "several",  "parent",
      "sql",      "number",   "text",      "test",        "decode",    "lookup",    "concat",   "from",
      "given",    "map",      "unmapped",  "terms",       "else",      "as",        "supp",     "supp_label",
      "formats",  "unknown",  "pivot",     "reference",   "round",     "to",        "factors",  "codelist",
      "key",      "on",       "value",     "unscheduled", "where",     "precision", "by",       "of",
      "result",   "only",     "ties",      "when",        "type",      "label",     "origin",   "comment",
      "method",   "pages",    "match",     "group",       "split",     "part",      "case",     "separator",
      "identity", "stable",   "evaluator", "idvar"};
  return all;
}

/// "convert: A from: B" → one key a line; text in braces, brackets and quotes stays as it is.
std::string one_key_a_line(const std::string& rule) {
  std::string out;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const char c = rule[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"' && i + 1 < rule.size()) out += rule[i++];
      if (rule[i] == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ' ' && depth == 0) {
      const std::size_t colon = rule.find(": ", i);
      if (colon != std::string::npos && rule_keys().count(rule.substr(i + 1, colon - i - 1)) > 0) {
        out += '\n';
        continue;
      }
    }
    out += rule[i];
  }
  return out;
}

/// A rule's keys and their values as text; lists are joined by commas.
class Rule {
 public:
  explicit Rule(const std::string& text) {
    const YamlValue value =
        base::parse_yaml(text.starts_with("{") ? text : one_key_a_line(text), "a rule of the mapping");
    if (!value.is_map()) return;
    for (const auto& [key, one] : value.map().entries()) {
      std::vector<std::string> parts;
      if (one.is_text()) parts.push_back(one.text());
      if (one.is_list()) {
        for (const YamlValue& item : one.list()) {
          if (item.is_text()) parts.push_back(item.text());
        }
      }
      parts_[key] = std::move(parts);
    }
  }

  bool has(const std::string& key) const { return parts_.count(key) > 0; }
  std::string operator()(const std::string& key, const std::string& fallback = "") const {
    const auto at = parts_.find(key);
    return at == parts_.end() || at->second.empty() ? fallback : base::join(at->second, ", ");
  }
  std::string at(const std::string& key, std::size_t place) const {
    const auto found = parts_.find(key);
    return found == parts_.end() || place >= found->second.size() ? "" : found->second[place];
  }

 private:
  std::map<std::string, std::vector<std::string>> parts_;
};

std::string rounded(const Rule& rule) {
  if (!rule.has("round")) return "";
  return ", rounded to " + rule("round") + (rule("round") == "1" ? " decimal" : " decimals");
}

std::string group_of(const Rule& rule) {
  return rule.has("by") ? "each subject and " + rule("by") : "each subject";
}

struct Verb {
  const char* key;
  std::string (*sentence)(const Rule&);
};

/// In the order in which the mapping language looks for verbs (docs/mapping-language.md, "Verbs").
const std::array<Verb, 21> verbs{{
    {"constant", [](const Rule& r) { return "Always " + r("constant") + "."; }},
    {"subject",
     [](const Rule& r) { return "The study's identifier, " + r("subject") + ", joined by hyphens."; }},
    {"template",
     [](const Rule& r) { return "The text " + r("template") + " with values in place of the names."; }},
    {"datetime",
     [](const Rule& r) { return "Date (and time) from " + r("datetime") + " as ISO 8601 text."; }},
    {"study_day",
     [](const Rule& r) {
       return fmt::format(
           "Days from {} to {}; the day itself is 1, the day before it -1. Empty unless both are "
           "complete dates.",
           r("reference", "DM.RFSTDTC"), r("study_day"));
     }},
    {"convert",
     [](const Rule& r) {
       return fmt::format("{} converted from the unit in {} to {} by the factors of the expression{}.",
                          r("convert"), r("from"), r("to", "the standard unit"), rounded(r));
     }},
    {"sequence",
     [](const Rule& r) {
       const bool keys = r("sequence") == "keys";
       return fmt::format("Number of the record within {}, in the order of {}.", group_of(r),
                          keys ? "the dataset's keys" : r("sequence"));
     }},
    {"last_before",
     [](const Rule& r) {
       return fmt::format("Y on the last record with a value of {}, for {}, whose date {} is not after {}.",
                          r("result"), group_of(r), r("of"), r("last_before"));
     }},
    {"age",
     [](const Rule& r) {
       return fmt::format("Complete years from {} to {}.", r.at("age", 0), r.at("age", 1));
     }},
    {"earliest", [](const Rule& r) { return "The subject's first date among " + r("earliest") + "."; }},
    {"latest", [](const Rule& r) { return "The subject's last date among " + r("latest") + "."; }},
    {"epoch",
     [](const Rule& r) { return "EPOCH of the subject's element that " + r("epoch") + " falls into."; }},
    {"choose",
     [](const Rule&) { return std::string("By the first rule of the expression whose condition is true."); }},
    {"flag",
     [](const Rule& r) {
       return fmt::format("Y where {}{}.", r("flag"), r.has("else") ? ", else " + r("else") : "");
     }},
    {"several",
     [](const Rule& r) {
       return fmt::format("The value of {} if one of them has one, {} if several have.", r("several"),
                          r("as"));
     }},
    {"parent",
     [](const Rule& r) { return r("parent") + " of the record made from the same collected row."; }},
    {"number", [](const Rule& r) { return r("number") + " as a number" + rounded(r) + "."; }},
    {"text",
     [](const Rule& r) {
       return fmt::format("{} as text{}.", r("text"),
                          r.has("else") ? "; where it is missing, " + r("else") : "");
     }},
    {"decode", [](const Rule& r) { return r("decode") + " in the words of the list in the expression."; }},
    {"lookup",
     [](const Rule& r) { return fmt::format("{} of {} for {}.", r("value"), r("lookup"), r("key")); }},
    {"concat", [](const Rule& r) { return r("concat") + ", joined."; }},
}};

MethodWords read_rule(const std::string& text, const std::vector<std::string>& inputs) {
  const Rule rule(text);
  MethodWords out{"", text, ""};
  for (const Verb& verb : verbs) {
    // sql stands before number and text in the language, which are modifiers there.
    if (rule.has("sql") && !rule.has("choose") && !rule.has("flag")) break;
    if (!rule.has(verb.key)) continue;
    out.description = verb.sentence(rule);
    break;
  }
  if (out.description.empty() && rule.has("sql")) {
    const std::string from = inputs.empty() ? "" : " from " + base::join(inputs, ", ");
    out = {"Computed" + from + " by the expression.", std::string(base::trim(rule("sql"))), "SQL"};
  }
  if (out.description.empty() && rule.has("from"))
    out.description = "From " + rule("from") + (rule.has("map") ? " by the list in the expression." : ".");
  if (out.description.empty()) out.description = "As the rule of the mapping says.";
  if (rule.has("when")) out.description += " Only where " + rule("when") + ".";
  return out;
}

}  // namespace

MethodWords method_from_rule(const std::string& rule, const std::vector<std::string>& inputs) {
  try {
    return read_rule(rule, inputs);
  } catch (const base::Error&) {  // several lines on one do not always stay YAML
    return {"As the rule of the mapping says.", rule, ""};
  }
}

}  // namespace trialmill::publish
