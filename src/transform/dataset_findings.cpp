#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
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
  // Grouping by one number costs a third of grouping by the texts; it errs on the side of looking closer.
  std::vector<std::string> stored;
  std::ranges::copy_if(keys_, std::back_inserter(stored),
                       [this](const std::string& key) { return literals_.count(key) == 0; });
  unique_keys_ =
      !stored.empty() && session_.count("SELECT count(*) FROM (SELECT 1 FROM tm_made GROUP BY hash(" +
                                        sql_list(stored) + ") HAVING count(*) > 1)") == 0;
  if (unique_keys_) return;
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

/// Variables that neither the guide nor the model has for the dataset: a misspelt one, or what belongs into
/// SUPP-- (SDTMIG 3.4, section 2.5).
void DatasetBuilder::unknown_variables() {
  const auto* known = guide_.find_dataset(model_.dataset);
  if (known == nullptr || define_.value("nonstandard", false)) return;
  std::vector<std::string> names;
  for (const auto& list : {guide_.guide_variables(model_.dataset, known->class_name, model_.dataset),
                           guide_.model_variables(model_.dataset, known->class_name, model_.dataset)}) {
    for (const auto& one : list) names.push_back(one.name);
  }
  for (const auto& one : known->variables) names.push_back(one.name);
  for (const auto& one : variables_) {
    const std::string stem = one.name.substr(0, one.name.find_last_not_of("0123456789") + 1);
    if (!find_name(names, one.name).empty() || has_numbered_parts(model_.dataset, stem)) continue;
    const std::string near = base::did_you_mean(one.name, names);
    Finding finding = make("TM2368", Severity::warning, one.name);
    finding.message = one.name + " is no variable of " + model_.dataset + " in SDTMIG " +
                      context_.study.sdtmig +
                      (near.empty() ? "; values that it has no variable for belong into SUPP" + model_.dataset
                                    : "; " + near);
    context_.findings.add(finding);
  }
}

/// Values that a verb could not use: the input is there, the result is not.
void DatasetBuilder::input_findings() {
  if (base_) {
    for (const auto& finding : base_->findings) context_.findings.add(finding);
  }
  if (measures_.unread == 0) return;
  for (const auto* group : {&variables_, &supplements_, &steps_}) {
    for (const auto& one : *group) {
      if (!one.input.empty()) unread_inputs(one);
    }
  }
}

void DatasetBuilder::unread_inputs(const Variable& one) {
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
  const std::string mark = "chr(30) || " + sql_literal(one.name) + " || chr(31)";
  const std::string found = " FROM tm_done WHERE contains(_unread, " + mark + ")";
  const auto rows = session_.query_text("SELECT split_part(split_part(_unread, " + mark +
                                        ", 2), chr(30), 1), " + subject_column() + ", _file, _row" + found +
                                        " ORDER BY _record LIMIT " + std::to_string(limit));
  const std::string& name = one.source_name;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    Finding finding = make(one.code, Severity::warning, name);
    finding.value = rows.text(r, 0);
    finding.subject = rows.text(r, 1);
    finding.file = rows.text(r, 2);
    finding.row = rows.is_null(r, 3) ? 0 : std::stoll(rows.text(r, 3));
    const std::string why = one.explain ? one.explain(finding.value) : "";
    finding.message = "'" + finding.value + "': " + (why.empty() ? sentences.at(one.code) : why);
    context_.findings.add(finding);
  }
  const auto all = session_.count("SELECT count(*)" + found);
  if (all <= limit) return;
  Finding finding = make(one.code, Severity::warning, name);
  finding.message = base::thousands(all - limit) + " more values like these are not listed one by one";
  context_.findings.add(finding);
}

}  // namespace trialmill::transform
