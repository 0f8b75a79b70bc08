#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using findings::Finding;
using findings::Severity;

Finding DatasetBuilder::make(const std::string& rule, Severity severity, const std::string& variable) const {
  Finding finding;
  finding.rule = rule;
  finding.severity = severity;
  finding.stage = "transform";
  finding.dataset = model_.dataset;
  finding.variable = variable;
  return finding;
}

void DatasetBuilder::duplicates() {
  if (keys_.empty()) return;
  const auto result =
      session_.query_text("SELECT count(*), min(_record), min(" + subject_column() + "), " + sql_list(keys_) +
                          " FROM tm_done GROUP BY " + sql_list(keys_) + " HAVING count(*) > 1 ORDER BY 2");
  unique_keys_ = result.rows() == 0;
  for (std::size_t r = 0; r < result.rows(); ++r) {
    std::vector<std::string> values;
    for (std::size_t k = 0; k < keys_.size(); ++k) values.push_back(result.text(r, k + 3));
    Finding finding = make("TM2354", Severity::error, base::join(keys_, ", "));
    finding.subject = result.text(r, 2);
    finding.value = base::join(values, ", ");
    finding.message = result.text(r, 0) + " records share the same key";
    finding.row = std::stoll(result.text(r, 1));
    context_.findings.add(finding);
  }
}

/// Values that a verb could not use: the input is there, the result is not.
void DatasetBuilder::input_findings() {
  for (const auto* group : {&variables_, &supplements_, &steps_}) {
    for (const auto& one : *group) {
      const auto unread = measures_.unread.find(one.name);
      if (unread != measures_.unread.end() && unread->second > 0) unread_inputs(one, unread->second);
    }
  }
}

void DatasetBuilder::unread_inputs(const Variable& one, std::int64_t all) {
  static const std::map<std::string, std::string> sentences{
      {"TM2350", "the value is not in the map or list and became empty"},
      {"TM2351", "not a date that can be read without guessing; it became empty"},
      {"TM2352", "not a number; it became empty"},
      {"TM2356", "no part of the value fits the pattern; it became empty"},
      {"TM2365", "so many records were made from the raw row; the first was taken"},
      {"TM2359", "an unscheduled visit whose number is that of a scheduled one"},
      {"TM2358", "the time is none, or its date is not complete; only the date was kept"},
      {"TM2353", "the unit is unknown or the value is no number; not converted"}};
  const std::string input = sql_identifier("in$" + one.name);
  const auto limit = options_.findings_per_variable_max;
  const auto rows =
      session_.query_text("SELECT " + input + ", " + subject_column() + ", _file, _row FROM tm_done WHERE " +
                          input + " IS NOT NULL AND " + sql_identifier(one.name) +
                          " IS NULL ORDER BY _record LIMIT " + std::to_string(limit));
  const std::string& name = one.source_name;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    Finding finding = make(one.code, Severity::warning, name);
    finding.value = rows.text(r, 0);
    finding.subject = rows.text(r, 1);
    finding.file = rows.text(r, 2);
    finding.row = rows.is_null(r, 3) ? 0 : std::stoll(rows.text(r, 3));
    finding.message = "'" + finding.value + "': " + sentences.at(one.code);
    context_.findings.add(finding);
  }
  if (all <= limit) return;
  Finding finding = make(one.code, Severity::warning, name);
  finding.message = base::thousands(all - limit) + " more values like these are not listed one by one";
  context_.findings.add(finding);
}

}  // namespace trialmill::transform
