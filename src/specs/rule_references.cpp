// Rules that name another variable of the dataset, or the dates of the raw data.
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/rule_derivations.hpp"
#include "specs/rule_vocabulary.hpp"
#include "specs/verb.hpp"
#include "specs/yaml_text.hpp"
#include "standards/sdtmig.hpp"

namespace trialmill::specs {
namespace {

/// A variable that the guide or its model has for the dataset.
bool is_variable_of(const std::string& name, const std::string& dataset) {
  static const standards::SdtmIg& guide = standards::sdtmig("3.4");
  return !guide.label_of(dataset, name).empty();
}

/// The formats that the rule names, DD-MON-YYYY or (MM/DD/YYYY), go from the rule to the line.
void take_formats(SpecVariable& one) {
  static const RE2 format(
      R"re((?i)\(?\b((?:DD?|MMM?|MON|YYYY)[-/. ]?(?:DD?|MMM?|MON|YYYY)[-/. ]?(?:DD?|MMM?|MON|YYYY))\b\)?)re");
  std::string found;
  if (!one.format.empty() || !RE2::PartialMatch(one.rule, format, &found)) return;
  if (date_format(found).empty() && !is_iso_format(found)) return;
  one.format = found;
  RE2::Replace(&one.rule, format, " ");
}

/// Combine AESTDAT and AESTTIM in ISO 8601 format: the names in the sentence.
std::string dates_named(const SpecVariable& one) {
  static const RE2 part(R"re(\b([A-Z][A-Z0-9_]*(?:DAT|TIM|DT|TM|DATE|TIME)[A-Z]?)\b)re");
  re2::StringPiece rest(one.rule);
  std::vector<std::string> names;
  for (std::string found; RE2::FindAndConsume(&rest, part, &found);) {
    if (std::ranges::find(names, found) == names.end() && found != one.variable) names.push_back(found);
  }
  return names.size() == 1 || names.size() == 2 ? base::join(names, ",") : "";
}

}  // namespace

bool read_same(SpecVariable& one, const std::string& dataset) {
  static const RE2 same(
      R"re((?:(?i:same (?:value )?as|equals?(?: to)?|set(?: equal)? to|copy of|copied from)|=)\s*(?:([A-Z]{2})\.)?([A-Z][A-Z0-9]+)\s*[.;]?)re"),
      numeric(
          R"re((?i:numeric (?:version|value|equivalent|form) of\s+)?([A-Z][A-Z0-9]+)(?i:,? (?:as|converted to) (?:a )?num(?:eric|ber))?[.;]?)re");
  std::string prefix, name, rule = one.rule;
  const auto columns = columns_in(one.column);
  // RFXSTDTC = RFSTDTC
  static const RE2 itself(R"re(\s*([A-Z][A-Z0-9]+)\s*(=.*))re");
  std::string target, rest;
  if (RE2::FullMatch(rule, itself, &target, &rest) && target == one.variable) rule = rest;
  const auto usable = [&] {
    return name != one.variable && is_variable_of(name, dataset) && (prefix.empty() || prefix == dataset) &&
           std::ranges::find(columns, name) == columns.end();
  };
  if (RE2::FullMatch(rule, same, &prefix, &name) && usable()) one.verb = "from: " + name;
  // A name alone says nothing of numbers.
  if (one.rule.find(' ') != std::string::npos && one.verb.empty() &&
      RE2::FullMatch(one.rule, numeric, &name) && usable())
    one.verb = "number: " + name;
  if (!one.verb.empty()) one.source.clear();  // it comes from the dataset itself
  return !one.verb.empty();
}

bool read_date(SpecVariable& one) {
  static const RE2 date(R"re((?i)\biso ?-?8601\b)re");
  if (!RE2::PartialMatch(one.rule, date)) return false;
  const std::string whole = one.rule;
  one.rule_type = "datetime";
  take_formats(one);
  if (one.column.empty()) one.column = dates_named(one);
  // Anything else that the rule says (the earliest, only where, if missing …) is left to a person.
  if (!one.column.empty() && has_only_words(one.rule, date_words()))
    one.rule.clear();
  else
    one.rule = whole;
  return true;
}

}  // namespace trialmill::specs
