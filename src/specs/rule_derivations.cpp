#include "specs/rule_derivations.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {

/// AESTDTC - RFSTDTC + 1, however it is put.
bool read_study_day(SpecVariable& one, const std::string& dataset) {
  const std::string prefix = dataset.substr(0, 2);
  if (one.variable != prefix + "DY" && one.variable != prefix + "STDY" && one.variable != prefix + "ENDY")
    return false;
  const std::string date = one.variable.substr(0, one.variable.size() - 2) + "DTC",
                    rule = base::to_upper(one.rule);
  for (const char* reference : {"RFXSTDTC", "RFSTDTC"}) {
    if (rule.find(reference) == std::string::npos ||
        (rule.find(date) == std::string::npos && rule.find("--DTC") == std::string::npos))
      continue;
    one.verb = "study_day: " + date +
               (reference == std::string("RFSTDTC") ? "" : std::string(", reference: DM.") + reference);
    return true;
  }
  one.rule_type = "study_day";
  return true;
}

/// Sort by AESTDTC, AETERM: the order of the numbers.
void read_sequence(SpecVariable& one) {
  static const RE2 order(
      R"re((?is).*\b(?:sort(?:ed)?|order(?:ed)?)(?: the)?(?: (?:data|records|dataset))? by\s+((?:[A-Z0-9_, ]|(?-i:then|and|&)\s)*).*)re");
  one.rule_type = "sequence";
  std::string list;
  if (!RE2::FullMatch(one.rule, order, &list)) return;
  static const RE2 name("[A-Z][A-Z0-9_]{2,7}");
  std::vector<std::string> names;
  for (const auto& part : base::split(base::replace_all(list, ",", " "), ' ')) {
    if (part.empty() || part == "then" || part == "and" || part == "&" || part == "STUDYID" ||
        part == "USUBJID" || part == "DOMAIN")
      continue;
    if (!RE2::FullMatch(part, name)) break;
    names.push_back(part);
  }
  if (!names.empty())
    one.verb = "sequence: " + flow_list(names);
  else
    one.also.push_back("the rule says: " + one.rule);
}

/// Earliest EX.EXSTDTC; min(EXENDTC): a date of another dataset.
bool read_extreme(SpecVariable& one, const std::string& dataset) {
  static const RE2 words(
      R"re((?i:(?:the )?(?:date of )?(earliest|first|min(?:imum)?|latest|last|max(?:imum)?)(?: value| date)?(?: of)?)\s*\(?\s*(?:(?i:SDTM\.)?([A-Z]{2})\.)?(([A-Z]{2})(?:ST|EN)?DTC)\s*\)?\s*(?i:(?:for|per|by|within|of)? ?(?:each |the )?(?:subject|USUBJID))?\s*(?:= *[a-z ]+|\([^()]*\))?[.;]?)re");
  std::string which, other, name, prefix;
  if (!one.variable.ends_with("DTC") || !RE2::FullMatch(one.rule, words, &which, &other, &name, &prefix))
    return false;
  if (other.empty()) other = prefix;
  if (other == dataset) return false;
  const bool least = base::to_lower(which).starts_with("mi") || base::to_lower(which) == "earliest" ||
                     base::to_lower(which) == "first";
  one.verb = std::string(least ? "earliest" : "latest") + ": [" + other + "." + name + "]";
  one.source.clear();  // it comes from the other dataset
  return true;
}

/// Other derivations that are the same everywhere.
bool read_usual(SpecVariable& one) {
  static const RE2 baseline(R"re((?is).*\blast\b.*\b(?:before|prior to|on or before)\b.*)re"),
      number(
          R"re((?is)\s*(?:numeric (?:version|value|equivalent|form)(?: of)?|convert(?:ed)? to numeric)\b.*)re"),
      years(R"re(([A-Z]+DTC)[^A-Z]+([A-Z]+DTC))re");
  const std::string& name = one.variable;
  if (name == "EPOCH" && one.column.empty()) return one.rule_type = "epoch", true;
  if ((name.ends_with("BLFL") || name.ends_with("LOBXFL")) && RE2::FullMatch(one.rule, baseline)) {
    static const RE2 first("(?i)first (?:dose|study|treatment|exposure)|RFXSTDTC");
    one.rule_type = "baseline";
    if (RE2::PartialMatch(one.rule, first)) one.rule.clear();
    return true;
  }
  if (read_date(one)) return true;
  if (RE2::FullMatch(one.rule, number) && columns_in(one.column).size() == 1)
    return one.verb = "number: " + scalar(columns_in(one.column)[0]), true;
  std::string later, earlier;
  if (name == "AGE" && RE2::PartialMatch(base::to_upper(one.rule), years, &later, &earlier) &&
      earlier == "BRTHDTC") {
    if (one.rule.find("365") != std::string::npos)
      one.also.push_back("complete years are counted; the rule says: " + one.rule);
    return one.verb = "age: [BRTHDTC, " + later + "]", true;
  }
  return false;
}

}  // namespace trialmill::specs
