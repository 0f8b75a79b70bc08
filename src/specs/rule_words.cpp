// Rules in words. Only what has one meaning is taken; the rest stays a TODO with its text.
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

/// Set to "AE"; 'AE'; = AE; hardcode as AE; DOMAIN = "AE"; "&studyid".
bool read_constant(SpecVariable& one) {
  static const RE2 quoted(
      R"re((?is)\s*(?:[A-Z]\w*\s*=\s*)?(?:(?:set|hard-?\s?coded?|assign(?:ed)?|default(?:ed)?|constant|populate(?:d)?|always)?\s*(?:to|as|with|:|=)?\s*)?(?:"([^"]*)"|'([^']*)')\s*(?:for all (?:records|subjects))?\s*[.;]?\s*)re"),
      bare(
          R"re((?i:set|hard-?\s?coded?|assign(?:ed)?|default(?:ed)?|constant)\s*(?i:to|as|with|:|=)\s*([A-Z0-9][A-Z0-9 /_-]*)[.;]?\s*)re"),
      study(R"re((?i)&?study_?id\.?)re");
  std::string twofold, single;
  if (!RE2::FullMatch(one.rule, quoted, &twofold, &single) &&
      !(one.column.empty() && RE2::FullMatch(one.rule, bare, &single)))
    return false;
  one.constant = base::trim(twofold.empty() ? single : twofold);
  if (one.constant.empty()) return false;
  if (one.variable == "STUDYID" && RE2::FullMatch(one.constant, study)) one.constant = "${study}";
  one.rule_type = "constant";
  return true;
}

/// Concatenate STUDYID, SITEID and SUBJECT with '-'; STUDYID-SITEID-SUBJID; A || B.
bool read_concat(SpecVariable& one) {
  static const RE2 said(
      R"re((?is)\s*(?:concat(?:enate|enation of|enated from|enating)?|combine|combination of|join)\s*(?:of\s+)?\(?(.*?)\)?\s*(?:(?:separated|delimited|joined|connected)?\s*(?:by|with|using)(?: an?)?\s*(?:['"]([^'"]*)['"]|(dash|hyphen|space|blank|underscore|comma)(?:es|s)?)(?:\s*as (?:a )?(?:separator|delimiter))?)?\s*\.?\s*)re"),
      names_only(R"re([A-Z][A-Z0-9_.]*(?:\s*-\s*[A-Z][A-Z0-9_.]*){1,4})re"),
      quoted(R"re(['"]([^'"]*)['"])re");
  static const RE2 iso("(?i)iso ?-?8601");
  if (one.variable.ends_with("DTC") || RE2::PartialMatch(one.rule, iso)) return false;
  std::string list, separator, word;
  if (RE2::FullMatch(one.rule, said, &list, &separator, &word)) {
    if (word == "dash" || word == "hyphen") separator = "-";
    if (word == "underscore") separator = "_";
    if (word == "comma") separator = ",";
    if (word == "space" || word == "blank") separator = " ";
    std::string inside;  // STUDYID, '-', SITEID
    if (separator.empty() && RE2::PartialMatch(list, quoted, &inside)) separator = inside;
    RE2::GlobalReplace(&list, quoted, " ");
  } else if (one.variable == "USUBJID" && RE2::FullMatch(one.rule, names_only)) {
    list = base::replace_all(one.rule, "-", ",");
    separator = "-";
  } else {
    return false;
  }
  auto names = columns_in(list);
  if (names.size() < 2) names = columns_in(one.column);
  if (names.size() < 2 || (separator.empty() && one.variable == "USUBJID")) return false;
  if (one.variable == "USUBJID")
    one.verb = "template: " + scalar("{" + base::join(names, "}" + separator + "{") + "}");
  else
    one.verb = "concat: " + flow_list(names) + ", separator: " + scalar(separator);
  return true;
}

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
      R"re((?is).*\b(?:sort(?:ed)?|order(?:ed)?)(?: the)?(?: (?:data|records|dataset))? by\s+([A-Z0-9_, ]+).*)re");
  one.rule_type = "sequence";
  std::string list;
  if (!RE2::FullMatch(one.rule, order, &list)) return;
  static const RE2 name("[A-Z][A-Z0-9_]{2,7}");
  std::vector<std::string> names;
  for (const auto& part : base::split(base::replace_all(list, ",", " "), ' ')) {
    if (part.empty() || part == "STUDYID" || part == "USUBJID" || part == "DOMAIN") continue;
    if (!RE2::FullMatch(part, name)) break;
    names.push_back(part);
  }
  if (!names.empty()) one.verb = "sequence: " + flow_list(names);
}

/// A copy, with or without a codelist; the column may stand in the rule alone.
bool read_copy(SpecVariable& one) {
  static const RE2 copy(
      R"re((?is)\s*(?:direct(?:ly)?(?: (?:copy|move|map(?:ping|ped)?|assign(?:ment)?|carry))?|copy|copied|move|moved|as[- ]is|as collected|same as (?:source|raw)|carr(?:y|ied) (?:over|forward)|one[- ]to[- ]one|1:1|1-1|rename)\b.*)re"),
      equals(
          R"re((?is)\s*(?:(?:=|equals?(?: to)?|set(?: equal)? to|map(?:ped)? (?:directly )?(?:from|to)|copy (?:of|from)?|taken from|from|assign(?:ed)? (?:from|to))\s+)?((?:[A-Za-z_]\w*\.){0,2}[A-Za-z_]\w*)\s*[.;]?\s*)re"),
      codelist(
          R"re((?is)\s*(?:(?:map|decode|convert|recode|apply|use|using|translate|standardi[sz]e|assign)\w*\b.*)?\b(?:codelist|controlled terminology|controlled terms?|CT|terminology)\b.*)re"),
      code(R"re(\b(C[0-9]{4,6})\b)re"),
      named(R"re(\(([A-Z][A-Z0-9]+)\)|(?i:codelist)\s+([A-Z][A-Z0-9]+)\b)re"),
      upper(R"re((?is).*\b(?:upper ?case|in uppercase|capital letters)\b.*)re"),
      but(R"re((?i)\b(?:if|when|where|unless|else|otherwise|only|except|first|last|max|min|before|after|then)\b)re"),
      shape(R"re((?:[A-Za-z_]\w*\.){0,2}[A-Z_][A-Z0-9_]+)re");
  std::string word, other;
  if (RE2::FullMatch(one.rule, codelist) && !RE2::PartialMatch(one.rule, but)) {
    if (one.codelist.empty() && !RE2::PartialMatch(one.rule, code, &one.codelist) &&
        RE2::PartialMatch(one.rule, named, &word, &other))
      one.codelist = word.empty() ? other : word;
    if (one.column.empty() || one.codelist.empty()) return false;
    one.rule_type = "codelist";
    one.rule.clear();
    return true;
  }
  if (!one.column.empty() && columns_in(one.column).size() == 1 && RE2::FullMatch(one.rule, upper) &&
      one.rule.size() < 80) {
    one.verb = "from: " + scalar(columns_in(one.column)[0]) + ", case: upper" +
               (one.codelist.empty() ? "" : ", terms: " + scalar(one.codelist));
    return true;
  }
  if (!one.column.empty() && RE2::FullMatch(one.rule, copy) && !RE2::PartialMatch(one.rule, but)) {
    if (one.codelist.empty()) one.rule_type = "copy";
    one.rule.clear();
    return true;
  }
  if (RE2::FullMatch(one.rule, equals, &word) && RE2::FullMatch(word, shape) && word.size() > 2) {
    const auto columns = columns_in(one.column);
    const auto names = columns_in(word);
    if (columns.empty() && names.size() == 1) {
      // DM.RFSTDTC is a variable of another dataset; RAW.AE.AETERM and AE.AETERM are columns.
      static const RE2 dataset("DM\\.[A-Z]+|SDTM\\.[A-Z]{2,4}\\.[A-Z]+");
      one.column = names[0];
      if (RE2::FullMatch(word, dataset))
        one.verb = "from: " + (word.starts_with("SDTM.") ? word.substr(5) : word);
      one.rule.clear();
      return true;
    }
    if (columns.size() == 1 && names == columns) return one.rule.clear(), true;
  }
  return false;
}

/// Earliest EX.EXSTDTC; min(EXENDTC): a date of another dataset.
bool read_extreme(SpecVariable& one, const std::string& dataset) {
  static const RE2 words(
      R"re((?i:(?:the )?(?:date of )?(earliest|first|min(?:imum)?|latest|last|max(?:imum)?)(?: value| date)?(?: of)?)\s*\(?\s*(?:(?i:SDTM\.)?([A-Z]{2})\.)?(([A-Z]{2})(?:ST|EN)?DTC)\s*\)?\s*(?i:(?:for|per|by|within|of)? ?(?:each |the )?(?:subject|USUBJID))?[.;]?)re");
  std::string which, other, name, prefix;
  if (!one.variable.ends_with("DTC") || !RE2::FullMatch(one.rule, words, &which, &other, &name, &prefix))
    return false;
  if (other.empty()) other = prefix;
  if (other == dataset) return false;
  const bool least = base::to_lower(which).starts_with("mi") || base::to_lower(which) == "earliest" ||
                     base::to_lower(which) == "first";
  one.verb = std::string(least ? "earliest" : "latest") + ": [" + other + "." + name + "]";
  return true;
}

/// Other derivations that are the same everywhere.
bool read_usual(SpecVariable& one) {
  static const RE2 date(R"re((?i)\biso ?-?8601\b)re"),
      baseline(R"re((?is).*\blast\b.*\b(?:before|prior to|on or before)\b.*)re"),
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
  if (RE2::PartialMatch(one.rule, date)) {
    one.rule_type = "datetime";
    if (!one.column.empty()) return one.rule.clear(), true;
    // The names in the sentence: Combine AESTDAT and AESTTIM in ISO 8601 format.
    static const RE2 part(R"re(\b([A-Z][A-Z0-9_]*(?:DAT|TIM|DT|TM|DATE|TIME)[A-Z]?)\b)re");
    re2::StringPiece rest(one.rule);
    std::vector<std::string> names;
    for (std::string found; RE2::FindAndConsume(&rest, part, &found);) {
      if (std::ranges::find(names, found) == names.end() && found != name) names.push_back(found);
    }
    if (names.size() == 1 || names.size() == 2) one.column = base::join(names, ","), one.rule.clear();
    return true;
  }
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

}  // namespace

void read_rule_words(SpecVariable& one, const std::string& dataset) {
  if (one.rule.size() > 4000) return;
  static const RE2 lead(R"re((?is)\s*(?:derived|derivation|assigned|collected|crf|note)\s*:\s*(.+))re");
  std::string rest;
  if (RE2::FullMatch(one.rule, lead, &rest)) one.rule = rest;
  const std::string sequence = dataset.substr(0, 2) + "SEQ";
  if (one.variable == sequence && one.column.empty()) return read_sequence(one);
  if (!one.rule.empty() &&
      (read_constant(one) || read_extreme(one, dataset) || read_sas_rule(one) || read_concat(one)))
    return;
  if (!one.rule.empty() && !one.column.empty() && read_copy(one)) return;
  if ((one.column.empty() || !one.rule.empty()) && read_study_day(one, dataset)) return;
  if (one.rule.empty()) {
    if (one.variable == "EPOCH" && one.column.empty()) one.rule_type = "epoch";
    if (one.variable == "STUDYID" && one.column.empty())
      one.rule_type = "constant", one.constant = "${study}";
    return;
  }
  if (const std::string choice = choose_of(one.rule); !choice.empty()) {
    one.verb = choice;
    return;
  }
  if (one.proposal.empty()) one.proposal = checked_proposal(one.rule, one.column);
  if (!read_usual(one)) read_copy(one);
}

}  // namespace trialmill::specs
