// Operators on texts: regular expressions, beginnings and ends, lengths.
#include <algorithm>

#include "base/text.hpp"
#include "conform/operand.hpp"
#include "conform/python_regex.hpp"
#include "conform/title_case.hpp"

namespace trialmill::conform {

namespace {

enum class Part { whole, prefix, suffix };

std::string_view part_of(std::string_view text, const Condition& c, Part part) {
  const auto length = static_cast<std::size_t>(std::max(0, c.affix));
  return part == Part::prefix   ? first_characters(text, length)
         : part == Part::suffix ? last_characters(text, length)
                                : text;
}

/// False for null in both directions; numbers are looked at without a superfluous ".0".
Mask regex(const Table& table, const Condition& c, bool negative, Part part) {
  const RE2& pattern = python_regex(c.value.text);
  return table.column(c.name).map([&](const Cell& cell) {
    if (is_empty(cell)) return false;
    const std::string text = plain_text(cell);
    const bool found = part == Part::whole ? matches_at_start(pattern, text)
                                           : matches_anywhere(pattern, part_of(text, c, part));
    return found != negative;
  });
}

/// Affix operators break on anything but text, as the reference does.
std::string affix_of(const Cell& cell, const Condition& c, Part part) {
  if (!cell.is_text())
    throw ExecutionError{c.operator_name + ": " + c.name + " holds a value that is not text"};
  return std::string(part_of(cell.text, c, part));
}

Mask affix_equal(const Table& table, const Condition& c, Part part, bool negative) {
  Operand other;
  if (c.value.text == "DOMAIN" && table.frame.find("DOMAIN") == nullptr) {
    other.constant = Value::of(table.prefix);
  } else {
    other = operand_of(table, c);
  }
  const Column& target = table.column(c.name);
  Mask mask(target.size());
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const std::string affix = affix_of(target.at(row), c, part);
    mask[row] = (other.at(row).is_text() && other.at(row).text == affix) != negative;
  }
  return mask;
}

Mask affix_contained(const Table& table, const Condition& c, Part part, bool negative) {
  return pairwise(table, c, [&](const Cell& cell, const Cell& in) {
    const Value affix = Value::of(affix_of(cell, c, part));
    const bool held = in.is_list() ? holds(*in.list, affix) : same(affix, in);
    return (held && !affix.text.empty()) != negative;
  });
}

bool has_affix(std::string_view text, std::string_view affix, Part part) {
  return part == Part::prefix
             ? text.substr(0, affix.size()) == affix
             : text.size() >= affix.size() && text.substr(text.size() - affix.size()) == affix;
}

/// A comparator column stands for all its values: one of them is enough.
Mask affix_text(const Table& table, const Condition& c, Part part) {
  const Operand other = operand_of(table, c);
  std::vector<std::string> affixes;
  if (other.column == nullptr) {
    if (other.constant.kind == Kind::text) affixes.push_back(other.constant.text);
    if (other.constant.kind == Kind::list) {
      for (const Value& item : *other.constant.list) {
        if (item.kind == Kind::text) affixes.push_back(item.text);
      }
    }
  } else {
    const Column& column = *other.column;
    column.map([&](const Cell& cell) {
      if (cell.is_text()) affixes.emplace_back(cell.text);
      return false;
    });
  }
  return table.column(c.name).map([&](const Cell& cell) {
    return cell.is_text() && std::any_of(affixes.begin(), affixes.end(), [&](const std::string& affix) {
             return has_affix(cell.text, affix, part);
           });
  });
}

/// Lengths in characters. The other side is a number, a column of whole numbers, or a column of texts whose
/// length counts. False for null.
template <typename Compare>
Mask length_order(const Table& table, const Condition& c, Compare compare) {
  if (table.column(c.name).numeric()) throw ExecutionError{c.operator_name + ": " + c.name + " is not text"};
  return pairwise(table, c, [&](const Cell& cell, const Cell& other) {
    if (!cell.is_text() || other.is_null() || other.is_list()) return false;
    return compare(static_cast<double>(characters(cell.text)),
                   other.is_text() ? static_cast<double>(characters(other.text)) : other.number);
  });
}

Mask longer(const Table& t, const Condition& c) {
  return length_order(t, c, [](double a, double b) { return a > b; });
}
Mask longer_or_equal(const Table& t, const Condition& c) {
  return length_order(t, c, [](double a, double b) { return a >= b; });
}
Mask equal_length(const Table& t, const Condition& c) {
  return length_order(t, c, [](double a, double b) { return a == b; });
}

/// The target equals the first group (else the whole match) of a regular expression in the comparator.
Mask string_part(const Table& table, const Condition& c) {
  const RE2& pattern = python_regex(c.regex);
  const int group = pattern.NumberOfCapturingGroups() > 0 ? 1 : 0;
  return pairwise(table, c, [&](const Cell& cell, const Cell& whole) {
    const std::string text = plain_text(whole);
    re2::StringPiece found[2];
    if (is_empty(cell) || !pattern.Match(text, 0, text.size(), RE2::UNANCHORED, found, group + 1))
      return false;
    const std::string part(found[group].data(), found[group].size());
    if (c.type_insensitive) return base::trim(plain_text(cell)) == base::trim(part);
    return cell.is_text() && cell.text == part;
  });
}

/// "a/b": both parts of equal length; true for null and for text without the separator.
Mask equal_parts(const Table& table, const Condition& c) {
  const std::string separator = c.separator.empty() ? "/" : c.separator;
  return table.column(c.name).map([&](const Cell& cell) {
    const std::string text = plain_text(cell);
    const std::size_t at = text.find(separator);
    if (is_empty(cell) || at == std::string::npos) return true;
    const std::string second = text.substr(at + separator.size());
    return second.find(separator) == std::string::npos &&
           characters(text.substr(0, at)) == characters(second);
  });
}

void add_regex_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  operators["matches_regex"] = {[](T t, C c) { return regex(t, c, false, Part::whole); },
                                "matches from the start on (not to the end); false for null"};
  operators["not_matches_regex"] = {[](T t, C c) { return regex(t, c, true, Part::whole); },
                                    "does not match from the start on; false for null"};
  operators["prefix_matches_regex"] = {[](T t, C c) { return regex(t, c, false, Part::prefix); },
                                       "a match somewhere in the first `prefix` characters"};
  operators["not_prefix_matches_regex"] = {[](T t, C c) { return regex(t, c, true, Part::prefix); },
                                           "no match in the first `prefix` characters; false for null"};
  operators["suffix_matches_regex"] = {[](T t, C c) { return regex(t, c, false, Part::suffix); },
                                       "a match somewhere in the last `suffix` characters"};
  operators["not_suffix_matches_regex"] = {[](T t, C c) { return regex(t, c, true, Part::suffix); },
                                           "no match in the last `suffix` characters; false for null"};
  operators["equals_string_part"] = {string_part, "equals the first group of `regex` in the comparator"};
  operators["does_not_equal_string_part"] = {[](T t, C c) { return negated(string_part(t, c)); },
                                             "the opposite of equals_string_part; true for null"};
}

void add_affix_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  operators["prefix_equal_to"] = {[](T t, C c) { return affix_equal(t, c, Part::prefix, false); },
                                  "the first `prefix` characters equal the value; null: execution error"};
  operators["prefix_not_equal_to"] = {[](T t, C c) { return affix_equal(t, c, Part::prefix, true); },
                                      "they differ; null: execution error"};
  operators["suffix_equal_to"] = {[](T t, C c) { return affix_equal(t, c, Part::suffix, false); },
                                  "the last `suffix` characters equal the value; null: execution error"};
  operators["suffix_not_equal_to"] = {[](T t, C c) { return affix_equal(t, c, Part::suffix, true); },
                                      "they differ; null: execution error"};
  operators["prefix_is_contained_by"] = {[](T t, C c) { return affix_contained(t, c, Part::prefix, false); },
                                         "the prefix is in the list; null: execution error"};
  operators["prefix_is_not_contained_by"] = {
      [](T t, C c) { return affix_contained(t, c, Part::prefix, true); },
      "the prefix is not in the list; null: execution error"};
  operators["suffix_is_contained_by"] = {[](T t, C c) { return affix_contained(t, c, Part::suffix, false); },
                                         "the suffix is in the list; null: execution error"};
  operators["suffix_is_not_contained_by"] = {
      [](T t, C c) { return affix_contained(t, c, Part::suffix, true); },
      "the suffix is not in the list; null: execution error"};
  operators["starts_with"] = {[](T t, C c) { return affix_text(t, c, Part::prefix); },
                              "begins with the value (of a column: with any of its values)"};
  operators["ends_with"] = {[](T t, C c) { return affix_text(t, c, Part::suffix); },
                            "ends with the value (of a column: with any of its values)"};
}

/// Null and what is no text is not objected to.
Mask in_title_case(const Table& table, const Condition& c) {
  return table.column(c.name).map(
      [](const Cell& cell) { return !cell.is_text() || title_case(std::string(cell.text)) == cell.text; });
}

}  // namespace

void add_text_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  add_regex_operators(operators);
  add_affix_operators(operators);
  operators["longer_than"] = {longer, "more characters than; false for null; numbers: execution error"};
  operators["longer_than_or_equal_to"] = {longer_or_equal, "at least as many characters; false for null"};
  operators["shorter_than"] = {[](T t, C c) { return negated(longer_or_equal(t, c)); },
                               "the opposite of longer_than_or_equal_to; true for null"};
  operators["shorter_than_or_equal_to"] = {[](T t, C c) { return negated(longer(t, c)); },
                                           "the opposite of longer_than; true for null"};
  operators["has_equal_length"] = {equal_length, "as many characters as the number or text; false for null"};
  operators["has_not_equal_length"] = {[](T t, C c) { return negated(equal_length(t, c)); },
                                       "the opposite of has_equal_length; true for null"};
  operators["split_parts_have_equal_length"] = {
      equal_parts, "the two parts around `separator` (/) are equally long; true for null or one part"};
  operators["split_parts_have_unequal_length"] = {[](T t, C c) { return negated(equal_parts(t, c)); },
                                                  "the opposite of split_parts_have_equal_length"};
  operators["is_title_case"] = {in_title_case, "the words begin with capitals, except small ones such as of"};
  operators["is_not_title_case"] = {[](T t, C c) { return negated(in_title_case(t, c)); },
                                    "the opposite of is_title_case; false for null"};
}

}  // namespace trialmill::conform
