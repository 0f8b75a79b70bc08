// Every operator on null, empty text, blanks, texts, numbers and lists: one line a case.
#include "conform/operators.hpp"

#include <gtest/gtest.h>

#include <set>

#include "conform/python_regex.hpp"
#include "conform/rule.hpp"
#include "conform/title_case.hpp"

namespace trialmill::conform {
namespace {

Value list(const std::vector<std::string>& items) {
  return Value::of_texts(items);
}

/// Six rows. T and U are texts, N numbers, L lists, D and E dates, G two groups, S a sequence.
Table table() {
  Table out;
  out.prefix = "AE";
  out.frame.rows = 6;
  const auto put = [&](const char* name, const std::vector<Value>& values) {
    out.frame.set(name, Column::of(values));
  };
  const auto text = [](const char* value) { return Value::of(value); };
  const Value null;
  put("T", {text("AE"), text("xAE"), text("  "), text(""), null, text("200")});
  put("U", {text("ae"), text("AE"), text("b"), null, null, text("200.0")});
  out.frame.set("N",
                std::make_shared<const Column>(std::vector<double>{1, 2, std::nan(""), 2.5, 200, -1}, false));
  put("L", {list({"AE", "B"}), list({"C"}), list({}), null, list({"AE"}), list({"200"})});
  put("M", {list({"B", "AE"}), list({"C", "D"}), list({"E"}), list({"E"}), list({"AE", "B"}), list({"7"})});
  put("D",
      {text("2018-05-01"), text("2018-05"), text("2018"), text(""), text("x"), text("2018-05-01T10:00")});
  put("E", {text("2018-05-01"), text("2018-05-02"), text("2018-06"), text("2018"), text("2018"),
            text("2018-05-01")});
  put("P", {text("P1D"), text("-P1D"), text("P1.5Y2M"), null, text("PT"), text("P2W")});
  put("G", {text("g"), text("g"), text("g"), text("h"), text("h"), text("h")});
  out.frame.set("S", std::make_shared<const Column>(std::vector<double>{1, 2, 3, 1, 3, 2}, true));
  put("V", {text("a"), text("a"), text("b"), text("c"), null, text("c")});
  put("V1", {null, text("x"), text("x"), null, null, text("x")});
  put("V2", {text("y"), text("y"), null, null, text("y"), null});
  put("NAME", {text("U"), text("U"), text("U"), text("U"), text("none"), null});
  put("AETERM", std::vector<Value>(6, text("t")));
  put("$list", std::vector<Value>(6, list({"AE", "200", "AETERM"})));
  put("$counts", std::vector<Value>(6, Value::of(std::vector<Value>{
                                           Value::of(std::vector<Value>{text("AE"), Value::integer(2)}),
                                           Value::of(std::vector<Value>{text("200"), Value::integer(1)})})));
  put("$meta",
      std::vector<Value>(
          6, Value::of(std::vector<Value>{Value::of(std::vector<Value>{text("AETERM"), text("Req")})})));
  return out;
}

/// The bits of a condition, or what kept it from being evaluated.
std::string result(const std::string& condition) {
  const Rule rule = parse_rule(
      "Core: {Id: X}\nRule Type: Record Data\nSensitivity: Record\nOutcome: {Message: m}\n"
      "Check: {all: [" +
          condition + "]}\n",
      "x.yml");
  if (!rule.unsupported.empty()) return rule.unsupported;
  try {
    std::string bits;
    for (const std::uint8_t bit : evaluate(table(), rule.check)) bits += bit != 0 ? '1' : '0';
    return bits;
  } catch (const MissingColumn& missing) {
    return "missing " + missing.name;
  } catch (const SkipDataset& skip) {
    return skip.reason;
  } catch (const ExecutionError& problem) {
    return "error";
  }
}

struct Case {
  const char* condition;
  const char* expected;
};

const Case cases[] = {
    {"{name: T, operator: empty}", "000110"},
    {"{name: L, operator: empty}", "001100"},
    {"{name: N, operator: empty}", "001000"},
    {"{name: T, operator: non_empty}", "111001"},
    {"{name: X, operator: empty}", "missing X"},
    {"{name: T, operator: exists}", "111111"},
    {"{name: --TERM, operator: exists}", "111111"},
    {"{name: T, operator: not_exists}", "000000"},
    {"{name: X, operator: not_exists}", "111111"},
    {"{name: T, operator: equal_to, value: AE}", "100000"},
    {"{name: T, operator: equal_to, value: U}", "000000"},
    {"{name: T, operator: equal_to, value: U, type_insensitive: true}", "000001"},
    {"{name: T, operator: equal_to, value: T, value_is_literal: true}", "000000"},
    {"{name: T, operator: equal_to, value: NAME, value_is_reference: true, type_insensitive: true}",
     "000000"},
    {"{name: T, operator: equal_to, value: 200}", "000000"},
    {"{name: N, operator: equal_to, value: 2}", "010000"},
    {"{name: N, operator: equal_to, value: 2, round_values: true}", "010100"},
    {"{name: T, operator: not_equal_to, value: U}", "111001"},
    {"{name: N, operator: not_equal_to, value: 2}", "101111"},
    {"{name: T, operator: equal_to_case_insensitive, value: U}", "100000"},
    {"{name: T, operator: not_equal_to_case_insensitive, value: U}", "011001"},
    {"{name: N, operator: less_than, value: 2}", "100001"},
    {"{name: N, operator: less_than_or_equal_to, value: 2}", "110001"},
    {"{name: T, operator: greater_than, value: 100}", "000001"},
    {"{name: N, operator: greater_than_or_equal_to, value: S}", "110110"},
    {"{name: G, operator: has_different_values}", "111111"},
    {"{name: AETERM, operator: has_different_values}", "000000"},
    {"{name: AETERM, operator: has_same_values}", "111111"},
    // Texts.
    {"{name: T, operator: matches_regex, value: A}", "100000"},
    {"{name: N, operator: matches_regex, value: '^\\d+$'}", "110010"},
    {"{name: T, operator: not_matches_regex, value: A}", "011001"},
    {"{name: T, operator: matches_regex, value: 'a(?=b)'}",
     "regular expression 'a(?=b)': a look-ahead (RE2 has none)"},
    {"{name: T, operator: matches_regex, value: 'a('}", "regular expression 'a(': missing ): a("},
    {"{name: T, operator: prefix_matches_regex, prefix: 2, value: E}", "100000"},
    {"{name: T, operator: not_prefix_matches_regex, prefix: 2, value: E}", "011001"},
    {"{name: T, operator: suffix_matches_regex, suffix: 2, value: E}", "110000"},
    {"{name: T, operator: not_suffix_matches_regex, suffix: 2, value: E}", "001001"},
    {"{name: G, operator: prefix_equal_to, prefix: 1, value: g}", "111000"},
    {"{name: T, operator: prefix_equal_to, prefix: 1, value: A}", "error"},
    {"{name: G, operator: prefix_not_equal_to, prefix: 1, value: g}", "000111"},
    {"{name: G, operator: suffix_equal_to, suffix: 1, value: h}", "000111"},
    {"{name: G, operator: suffix_not_equal_to, suffix: 1, value: h}", "111000"},
    {"{name: G, operator: prefix_is_contained_by, prefix: 1, value: [g, x]}", "111000"},
    {"{name: G, operator: prefix_is_not_contained_by, prefix: 1, value: [g, x]}", "000111"},
    {"{name: G, operator: suffix_is_contained_by, suffix: 1, value: [h, x]}", "000111"},
    {"{name: G, operator: suffix_is_not_contained_by, suffix: 1, value: [h, x]}", "111000"},
    {"{name: T, operator: starts_with, value: A}", "100000"},
    {"{name: T, operator: starts_with, value: U}", "100000"},  // column U: any of its values
    {"{name: T, operator: ends_with, value: AE}", "110000"},
    {"{name: T, operator: equals_string_part, value: U, regex: '(2..)'}", "000001"},
    {"{name: T, operator: does_not_equal_string_part, value: U, regex: '(2..)'}", "111110"},
    {"{name: T, operator: longer_than, value: 2}", "010001"},
    {"{name: N, operator: longer_than, value: 2}", "error"},
    {"{name: T, operator: longer_than_or_equal_to, value: 3}", "010001"},
    {"{name: T, operator: shorter_than, value: 3}", "101110"},
    {"{name: T, operator: shorter_than_or_equal_to, value: 2}", "101110"},
    {"{name: T, operator: has_equal_length, value: 2}", "101000"},
    {"{name: T, operator: has_equal_length, value: U}", "100000"},
    {"{name: T, operator: has_not_equal_length, value: 2}", "010111"},
    {"{name: D, operator: split_parts_have_equal_length, separator: '-'}", "001110"},
    {"{name: D, operator: split_parts_have_unequal_length, separator: '-'}", "110001"},
    // Dates.
    {"{name: D, operator: date_equal_to, value: E}", "100000"},
    {"{name: D, operator: date_equal_to, value: E, date_component: auto}", "111001"},
    {"{name: D, operator: date_equal_to, value: E, date_component: month}", "110001"},
    {"{name: D, operator: date_equal_to, value: E, date_component: week}", "date_component 'week'"},
    {"{name: D, operator: date_not_equal_to, value: E}", "011001"},
    {"{name: D, operator: date_less_than, value: '2018-05-02'}", "100001"},
    {"{name: D, operator: date_less_than_or_equal_to, value: '2018-05-02'}", "111001"},
    {"{name: D, operator: date_greater_than, value: '2018-04'}", "110001"},
    {"{name: D, operator: date_greater_than_or_equal_to, value: 2019, date_component: year}", "000000"},
    {"{name: D, operator: invalid_date}", "000110"},
    {"{name: N, operator: invalid_date}", "111111"},
    {"{name: D, operator: is_complete_date}", "100001"},
    {"{name: D, operator: is_incomplete_date}", "011110"},
    {"{name: P, operator: invalid_duration, negative: false}", "011110"},
    {"{name: P, operator: invalid_duration, negative: true}", "001110"},
    // Lists.
    {"{name: T, operator: is_contained_by, value: [AE, '200']}", "100001"},
    {"{name: T, operator: is_contained_by, value: $list}", "100001"},
    {"{name: T, operator: is_contained_by, value: U}", "100000"},  // column U: all its values
    {"{name: T, operator: is_contained_by, value: $nothing}", "missing $nothing"},
    {"{name: T, operator: is_not_contained_by, value: [AE, '200']}", "011110"},
    {"{name: T, operator: is_contained_by_case_insensitive, value: [ae]}", "100000"},
    {"{name: T, operator: is_not_contained_by_case_insensitive, value: [ae]}", "011111"},
    {"{name: T, operator: contains, value: A}", "110000"},
    {"{name: L, operator: contains, value: AE}", "100010"},
    {"{name: T, operator: does_not_contain, value: A}", "001111"},
    {"{name: T, operator: contains_case_insensitive, value: a}", "110000"},
    {"{name: L, operator: contains_case_insensitive, value: ae}", "100010"},
    {"{name: T, operator: does_not_contain_case_insensitive, value: a}", "001111"},
    {"{name: T, operator: contains_all, value: [AE, '200']}", "100000"},  // one truth, at the first row
    {"{name: T, operator: contains_all, value: [AE, B]}", "000000"},
    {"{name: M, operator: contains_all, value: L}", "111010"},
    {"{name: T, operator: not_contains_all, value: [AE, B]}", "100000"},
    {"{name: M, operator: not_contains_all, value: L}", "000101"},
    {"{name: L, operator: is_ordered_subset_of, value: M}", "011010"},
    {"{name: L, operator: is_not_ordered_subset_of, value: M}", "100101"},
    {"{name: L, operator: shares_no_elements_with, value: M}", "001101"},
    {"{name: L, operator: shares_exactly_one_element_with, value: M}", "010010"},
    {"{name: L, operator: shares_at_least_one_element_with, value: M}", "110010"},
    // Several rows.
    {"{name: V, operator: is_not_unique_set, value: [G]}", "110101"},
    {"{name: ABSENT, operator: is_not_unique_set, value: [V, G]}", "110101"},
    {"{name: V, operator: is_unique_set, value: [G]}", "001010"},
    {"{name: V, operator: is_not_unique_relationship, value: V1}", "111101"},
    {"{name: V, operator: is_unique_relationship, value: G}", "000000"},
    {"{name: V, operator: is_inconsistent_across_dataset, value: G}", "001010"},
    {"{name: V, operator: present_on_multiple_rows_within, within: G}", "110101"},
    {"{name: V, operator: not_present_on_multiple_rows_within, within: G, value: 2}", "111111"},
    {"{name: V1, operator: empty_within_except_last_row, value: G, ordering: S}", "100100"},
    {"{name: V1, operator: non_empty_within_except_last_row, value: G, ordering: S}", "010001"},
    {"{name: V, operator: has_next_corresponding_record, value: V, within: G, ordering: S}", "101110"},
    {"{name: V, operator: does_not_have_next_corresponding_record, value: V, within: G, ordering: S}",
     "010001"},
    {"{name: S, operator: target_is_not_sorted_by, within: G, value: [{name: E, sort_order: asc}]}",
     "000010"},
    {"{name: S, operator: target_is_sorted_by, within: G, value: [{name: E, sort_order: asc}]}", "111101"},
    {"{name: S, operator: is_ordered_by, order: asc}", "100010"},
    {"{name: S, operator: is_not_ordered_by, order: dsc}", "111111"},
    {"{name: S, operator: is_ordered_set, value: G}", "000000"},
    {"{name: S, operator: is_not_ordered_set, value: G}", "111111"},
    // Columns.
    {"{name: V, operator: inconsistent_enumerated_columns}", "100010"},
    {"{name: V, operator: additional_columns_empty}", "100010"},
    {"{name: V, operator: additional_columns_not_empty}", "011101"},
    {"{name: T, operator: references_correct_codelist, value: U}",
     "111111"},  // no guide: nothing to object to
    {"{name: T, operator: does_not_reference_correct_codelist, value: U}", "000000"},
    {"{name: T, operator: value_has_multiple_references, value: $counts}", "100000"},
    {"{name: T, operator: value_does_not_have_multiple_references, value: $counts}", "011111"},
    {"{name: T, operator: uses_valid_codelist_terms, value: L}", "000110"},  // no terminology: no codelist
    {"{name: T, operator: does_not_use_valid_codelist_terms, value: L}", "111001"},
    {"{name: --TERM, operator: variable_metadata_equal_to, value: Req, metadata: $meta}", "111111"},
    {"{name: --TERM, operator: variable_metadata_not_equal_to, value: Req, metadata: $meta}", "000000"},
    {"{name: --TEST, operator: variable_metadata_equal_to, value: Req, metadata: $meta}", "000000"},
    {"{name: --TERM, operator: variable_metadata_equal_to, value: Req}",
     "operator 'variable_metadata_equal_to' without metadata"},
    // Value-level metadata: define_values_test.cpp.
    {"{name: T, operator: conformant_value_data_type}", "there is no Define-XML"},
    {"{name: T, operator: non_conformant_value_data_type}", "there is no Define-XML"},
    {"{name: T, operator: conformant_value_length}", "there is no Define-XML"},
    {"{name: T, operator: non_conformant_value_length}", "there is no Define-XML"},
    // Combinations, and what is not executable.
    {"{not: {name: T, operator: empty}}", "111001"},
    {"{any: [{name: X, operator: empty}, {name: T, operator: empty}]}", "000110"},
    {"{any: [{name: X, operator: empty}, {name: Y, operator: empty}]}", "missing Y"},
    {"{name: T, operator: is_emty}", "operator 'is_emty'"},
    {"{name: T, operator: empty, colour: red}", "condition key 'colour'"},
    {"{name: V, operator: is_title_case}", "000010"},
    {"{name: V, operator: is_not_title_case}", "111101"},
};

TEST(Operators, GiveTheExpectedBits) {
  for (const Case& one : cases) EXPECT_EQ(result(one.condition), one.expected) << one.condition;
}

TEST(Operators, EachHasACaseAndASummary) {
  std::set<std::string> tested;
  for (const Case& one : cases) {
    const std::string text = one.condition;
    const std::size_t at = text.find("operator: ") + 10;
    tested.insert(text.substr(at, text.find_first_of(",}", at) - at));
  }
  for (const auto& [name, info] : operators()) {
    EXPECT_EQ(tested.count(name), 1u) << name;
    EXPECT_STRNE(info.summary, "") << name;
  }
}

TEST(PythonRegex, KeepsItsMeaning) {
  const auto matches = [](const char* pattern, const char* text) {
    EXPECT_EQ(regex_problem(pattern), "") << pattern;
    return matches_at_start(python_regex(pattern), text);
  };
  EXPECT_TRUE(matches("^a$", "a\n"));  // before the line end that closes the text
  EXPECT_FALSE(matches("^a$", "a\nb"));
  EXPECT_TRUE(matches("a", "ab"));  // the end is free
  EXPECT_FALSE(matches("b", "ab"));
  EXPECT_TRUE(matches("\\w+$", "Größe"));
  EXPECT_TRUE(matches("[\\d]{,2}$", "12"));
  EXPECT_FALSE(matches("\\d{,2}$", "123"));
  EXPECT_TRUE(matches("[a-z(?-i)]+$", "abcA"));  // inside a class (?-i) is the range ?-i: capitals match
  EXPECT_TRUE(matches("[]a]+$", "]a"));
  EXPECT_TRUE(matches("a(?#remark)b\\Z", "ab"));
  EXPECT_NE(regex_problem("(a)\\1"), "");
  EXPECT_NE(regex_problem("(?<!a)b"), "");
  EXPECT_NE(regex_problem("a++"), "");
}

TEST(TitleCase, FollowsTheRules) {
  const std::pair<const char*, const char*> texts[] = {{"start date of the AE", "Start Date of the AE"},
                                                       {"The End of it all", "The End of It All"},
                                                       {"of mice and men", "Of Mice and Men"},
                                                       {"what this is for", "What This Is For"},
                                                       {"STUDY IDENTIFIER", "Study Identifier"},
                                                       {"date/time of birth", "Date/Time of Birth"},
                                                       {"non-standard result", "Non-Standard Result"},
                                                       {"result: the second", "Result: The Second"},
                                                       {"dose per mL", "Dose Per mL"},
                                                       {"o'neil's (first) visit", "O'Neil's (First) Visit"},
                                                       {"", ""}};
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(title_case(text), expected);
    EXPECT_EQ(title_case(expected), expected);
  }
}

TEST(PythonRegex, CountsCharactersNotBytes) {
  EXPECT_EQ(characters("Größe"), 5u);
  EXPECT_EQ(first_characters("Größe", 3), "Grö");
  EXPECT_EQ(last_characters("Größe", 2), "ße");
  EXPECT_EQ(last_characters("a", 5), "a");
}

}  // namespace
}  // namespace trialmill::conform
