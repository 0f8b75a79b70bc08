#include <algorithm>

#include "base/text.hpp"
#include "transform/dataset_builder.hpp"
#include "transform/sql_columns.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

std::string DatasetBuilder::model_sql() const {
  std::string sql(base::trim(model_.text));
  while (!sql.empty() && (sql.back() == ';' || sql.back() == '\n')) sql.pop_back();
  return sql;
}

/// A model can be run once all datasets that it reads have the columns that it names.
bool DatasetBuilder::bind_model() {
  try {
    execute_or_wait(session_, model_sql(), scope_, {model_.name, 1, 1}, "the model");
  } catch (const Waiting& other) {
    rows_wait_for_ = other.what;
    return false;
  }
  rows_wait_for_.clear();
  compiled_ = true;
  return true;
}

void DatasetBuilder::from_sql() {
  std::vector<std::string> from;
  for (const auto& line : base::split(model_.text, '\n')) {
    const std::string_view text = base::trim(line);
    if (text.substr(0, 2) != "--") break;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string key(base::trim(text.substr(2, colon - 2))), value(base::trim(text.substr(colon + 1)));
    const auto words = [&value] {
      std::vector<std::string> all;
      for (const auto& part : base::split(value, ',')) all.emplace_back(base::trim(part));
      return all;
    };
    if (key == "label")
      label_ = value;
    else if (key == "class")
      class_ = value;
    else if (key == "keys")
      keys_ = words();
    else if (key == "from")
      from = words();
  }
  const base::Place place{model_.name, 1, 1};
  execute_at(session_, "CREATE OR REPLACE TEMP TABLE tm_model AS " + model_sql(), place, "the model");
  std::vector<std::string> all = session_.columns_of("tm_model");
  const bool located = !find_name(all, "_file").empty() && !find_name(all, "_row").empty();
  for (const auto& name : all) {
    if (name != "_file" && name != "_row") names_.push_back(name);
  }
  if (find_name(names_, "DOMAIN").empty() && has_domain(context_.study, model_.dataset)) {
    session_.execute("ALTER TABLE tm_model ADD COLUMN \"DOMAIN\" VARCHAR DEFAULT " +
                     sql_literal(model_.dataset));
    names_.insert(names_.begin() + (names_.empty() || names_[0] != "STUDYID" ? 0 : 1), "DOMAIN");
  }
  const auto known = columns_of_query(session_, model_sql());
  model_tables_ = tables_of_columns(known);
  const std::size_t skipped = model_.text.find_first_not_of(" \t\r\n");
  for (const auto& name : names_) {
    Variable one;
    one.name = one.source_name = name;
    one.origin = "Derived";
    one.sentence = "By the expression of the SQL model.";
    one.place = {model_.name, 1, 0};
    if (name == "DOMAIN") one.rule = "{constant: " + model_.dataset + "}", one.origin = "Assigned";
    for (const auto& column : known) {
      if (base::to_lower(column.name) != base::to_lower(name)) continue;
      one.inputs = column.inputs;
      if (!column.expression.empty()) one.rule = column.expression;
      const auto begin = model_.text.begin();
      const auto end =
          begin + static_cast<std::ptrdiff_t>(std::min(model_.text.size(), column.position + skipped));
      one.place = {model_.name, static_cast<int>(std::count(begin, end, '\n')) + 1, 0};
    }
    if (one.rule.empty() && !one.inputs.empty()) one.rule = "column " + name + " of the model";
    variables_.push_back(one);
  }
  order_variables();
  for (const auto& key : keys_) {
    if (find_name(names_, key).empty()) {
      throw base::usage_error("TM2301", "key '" + key + "' is not a column of the model", place,
                              base::did_you_mean(key, names_));
    }
  }
  const std::string source = sql_literal(from.empty() ? "" : from[0]);
  const std::string select = "0 AS _set, " + source + " AS _source, " +
                             (located && !from.empty() ? "_file, CAST(_row AS BIGINT) AS _row"
                                                       : "NULL::VARCHAR AS _file, NULL::BIGINT AS _row") +
                             ", 0 AS _entry" + typed("tm_model");
  std::vector<std::string> sort = keys_;
  sort.insert(sort.end(), names_.begin(), names_.end());
  finish_rows(select, "tm_model", sort);
  if (!located) whole_ = from;
}

}  // namespace trialmill::transform
