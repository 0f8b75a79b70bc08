// Raw values and their terms: 1 = MILD, 2 = MODERATE; "Yes" -> Y.
#include <re2/re2.h>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/rule_derivations.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

/// "No/N": each of them is meant, or the whole.
std::vector<std::string> raw_values(const std::string& text) {
  static const RE2 several("[A-Za-z]{1,12}(?:/[A-Za-z]{1,12})+");
  std::vector<std::string> all;
  if (RE2::FullMatch(text, several)) all = base::split(text, '/');
  all.push_back(text);
  return all;
}

/// "Map via codelist: 1 -> M, 2 -> F (codelist SEX)" without what stands around the pairs.
std::string bare_pairs(SpecVariable& one) {
  static const RE2 codelist(R"re((?i)\s*\(\s*codelist\s+([A-Z][A-Z0-9]*)\s*\)\s*\.?\s*$)re"),
      said(
          R"re((?i)^\s*(?:[a-z]+ ){0,3}(?:map|maps|mapping|recode|decode|convert|lookup|look-up|values?|codes?|where)\s*:\s+)re"),
      lead(R"re((?i)^\s*(?:map|recode|decode|convert|values?|where)\s+)re");
  std::string rest = one.rule, name;
  if (RE2::PartialMatch(rest, codelist, &name)) {
    RE2::Replace(&rest, codelist, "");
    if (one.codelist.empty()) one.codelist = name;
  }
  if (!RE2::Replace(&rest, said, "")) RE2::Replace(&rest, lead, "");
  return rest;
}

/// "A = B" may be meant either way; a number for a word, or a word for a number where the variable is one,
/// may not, nor an arrow.
bool is_sure(const std::string& variable, const std::string& raw, const std::string& sign,
             const std::string& value) {
  static const RE2 number("[0-9.]+"), term("[A-Z][A-Z /-]*"), odd("[()\\[\\]:]");
  if (RE2::PartialMatch(raw, odd) || RE2::PartialMatch(value, odd)) return false;
  const bool of_number =
      variable.ends_with("NUM") && RE2::FullMatch(value, number) && !RE2::FullMatch(raw, number);
  return sign != "=" || of_number || (RE2::FullMatch(raw, number) && RE2::FullMatch(value, term));
}

}  // namespace

bool read_pairs(SpecVariable& one) {
  static const RE2 pair(R"re(\s*['"]?([^'"=>]+?)['"]?\s*(=|->|=>|→)\s*['"]?([^'"=>]+?)['"]?\s*\.?\s*)re");
  if (columns_in(one.column).size() != 1) return false;
  SpecVariable tried = one;
  const std::string rest = bare_pairs(tried);
  std::vector<std::string> pairs;
  for (const auto& part :
       base::split(base::replace_all(base::replace_all(rest, ";", "\n"), ",", "\n"), '\n')) {
    if (base::trim(part).empty()) continue;
    std::string raw, sign, value;
    if (!RE2::FullMatch(part, pair, &raw, &sign, &value) || !is_sure(one.variable, raw, sign, value))
      return false;
    for (const auto& key : raw_values(raw)) pairs.push_back(scalar(key) + ": " + scalar(value));
  }
  if (pairs.size() < 2) return false;
  one.codelist = tried.codelist;
  one.verb = "from: " + scalar(columns_in(one.column)[0]) + ", map: {" + base::join(pairs, ", ") + "}";
  return true;
}

}  // namespace trialmill::specs
