// A line that was read joins its dataset: its words are understood, value level becomes a test, and a second
// line for a variable is merged with the first.
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/verb.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

/// What the words of a rule say goes before its kind, where they are understood.
void read_words(SpecVariable& one, const std::string& dataset) {
  static const std::set<std::string> kinds{"", "other", "constant", "copy", "codelist", "datetime", "concat"};
  const bool said = one.rule_type == "constant" && !one.constant.empty();
  if (kinds.count(one.rule_type) == 0 || said || !one.verb.empty() || !one.proposal.empty()) return;
  SpecVariable tried = one;
  tried.rule_type.clear();
  read_rule_words(tried, dataset);
  const bool kind_known = !one.rule_type.empty() && one.rule_type != "other";
  const bool copied = tried.verb.empty() && (tried.rule_type.empty() || tried.rule_type == "copy");
  const bool dated = one.rule_type == "datetime" && tried.verb.empty();
  if (kind_known && (copied || dated)) {
    if (one.column.empty()) one.column = tried.column;
    if (one.format.empty()) one.format = tried.format;
    if (tried.rule.empty() || tried.rule_type == "datetime") one.rule = "";
  } else if (!tried.verb.empty() || !tried.rule_type.empty() || tried.rule.empty()) {
    one = tried;
  } else {
    one.rule = tried.rule;
    one.proposal = tried.proposal;
  }
}

/// A result from several columns, one record for each: tests whose codes are guessed from the columns.
void transpose(SpecDataset& dataset, const SpecVariable& one) {
  static const RE2 words(
      R"re((?is).*\b(?:transpos|unpivot|normali[sz]|one (?:record|row) (?:per|for each)).*)re");
  const auto columns = columns_in(one.column);
  if (one.variable != dataset.name + "ORRES" || columns.size() < 2 || !RE2::FullMatch(one.rule, words))
    return;
  for (const auto& column : columns) {
    SpecTest test;
    test.code = base::to_upper(column.substr(0, std::min<std::size_t>(column.find('_'), 8)));
    test.column = column;
    test.place = one.place;
    test.guessed = true;
    dataset.tests.push_back(std::move(test));
  }
}

/// The same variable under another condition, or under none as the last: a branch more. True if it is one.
bool merge_choice(const SpecDataset& dataset, SpecVariable& before, const SpecVariable& one) {
  const bool open = before.choices.empty() ? !before.when.empty() : !before.choices.back().when.empty();
  if (!open || before.source != one.source) return false;
  const auto bare_verb = [&dataset](SpecVariable line) {
    line.when.clear();
    return verb_of(line, dataset);
  };
  const std::string verb = bare_verb(one);
  if (before.choices.empty()) {
    const std::string first = bare_verb(before);
    if (first.empty() || verb.empty()) return false;
    before.choices.push_back({before.when, first});
  } else if (verb.empty()) {
    return false;
  }
  before.choices.push_back({one.when, verb});
  if (before.question.empty()) before.question = one.question;
  return true;
}

/// What a line says beside its value is not lost when it is merged.
void keep_remarks(SpecVariable& before, const SpecVariable& one) {
  before.also.insert(before.also.end(), one.also.begin(), one.also.end());
  if (before.note.empty()) before.note = one.note;
  if (before.filter.empty())
    before.filter = one.filter;
  else if (!one.filter.empty() && one.filter != before.filter)
    before.also.push_back(one.place + ": only rows where " + one.filter);
  if (!one.codelist.empty() && one.codelist != before.codelist && one.when.empty())
    before.also.push_back(one.place + ": codelist " + one.codelist);
}

/// A second line for a variable: from another table, from another column (the first that has a value counts),
/// or something for people.
void merge(SpecDataset& dataset, SpecVariable& before, const SpecVariable& one) {
  if (before.column.empty() && before.rule.empty() && before.rule_type.empty() && before.constant.empty() &&
      before.verb.empty()) {
    before = one;
    return;
  }
  keep_remarks(before, one);
  if (merge_choice(dataset, before, one)) return;
  if (!one.source.empty() && !before.source.empty() && before.source != one.source &&
      merge_tables(dataset, before, one)) {
    // Only what makes a record says that the tables' records are put under each other; else it may be a join.
    static const std::set<std::string> topics{"TERM", "TRT", "TESTCD", "ORRES"};
    const bool topic =
        one.variable == "USUBJID" || (one.variable.starts_with(dataset.name) &&
                                      topics.count(one.variable.substr(dataset.name.size())) != 0);
    if (!topic) return;
    for (const std::string& table : {before.source, one.source}) {
      if (std::ranges::find(dataset.tables, table) == dataset.tables.end()) dataset.tables.push_back(table);
    }
  } else if (is_plain(before) && is_plain(one) && !one.column.empty() && before.source == one.source) {
    // The date stands before the time, whichever line comes first.
    const bool later = is_time_part(before) && !is_time_part(one);
    before.column = later ? one.column + "," + before.column : before.column + "," + one.column;
    if (later || before.format.empty()) before.format = one.format;
    if (before.unknown.empty()) before.unknown = one.unknown;
  } else {
    const std::string text = std::string(!one.rule.empty()       ? one.rule
                                         : !one.constant.empty() ? "'" + one.constant + "'"
                                                                 : one.column) +
                             (one.when.empty() ? "" : " when " + one.when);
    const std::string from = one.source.empty() || one.source == before.source ? "" : " from " + one.source;
    if (!text.empty())
      before.also.push_back(one.place + ": " + text + from +
                            (one.proposal.empty() ? "" : ", e.g. " + one.proposal));
  }
}

/// Value level at --ORRES and --ORRESU becomes a test. True if nothing is left of the line.
bool add_test(SpecDataset& dataset, SpecVariable& one) {
  const std::string code = test_code_of(one.where, dataset.name), result = dataset.name + "ORRES";
  if (code.empty() || (one.variable != result && one.variable != result + "U")) return false;
  auto found = std::ranges::find(dataset.tests, code, &SpecTest::code);
  if (found == dataset.tests.end()) {
    SpecTest test;
    test.code = code;
    test.place = one.place;
    found = dataset.tests.insert(found, std::move(test));
  }
  if (one.variable == result)
    found->column = one.column;
  else if (one.column.empty())
    found->unit = one.constant.empty() ? one.unit_from : one.constant;
  else
    found->unit_column = one.column;
  if (SpecVariable* whole = dataset.find(one.variable)) {
    if (whole->source.empty()) whole->source = one.source;
    return true;
  }
  one.rule_type = one.variable == result ? "test_result" : "test_unit";
  return false;
}

/// Value level of other variables: their value under a condition.
void read_where(const SpecDataset& dataset, SpecVariable& one) {
  const std::string test = dataset.name + "TEST";
  if (one.where.empty() || !one.when.empty() || one.variable == test || one.variable == test + "CD") return;
  const std::string code = test_code_of(one.where, dataset.name);
  one.when = code.empty() ? condition_of(one.where) : test + "CD = " + base::sql_literal(code);
  if (!one.when.empty()) return;
  one.rule = one.rule.empty() ? "where " + one.where : one.rule + " where " + one.where;
  one.rule_type = "other";
  one.verb.clear();
}

}  // namespace

void add_line(SpecDataset& dataset, SpecVariable one) {
  if (one.rule_type.empty() && !one.constant.empty() && one.column.empty()) one.rule_type = "constant";
  read_words(one, dataset.name);
  if (const auto columns = columns_in(one.column); one.variable == "USUBJID" && columns.size() > 1 &&
                                                   !one.rule.empty() && one.verb.empty() &&
                                                   one.proposal.empty())
    one.proposal = "{subject: " + flow_list(columns) + "}";
  transpose(dataset, one);
  if (add_hardcoded_test(dataset, one) || add_test(dataset, one)) return;
  if (one.rule_type != "test_result" && one.rule_type != "test_unit") read_where(dataset, one);
  const auto before = std::ranges::find_if(dataset.variables, [&](const SpecVariable& other) {
    return other.variable == one.variable && other.supplemental == one.supplemental;
  });
  if (before == dataset.variables.end())
    dataset.variables.push_back(std::move(one));
  else if (one.variable != "DOMAIN")
    merge(dataset, *before, one);
}

}  // namespace trialmill::specs
