// A line that was read joins its dataset: its words are understood, value level becomes a test, and a second
// line for a variable is merged with the first.
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

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

/// The same variable from several columns: the first that has a value. Other second lines are for people.
void merge(SpecVariable& before, const SpecVariable& one) {
  const auto plain = [](const SpecVariable& line) {
    return line.verb.empty() && line.rule.empty() && line.constant.empty() && line.proposal.empty() &&
           (line.rule_type.empty() || line.rule_type == "copy" || line.rule_type == "datetime");
  };
  if (before.column.empty() && before.rule.empty() && before.rule_type.empty() && before.constant.empty() &&
      before.verb.empty()) {
    before = one;
  } else if (!one.source.empty() && !before.source.empty() &&
             before.source.find(one.source) == std::string::npos) {
    // Records of two tables: the mapping needs a row set for each, and `records` says so.
    before.source += "," + one.source;
    before.also.push_back(one.place + ": from " + one.source + " " + one.column);
  } else if (plain(before) && plain(one) && !one.column.empty()) {
    before.column += "," + one.column;
    if (before.format.empty()) before.format = one.format;
  } else {
    const std::string text = !one.rule.empty() ? one.rule : !one.constant.empty() ? one.constant : one.column;
    if (!text.empty())
      before.also.push_back(one.place + ": " + text + (one.proposal.empty() ? "" : ", e.g. " + one.proposal));
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

}  // namespace

void add_line(SpecDataset& dataset, SpecVariable one) {
  if (one.rule_type.empty() && !one.constant.empty() && one.column.empty()) one.rule_type = "constant";
  read_words(one, dataset.name);
  transpose(dataset, one);
  if (add_test(dataset, one)) return;
  const auto before = std::ranges::find_if(dataset.variables, [&](const SpecVariable& other) {
    return other.variable == one.variable && other.supplemental == one.supplemental;
  });
  if (before == dataset.variables.end())
    dataset.variables.push_back(std::move(one));
  else if (one.variable != "DOMAIN")
    merge(*before, one);
}

}  // namespace trialmill::specs
