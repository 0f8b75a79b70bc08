#include <algorithm>

#include "base/text.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;

namespace {

/// With fewer variables since rows were stored, computing those again costs less than storing whole rows.
constexpr int worth_storing = 6;

}  // namespace

/// Variables of one layer do not need each other; a variable that needs one of them starts the next layer.
void VariablesBuilder::add(Variable one) {
  if (one.windowed && base_.rows > rows_few) return add_windowed(std::move(one));
  if (!one.rows.empty()) {
    flush();
    sql_ = one.rows;
  }
  for (const auto& name : used_) {
    if (std::find(layer_names_.begin(), layer_names_.end(), name) != layer_names_.end()) {
      flush();
      break;
    }
  }
  layer_ += ", " + one.sql + " AS " + sql_identifier(one.name);
  // Only inputs without a result are looked at (the engine computes the same expression once).
  if (!one.input.empty())
    layer_ += ", CASE WHEN (" + one.sql + ") IS NULL THEN " + one.input + " END AS " +
              sql_identifier("in$" + one.name);
  layer_names_.push_back(one.name);
  ++since_stored_;
  if (one.numeric || one.type == "Num") numeric_.insert(sql_identifier(one.name));
  if (one.trimmed && one.type != "Num") trimmed_.insert(sql_identifier(one.name));
  names_.push_back(one.name);
  if (one.place.line > 0)
    steps_.push_back({"SELECT *" + layer_ + " FROM (" + sql_ + ")", one.name, one.place});
  done_.push_back(std::move(one));
}

/// Before something looks at many rows: gives them their place, and stores them if computing them again would
/// cost more.
void VariablesBuilder::settle() {
  flush();
  if (base_.rows > rows_few && (!placed_ || since_stored_ >= worth_storing))
    store("tm_" + dataset_ + "_rows_" + std::to_string(joins_++), "TEMP TABLE");
}

/// Many rows: the expression is computed over the columns that it needs, and joined to the rows by their
/// place.
void VariablesBuilder::add_windowed(Variable one) {
  settle();
  const std::string table = sql_identifier("tm_" + dataset_ + "_over_" + std::to_string(joins_++));
  const std::string rows = one.rows.empty() ? "(" + sql_ + ")" : "(" + one.rows + ")";
  Compiled so_far;
  so_far.steps = steps_;
  so_far.steps.push_back({"SELECT " + one.sql + " FROM " + rows, one.name, one.place});
  so_far.blame(context_.session, [&] {
    context_.session.execute("CREATE OR REPLACE TEMP TABLE " + table + " AS SELECT _at AS r, " + one.sql +
                             " AS v FROM " + rows);
  });
  sql_ = "SELECT l.*, w.v AS " + sql_identifier(one.name) + " FROM (" + sql_ + ") l JOIN " + table +
         " w ON w.r = l._at";
  tables_.push_back(table);
  names_.push_back(one.name);
  done_.push_back(std::move(one));
}

void VariablesBuilder::flush() {
  if (layer_.empty()) return;
  sql_ = "SELECT *" + layer_ + " FROM (" + sql_ + ")";
  layer_.clear();
  layer_names_.clear();
}

void Compiled::blame(table::Session& session, const std::function<void()>& work) const {
  try {
    work();
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    for (const auto& step : steps)
      execute_at(session, "EXPLAIN " + step.sql, step.place, "the expression of " + step.name);
    // It can be understood, but not computed for some record.
    for (const auto& step : steps) {
      execute_at(session, "SELECT count(" + sql_identifier(step.name) + ") FROM (" + step.sql + ")",
                 step.place, "the expression of " + step.name);
    }
    throw;
  }
}

/// Raw columns that no variable still to come names, as a list.
std::string VariablesBuilder::unused_columns() const {
  std::string text, list;
  for (const auto& one : pending_) text += base::to_lower(YAML::Dump(one.node.node())) + "\n";
  const auto there = context_.session.columns_of("(" + sql_ + ")");
  for (const auto& name : base_.columns) {
    const std::string column = raw_name(name);
    const bool stored =
        std::ranges::any_of(there, [&](const auto& one) { return sql_identifier(one) == column; });
    if (stored && text.find(base::to_lower(name)) == std::string::npos)
      list += (list.empty() ? "" : ", ") + column;
  }
  return list;
}

/// Computes the rows so far and goes on from there.
void VariablesBuilder::store(const std::string& table, const std::string& kind) {
  flush();
  Compiled so_far;
  so_far.steps = steps_;
  const std::string unused = unused_columns();
  so_far.blame(context_.session, [&] {
    context_.session.execute("CREATE OR REPLACE " + kind + " " + table + " AS SELECT *" +
                             (unused.empty() ? "" : " EXCLUDE (" + unused + ")") + " FROM (" + sql_ + ")");
  });
  sql_ = placed_ ? "SELECT * FROM " + table : "SELECT rowid AS _at, * FROM " + table;
  placed_ = true;
  // What the rows were made from takes memory and is not read any more.
  for (const auto& one : tables_) context_.session.execute("DROP TABLE IF EXISTS " + one);
  tables_ = {table};
  steps_.clear();
  since_stored_ = 0;
}

std::vector<std::string> VariablesBuilder::store_as(const std::string& table) {
  store(table, "TABLE");
  std::vector<std::string> public_names;
  for (const auto& name : names_) {
    if (!is_supplement(name)) public_names.push_back(name);
  }
  return public_names;
}

}  // namespace trialmill::transform
