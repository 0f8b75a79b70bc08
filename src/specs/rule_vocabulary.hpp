// What is left of a rule when the words are taken away that add nothing to its kind.
#pragma once

#include <set>
#include <string>

namespace trialmill::specs {

/// True if the rule consists of these words (in lower case), of names in capitals, numbers and signs only.
/// What stands in brackets is a remark. Words like IF, WHERE, FIRST are never names.
bool has_only_words(const std::string& rule, const std::set<std::string>& words);

/// The words of rules that copy a column, look it up in a codelist, or make an ISO 8601 date of it.
const std::set<std::string>& copy_words();
const std::set<std::string>& codelist_words();
const std::set<std::string>& date_words();

}  // namespace trialmill::specs
