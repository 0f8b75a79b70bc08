#include "conform/title_case.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace trialmill::conform {

namespace {

const std::string small = R"((?:a|an|and|as|at|but|by|en|for|if|in|of|on|or|the|to|v\.?|via|vs\.?))";
const std::string mark = R"([!"“#$%&'‘()*+,\-–‒—―./:;?@\[\\\]_`{|}~])";

std::string cased_words(const std::string& text, bool edges);

char upper(char letter) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
}

void capitalize_at(std::string& text, std::size_t at) {
  if (at < text.size()) text[at] = upper(text[at]);
}

/// The parts around `separator`, each in title case of its own.
std::string cased_parts(const std::string& word, char separator, bool edges) {
  std::vector<std::string> parts;
  for (const std::string& part : base::split(word, separator)) parts.push_back(cased_words(part, edges));
  return base::join(parts, std::string(1, separator));
}

/// d'Alembert, O'Neil: the letter after the apostrophe is a capital, the first one only if it is a vowel.
std::string with_apostrophe(std::string word) {
  const bool vowel = std::string("oO").find(word[0]) != std::string::npos;
  word[0] = vowel ? upper(word[0]) : static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])));
  capitalize_at(word, 2);
  return word;
}

std::string cased_word(const std::string& word, bool all_capitals, bool edges) {
  static const RE2 initials(R"((?:[A-Z]\.|[A-Z]\.[A-Z])+)");
  static const RE2 apostrophe(R"((?i)[dol]'\w+(?:['s]{2})?)");
  static const RE2 mac(R"(([Mm]c|MC)(\w.+))");
  static const RE2 title(R"((?i)m(?:rs?|s)|dr)");
  static const RE2 inline_period(R"(\w[.]\w)");
  static const RE2 inner_capital("^" + mark + "*[a-zA-Z]+[A-Z]");
  static const RE2 small_word("(?i)" + small);
  static const RE2 consonants("(?i)[b-df-hj-np-tv-xz]{3,}");
  static const RE2 first_letter("^(" + mark + R"(*?)\w)");
  if (all_capitals && RE2::FullMatch(word, initials)) return word;
  if (RE2::FullMatch(word, apostrophe)) return with_apostrophe(word);
  std::string start, rest;
  if (RE2::FullMatch(word, mac, &start, &rest)) return "Mc" + cased_words(rest, true);
  if (RE2::FullMatch(word, title)) return upper(word[0]) + word.substr(1);
  if (RE2::PartialMatch(word, inline_period)) return word;
  if (!all_capitals && RE2::PartialMatch(word, inner_capital)) return word;
  if (RE2::FullMatch(word, small_word)) return base::to_lower(word);
  if (word.find('/') != std::string::npos && word.find("//") == std::string::npos)
    return cased_parts(word, '/', false);
  if (word.find('-') != std::string::npos) return cased_parts(word, '-', edges);
  std::string out = all_capitals ? base::to_lower(word) : word;
  if (RE2::FullMatch(out, consonants)) return base::to_upper(out);
  if (RE2::PartialMatch(out, first_letter, &start)) capitalize_at(out, start.size());
  return out;
}

/// Small words that begin or end the text, or follow a sentence's end, take a capital after all.
void capitalize_edges(std::string& text, bool edges) {
  static const RE2 first("(?i)^(" + mark + "*)" + small + R"(\b)");
  static const RE2 last("(?i)^(.*)\\b" + small + mark + "?$");
  static const RE2 after_stop("(?i)^(.*?[:.;?!–‒—―-] )" + small + R"(\b)");
  std::string before;
  if (edges && RE2::PartialMatch(text, first, &before)) capitalize_at(text, before.size());
  if (edges && RE2::PartialMatch(text, last, &before)) capitalize_at(text, before.size());
  for (std::size_t from = 0; RE2::PartialMatch(text.substr(from), after_stop, &before); from += before.size())
    capitalize_at(text, from + before.size());
}

std::string cased_words(const std::string& text, bool edges) {
  const bool all_capitals = base::to_upper(text) == text;
  std::vector<std::string> words;
  for (const std::string& word : base::split(base::replace_all(text, "\t", " "), ' '))
    words.push_back(cased_word(word, all_capitals, edges));
  std::string out = base::join(words, " ");
  capitalize_edges(out, edges);
  return out;
}

}  // namespace

std::string title_case(const std::string& text) {
  return cased_words(text, true);
}

}  // namespace trialmill::conform
