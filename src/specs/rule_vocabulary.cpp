#include "specs/rule_vocabulary.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace trialmill::specs {
namespace {

using Words = std::set<std::string>;

/// Every kind of rule may have them.
const Words& filling() {
  static const Words words{
      "a",    "an",   "the",     "of",    "to",      "in",        "into",     "from",     "by",
      "as",   "is",   "and",     "raw",   "source",  "data",      "value",    "values",   "variable",
      "crf",  "ecrf", "edc",     "field", "column",  "item",      "its",      "it",       "text",
      "sdtm", "form", "with",    "via",   "using",   "use",       "set",      "map",      "mapped",
      "maps", "trim", "trimmed", "strip", "dataset", "collected", "reported", "character"};
  return words;
}

bool is_name(const std::string& token) {
  static const Words never{"IF",  "WHEN", "WHERE", "ELSE",  "THEN",     "FIRST",  "LAST",   "MIN",
                           "MAX", "ONLY", "NOT",   "OTHER", "EARLIEST", "LATEST", "UNLESS", "MISSING"};
  return token.size() > 2 && never.count(token) == 0 &&
         std::ranges::none_of(token, [](unsigned char c) { return std::islower(c); });
}

}  // namespace

bool has_only_words(const std::string& rule, const Words& words) {
  static const RE2 brackets(R"re(\([^()]*\)|\[[^\[\]]*\])re"), token("([A-Za-z0-9_.]+)");
  static const RE2 condition(
      R"re((?i)\b(?:if|when|where|only|else|otherwise|unless|except|first|last|earliest|latest|missing|unknown|imput\w*)\b)re");
  if (RE2::PartialMatch(rule, condition)) return false;  // in brackets, too
  std::string text = rule;
  RE2::GlobalReplace(&text, brackets, " ");
  re2::StringPiece rest(text);
  for (std::string found; RE2::FindAndConsume(&rest, token, &found);) {
    while (!found.empty() && found.back() == '.') found.pop_back();
    const bool number = std::ranges::none_of(found, [](unsigned char c) { return std::isalpha(c); });
    const std::string lower = base::to_lower(found);
    if (!number && filling().count(lower) == 0 && words.count(lower) == 0 && !is_name(found)) return false;
  }
  return true;
}

const Words& copy_words() {
  static const Words words{"direct",  "directly", "copy",       "copied",     "move",    "moved",
                           "mapping", "assign",   "assignment", "carry",      "carried", "over",
                           "forward", "same",     "one",        "rename",     "renamed", "verbatim",
                           "exactly", "never",    "cleaned",    "medication", "name",    "term",
                           "no",      "change",   "changes",    "unchanged",  "is",      "was"};
  return words;
}

const Words& codelist_words() {
  static const Words words{"ct",         "codelist",    "controlled",  "terminology", "terms",   "term",
                           "code",       "decode",      "decoded",     "recode",      "convert", "apply",
                           "translate",  "standardize", "standardise", "assign",      "cdisc",   "nci",
                           "submission", "long",        "short",       "name",        "upper",   "case",
                           "uppercase",  "then",        "test",        "preferred"};
  return words;
}

const Words& date_words() {
  static const Words words{"iso",         "iso8601",  "convert", "converted", "date",     "dates",
                           "time",        "datetime", "format",  "formats",   "combine",  "combined",
                           "concatenate", "mixed",    "put",     "stored",    "standard", "part",
                           "t",           "derive",   "derived"};
  return words;
}

}  // namespace trialmill::specs
