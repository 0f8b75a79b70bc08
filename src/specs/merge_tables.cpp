// The same variable from several raw tables, whose records are put under each other.
#include <re2/re2.h>

#include <algorithm>

#include "specs/read_spec.hpp"

namespace trialmill::specs {

bool is_plain(const SpecVariable& line) {
  return line.verb.empty() && line.rule.empty() && line.constant.empty() && line.proposal.empty() &&
         line.when.empty() && line.choices.empty() &&
         (line.rule_type.empty() || line.rule_type == "copy" || line.rule_type == "codelist" ||
          line.rule_type == "datetime");
}

bool is_time_part(const SpecVariable& line) {
  static const RE2 format("(?i)h{1,2}[^dy]*"), name("(?i).*(?:TIM|TIME|TM)");
  return line.variable.ends_with("DTC") &&
         (line.format.empty() ? RE2::FullMatch(line.column, name) : RE2::FullMatch(line.format, format));
}

namespace {

/// What makes a record is there in every record.
bool is_topic_column(const SpecDataset& dataset, const std::string& column) {
  return std::ranges::any_of(dataset.variables, [&](const SpecVariable& variable) {
    const bool topic =
        variable.variable == dataset.name + "TERM" || variable.variable == dataset.name + "TRT";
    return topic && (variable.column == column ||
                     std::ranges::find(variable.others, column, &SpecVariable::Other::column) !=
                         variable.others.end());
  });
}

/// One constant for each table: the row sets give it.
void give_by_table(const SpecDataset& dataset, SpecVariable& before, const SpecVariable& one) {
  for (const SpecVariable* line : {static_cast<const SpecVariable*>(&before), &one}) {
    if (!line->when.empty() && !is_topic_column(dataset, line->column))
      before.also.push_back(line->place + ": only where " + line->column + " holds something");
  }
  before.when.clear();
  before.others.push_back({one.source, one.column, one.constant, one.format});
}

/// The time beside the date of another table than the first. True if it is one.
bool add_to_table(SpecVariable& before, const SpecVariable& one) {
  const auto other = std::ranges::find(before.others, one.source, &SpecVariable::Other::source);
  if (other == before.others.end() || !one.variable.ends_with("DTC") || !is_plain(before) || !is_plain(one))
    return false;
  SpecVariable known = one;
  known.column = other->column;
  known.format = other->format;
  const bool later = is_time_part(known) && !is_time_part(one);
  other->column = later ? one.column + "," + other->column : other->column + "," + one.column;
  if (later) other->format = one.format;
  return true;
}

}  // namespace

bool merge_tables(const SpecDataset& dataset, SpecVariable& before, const SpecVariable& one) {
  const auto columns = columns_in(before.column), others = columns_in(one.column);
  if (before.where_filled && one.where_filled && before.choices.empty() && before.constant != one.constant)
    return give_by_table(dataset, before, one), true;
  if (add_to_table(before, one)) return true;
  const bool constants = before.rule_type == "constant" && one.rule_type == "constant" &&
                         before.when.empty() && one.when.empty() && before.choices.empty();
  const bool same = before.verb == one.verb && before.rule == one.rule && before.rule_type == one.rule_type &&
                    before.constant == one.constant && columns == others && before.when == one.when;
  const bool copies = is_plain(before) && is_plain(one) && before.rule_type == one.rule_type &&
                      (columns.size() == 1 || before.variable.ends_with("DTC")) && others.size() == 1;
  if (!same && !copies && !constants) return false;
  before.others.push_back({one.source, one.column, one.constant, one.format});
  return true;
}

}  // namespace trialmill::specs
