#include "transform/method_text.hpp"

#include <functional>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace trialmill::transform {

using base::YamlValue;

namespace {

using Words = std::vector<std::string>;

/// A rule's entries as plain text. Looking here does not make keys known: that is the compiler's business.
class Rule {
 public:
  explicit Rule(const YAML::Node& node) : node_(node) {}

  bool has(const char* key) const { return node_.IsMap() && node_[key].IsDefined(); }
  /// A text, or the texts of a list with commas.
  std::string operator[](const char* key) const {
    return has(key) ? base::join(words(node_[key]), ", ") : std::string();
  }
  Words list(const char* key) const { return has(key) ? words(node_[key]) : Words{}; }
  YAML::Node node(const char* key) const { return node_[key]; }

 private:
  static Words words(const YAML::Node& node) {
    Words out;
    if (node.IsScalar()) out.push_back(node.Scalar());
    if (node.IsSequence()) {
      for (const auto& one : node) out.push_back(one.IsScalar() ? one.Scalar() : "");
    }
    return out;
  }

  const YAML::Node node_;
};

std::string on_one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : c;
  }
  return std::string(base::trim(out));
}

std::string rounding(const Rule& rule) {
  return rule.has("round") ? ", rounded to " + rule["round"] +
                                 (rule["round"] == "1" ? " decimal" : " decimals") + ", half away from zero"
                           : "";
}

std::string list_of(const Words& words) {
  if (words.size() < 2) return base::join(words, "");
  return base::join({words.begin(), words.end() - 1}, ", ") + " and " + words.back();
}

std::string study_day(const Rule& rule) {
  const std::string from = rule.has("reference") ? rule["reference"] : "DM.RFSTDTC";
  return "Days from " + from + " to " + rule["study_day"] +
         ": the day itself is 1, the day before it -1, none is 0. Missing unless both are complete dates.";
}

std::string convert(const Rule& rule) {
  const std::string how = rule.has("units") ? " to the unit that " + rule["units"] + " gives for it"
                                            : " to " + rule["to"] + " by the factors listed";
  return rule["convert"] + ", converted from the unit in " + rule["from"] + how + rounding(rule) + ".";
}

std::string sequence(const Rule& rule) {
  const std::string within = rule.has("by") ? list_of(rule.list("by")) : "USUBJID";
  const bool keys = rule["sequence"] == "keys";
  return "Numbers the records within " + within + " in the order of " +
         (keys ? "the keys of the dataset" : list_of(rule.list("sequence"))) +
         (rule["stable"] == "false" ? "." : "; a record keeps its number in later releases.");
}

std::string last_before(const Rule& rule) {
  std::string text = "Y on the last record";
  if (rule.has("result")) text += " with a value in " + rule["result"];
  text += " whose " + rule["of"] + " is not after " + rule["last_before"] + ", for each subject";
  if (rule.has("by")) text += " and " + list_of(rule.list("by"));
  if (rule.has("only")) text += ", among records with " + rule["only"];
  const std::string ties = rule["ties"];
  return text + (ties == "all"     ? "; all records of that date."
                 : ties == "first" ? "; of ties the first."
                                   : ".");
}

std::string extreme(const Rule& rule, const char* verb, const char* word) {
  std::string text = std::string(word) + " of the subject's dates in " + list_of(rule.list(verb));
  if (rule.has("where")) text += " where " + rule["where"];
  text += ".";
  return std::string(verb) == "earliest" ? text + " A partial date is not before the days that it may be."
                                         : text;
}

std::string lookup(const Rule& rule) {
  std::string text = rule["value"] + " of the line of " + rule["lookup"];
  if (rule.has("between"))
    return text + " between whose " + list_of(rule.list("between")) + " lies " + rule["key"] + ".";
  text += " whose " + (rule.has("on") ? rule["on"] : rule["key"]) + " equals " + rule["key"] + ".";
  if (rule.has("unscheduled")) text += " Unscheduled visits have the number in their name.";
  return text;
}

std::string datetime(const Rule& rule) {
  return "ISO 8601 of " + list_of(rule.list("datetime")) + ", as far as it is known.";
}

std::string choose(const Rule& rule);

std::string decode(const Rule& rule) {
  return "The term for " + rule["decode"] + " by " +
         (rule.has("codelist") ? "the list " + rule["codelist"] : std::string("the list of the mapping")) +
         ".";
}

std::string copied(const Rule& rule) {
  const Words from = rule.list("from");
  std::string text = from.size() > 1 ? "The first of " + list_of(from) + " that is not missing"
                                     : "Taken from " + rule["from"];
  if (rule.has("terms")) text += ", as the term of codelist " + rule["terms"];
  if (rule.has("map")) text += ", as the term that the mapping gives";
  return text + ".";
}

/// The first verb of the rule that says something.
std::string sentence(const Rule& rule) {
  using Teller = std::function<std::string(const Rule&)>;
  static const std::vector<std::pair<const char*, Teller>> tellers{
      {"study_day", study_day},
      {"convert", convert},
      {"sequence", sequence},
      {"last_before", last_before},
      {"age", [](const Rule& r) { return "Complete years from " + list_of(r.list("age")) + "."; }},
      {"earliest", [](const Rule& r) { return extreme(r, "earliest", "The first"); }},
      {"latest", [](const Rule& r) { return extreme(r, "latest", "The last"); }},
      {"epoch",
       [](const Rule& r) {
         return "EPOCH of the subject's element (SE) that had begun last on " + r["epoch"] +
                " and had not ended.";
       }},
      {"choose", choose},
      {"flag",
       [](const Rule& r) {
         return "Y where " + r["flag"] + (r.has("else") ? ", " + r["else"] + " elsewhere." : ".");
       }},
      {"several",
       [](const Rule& r) {
         return "The value of " + list_of(r.list("several")) + " if one has a value, " +
                (r.has("as") ? r["as"] : "MULTIPLE") + " if several have.";
       }},
      {"parent",
       [](const Rule& r) { return r["parent"] + " of the record that comes from the same raw row."; }},
      {"number", [](const Rule& r) { return r["number"] + " as a number" + rounding(r) + "."; }},
      {"text",
       [](const Rule& r) {
         return r["text"] + " as text" +
                (r.has("else") ? ", or " + r["else"] + " where it is missing." : ".");
       }},
      {"lookup", lookup},
      {"decode", decode},
      {"datetime", datetime},
      {"concat", [](const Rule& r) { return list_of(r.list("concat")) + ", joined."; }},
      {"template", [](const Rule& r) { return "Put together as " + r["template"] + "."; }},
      {"constant", [](const Rule& r) { return "'" + r["constant"] + "'."; }},
      {"sql", [](const Rule& r) { return "By the expression " + on_one_line(r["sql"]) + "."; }},
      {"from", copied}};
  for (const auto& [verb, tell] : tellers) {
    if (!rule.has(verb)) continue;
    return tell(rule) + (rule.has("when") ? " Only where " + rule["when"] + "." : "");
  }
  return "";
}

/// Each case on its own: what is taken, and when.
std::string choose(const Rule& rule) {
  std::string text;
  const YAML::Node list = rule.node("choose");
  for (std::size_t i = 0; i < list.size(); ++i) {
    YAML::Node one = YAML::Clone(list[i]);
    if (!one.IsMap()) continue;
    const std::string when = one["when"].IsDefined() && one["when"].IsScalar() ? one["when"].Scalar() : "";
    one.remove("when");
    const std::string what = sentence(Rule(one));
    text += (text.empty() ? "" : " ") + (when.empty() ? "Otherwise: " : "If " + when + ": ") + what;
  }
  return text;
}

}  // namespace

std::string method_text(const YamlValue& rule) {
  if (rule.is_text()) return "Taken from " + rule.text() + ".";
  return sentence(Rule(rule.node()));
}

}  // namespace trialmill::transform
