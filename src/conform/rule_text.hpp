// A rule in words: what reports, `trialmill explain` and `trialmill rules list` say about it. All of it is
// read from the rule's source, so nothing here is needed to run a rule.
#pragma once

#include <string>
#include <vector>

#include "conform/rule.hpp"

namespace trialmill::conform {

/// Where a requirement comes from: one citation of one standard of one authority.
struct Citation {
  std::string authority;                ///< CDISC, FDA …
  std::string standard, version;        ///< SDTMIG, 3.4
  std::string rule_id;                  ///< the authority's own number: CG0087
  std::string document, section, item;  ///< e.g. Model v2.0, Events, --PRESP
  std::string guidance;                 ///< the words cited
};

std::string status_of(const Rule& rule);         ///< Core Status: Published, Draft …; "" = not said
std::string version_of(const Rule& rule);        ///< Core Version
std::string executability_of(const Rule& rule);  ///< as the author says: Fully Executable …
std::vector<Citation> citations_of(const Rule& rule);
/// The authorities' own numbers, each once, for one standard ("" = any): CG0087, TIG0352.
std::vector<std::string> authority_ids(const Rule& rule, const std::string& standard = "",
                                       const std::string& version = "");
std::vector<std::string> authorities(const Rule& rule);  ///< CDISC, FDA: each once

/// "classes EVENTS; not domains AE, DS" or "all datasets".
std::string scope_text(const Rule& rule);

/// One comparison in words: `AESER is empty`, `AESTDTC (date) > RFENDTC within USUBJID`.
std::string condition_text(const Condition& condition);

/// One line of a check in words.
struct CheckLine {
  int depth = 0;
  std::string text;                      ///< "all of", "any of", "not", or a condition
  const Condition* condition = nullptr;  ///< of a condition
};
/// The check as an indented list, outermost first. Lines point into the rule.
std::vector<CheckLine> check_lines(const Rule& rule);

/// Everything about the rule as plain text of 100 columns: `trialmill explain CORE-000014`.
std::string rule_text(const Rule& rule);

}  // namespace trialmill::conform
