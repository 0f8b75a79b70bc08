// What is written down so that trialmill trace finds the very records that a verb took: one object for each
// table that is read, with `how` (lookup, window, parent, earliest, latest, epoch, query, last_before, rows,
// table), the `input` that it belongs to, and what else chooses the record.
#include <algorithm>

#include "transform/names.hpp"
#include "transform/sql_columns.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

void VariablesBuilder::note_read(const std::string& how, const std::string& input, base::Json more) {
  more["how"] = how;
  if (!input.empty()) more["input"] = input;
  reads_.push_back(std::move(more));
}

std::string VariablesBuilder::input_since(std::size_t before) const {
  return inputs_.size() == before + 1 ? inputs_.back() : "";
}

/// Subqueries name the columns that they read; where that cannot be told, the dataset.
void VariablesBuilder::note_subqueries(const std::string& sql) {
  std::vector<std::string> datasets;
  for (const auto& name : names_in(sql, "sdtm")) {
    if (is_made(name)) datasets.push_back(name);
  }
  const auto raw = names_in(sql, "raw");
  const bool tables = std::ranges::any_of(
      raw, [this](const std::string& name) { return context_.session.has_table("raw", name); });
  if (datasets.empty() && !tables) return;
  reads_datasets_ = reads_datasets_ || !datasets.empty();
  std::vector<std::string> columns;
  for (const auto& one : columns_of_query(context_.session, "SELECT (" + sql + ") AS v")) {
    columns.insert(columns.end(), one.inputs.begin(), one.inputs.end());
    for (const auto& [table, column] : one.cells)
      note_read("table", "", {{"table", table}, {"column", column}});
  }
  for (const auto& name : datasets) {
    bool any = false;
    for (const auto& column : columns) {
      if (!column.starts_with(name + ".")) continue;
      inputs_.push_back(column);
      note_read("query", column, base::Json::object());
      any = true;
    }
    if (!any) inputs_.push_back(name);
  }
}

}  // namespace trialmill::transform
