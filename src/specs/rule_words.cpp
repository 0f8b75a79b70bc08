// Rules in words. Only what has one meaning is taken; the rest stays a TODO with its text.
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/rule_derivations.hpp"
#include "specs/rule_vocabulary.hpp"
#include "specs/yaml_text.hpp"
#include "standards/sdtmig.hpp"

namespace trialmill::specs {
namespace {

/// Names of the standard's variables are no texts: "Set to AETERM".
bool is_variable(const std::string& name, const std::string& dataset) {
  static const standards::SdtmIg& guide = standards::sdtmig("3.4");
  const auto* known = guide.find_dataset(dataset);
  return name.size() > 3 && known != nullptr && known->find(name) != nullptr;
}

/// Set to "AE"; 'AE'; = AE; hardcode as AE; DOMAIN = "AE"; "&studyid".
bool read_constant(SpecVariable& one, const std::string& dataset) {
  static const RE2 quoted(
      R"re((?is)\s*(?:(?:[A-Z]{2}\.)?([A-Z]\w*)\s*=\s*)?(?:(?:set|hard-?\s?coded?|assign(?:ed)?|default(?:ed)?|constant|literal|populate(?:d)?|always)?\s*(?:to|as|with|:|=)?\s*)?(?:"([^"]*)"|'([^']*)')\s*(?:for all (?:records|subjects))?\s*[.;]?\s*)re"),
      bare(
          R"re((?i:set|hard-?\s?coded?|assign(?:ed)?|default(?:ed)?|constant)\s*(?i:to|as|with|:|=)\s*([A-Z0-9][A-Z0-9 /_-]*)[.;]?\s*)re"),
      study(R"re((?i)&?study_?id\.?)re");
  std::string name, twofold, single;
  if (!RE2::FullMatch(one.rule, quoted, &name, &twofold, &single) &&
      !(one.column.empty() && RE2::FullMatch(one.rule, bare, &single)))
    return false;
  if (!name.empty() && base::to_upper(name) != one.variable) return false;  // AEYN = "Y" is a condition
  one.constant = base::trim(twofold.empty() ? single : twofold);
  if (one.constant.empty() || is_variable(one.constant, dataset)) return one.constant.clear(), false;
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
  static const RE2 parts(R"re((?i)[0-9]|\b(?:first|last|part|digits|characters)\b)re");
  if (names.size() < 2 && !RE2::PartialMatch(list, parts)) names = columns_in(one.column);
  if (names.size() < 2 || (separator.empty() && one.variable == "USUBJID")) return false;
  if (one.variable == "USUBJID")
    one.verb = "template: " + scalar("{" + base::join(names, "}" + separator + "{") + "}");
  else
    one.verb = "concat: " + flow_list(names) + ", separator: " + scalar(separator);
  if (separator.empty()) one.also.push_back("no separator is said: " + one.rule);
  return true;
}

/// The kind is clear; a rule that says more stays beside it.
void keep_what_it_adds(SpecVariable& one, const std::set<std::string>& words) {
  one.kind_said = true;
  if (has_only_words(one.rule, words)) one.rule.clear();
}

/// A copy, with or without a codelist; the column may stand in the rule alone.
bool read_copy(SpecVariable& one, const std::string& dataset) {
  static const RE2 copy(
      R"re((?is)\s*(?:direct(?:ly)?(?: (?:copy|move|map(?:ping|ped)?|assign(?:ment)?|carry))?|copy|copied|move|moved|as[- ]is|as collected|verbatim|same as (?:source|raw)|carr(?:y|ied) (?:over|forward)|one[- ]to[- ]one|1:1|1-1|rename)\b.*)re"),
      equals(
          R"re((?is)\s*(?:(?:=|equals?(?: to)?|set(?: equal)? to|map(?:ped)? (?:directly )?(?:from|to)|copy (?:of|from)?|taken from|from|assign(?:ed)? (?:from|to))\s+)?((?:[A-Za-z_]\w*\.){0,2}[A-Za-z_]\w*)\s*[.;]?\s*)re"),
      codelist(
          R"re((?is)\s*(?:(?:map|decode|convert|recode|apply|use|using|translate|standardi[sz]e|assign)\w*\b.*)?\b(?:codelist|controlled terminology|controlled terms?|CT|terminology)\b.*)re"),
      code(R"re(\b(C[0-9]{4,6})\b)re"),
      named(R"re(\(([A-Z][A-Z0-9]+)\)|(?i:codelist)\s+([A-Z][A-Z0-9]+)\b)re"),
      upper(R"re((?is).*\b(?:upper[- ]?cased?|in uppercase|capital letters)\b.*)re"),
      to_terms(R"re((?i)\b(?:CT|codelist|terminology|terms?)\b)re"),
      but(R"re((?i)\b(?:if|when|where|unless|else|otherwise|only|except|first|last|max|min|before|after|then)\b)re"),
      shape(R"re((?:[A-Za-z_]\w*\.){0,2}[A-Z_][A-Z0-9_]+)re");
  std::string word, other;
  // A codelist does not mind the case.
  if (!one.column.empty() && !one.codelist.empty() && RE2::FullMatch(one.rule, upper) &&
      RE2::PartialMatch(one.rule, to_terms) && has_only_words(one.rule, codelist_words()))
    return one.rule_type = "codelist", one.rule.clear(), true;
  if (RE2::FullMatch(one.rule, codelist) && !RE2::PartialMatch(one.rule, but)) {
    if (one.codelist.empty() && !RE2::PartialMatch(one.rule, code, &one.codelist) &&
        RE2::PartialMatch(one.rule, named, &word, &other))
      one.codelist = word.empty() ? other : word;
    if (one.column.empty() || one.codelist.empty()) return false;
    one.rule_type = "codelist";
    keep_what_it_adds(one, codelist_words());
    return true;
  }
  if (!one.column.empty() && columns_in(one.column).size() == 1 && RE2::FullMatch(one.rule, upper) &&
      !RE2::PartialMatch(one.rule, but) &&
      (!one.codelist.empty() || one.rule.find("odelist") == std::string::npos) && one.rule.size() < 80) {
    one.verb = "from: " + scalar(columns_in(one.column)[0]) + ", case: upper" +
               (one.codelist.empty() ? "" : ", terms: " + scalar(one.codelist));
    return true;
  }
  if (!one.column.empty() && RE2::FullMatch(one.rule, copy) && !RE2::PartialMatch(one.rule, but)) {
    if (one.codelist.empty()) one.rule_type = "copy";
    keep_what_it_adds(one, copy_words());
    return true;
  }
  if (RE2::FullMatch(one.rule, equals, &word) && RE2::FullMatch(word, shape) && word.size() > 2) {
    const auto columns = columns_in(one.column);
    const auto names = columns_in(word);
    // A word alone (USA) may be a text.
    const bool alone =
        word == base::trim(one.rule) && word.find('.') == std::string::npos && !is_variable(word, dataset);
    if (columns.empty() && names.size() == 1 && !alone) {
      // DM.RFSTDTC is a variable of another dataset; RAW.AE.AETERM and AE.AETERM are columns.
      static const RE2 of_dataset("DM\\.[A-Z]+|SDTM\\.[A-Z]{2,4}\\.[A-Z]+");
      one.column = names[0];
      if (RE2::FullMatch(word, of_dataset))
        one.verb = "from: " + (word.starts_with("SDTM.") ? word.substr(5) : word);
      one.rule.clear();
      return true;
    }
    if (columns.size() == 1 && names == columns) return one.rule.clear(), true;
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
      (read_constant(one, dataset) || read_extreme(one, dataset) || read_same(one, dataset) ||
       read_sas_rule(one) || read_concat(one) || read_pairs(one)))
    return;
  if (!one.rule.empty() && !one.column.empty() && read_copy(one, dataset)) return;
  if ((one.column.empty() || !one.rule.empty()) && read_study_day(one, dataset)) return;
  if (one.rule.empty()) {
    if (one.variable == "EPOCH" && one.column.empty()) one.rule_type = "epoch";
    if (one.variable == "STUDYID" && one.column.empty())
      one.rule_type = "constant", one.constant = "${study}";
    return;
  }
  if (const std::string choice = choose_of(one.rule, columns_in(one.column)); !choice.empty()) {
    one.verb = choice;
    return;
  }
  if (one.proposal.empty()) one.proposal = checked_proposal(one.rule, one.column);
  if (!read_usual(one)) read_copy(one, dataset);
}

}  // namespace trialmill::specs
