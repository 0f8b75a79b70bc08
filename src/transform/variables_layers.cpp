#include <algorithm>

#include "base/text.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;

/// Variables of one layer do not need each other; a variable that needs one of them starts the next layer.
void VariablesBuilder::add(Variable one) {
  if (one.windowed && base_.rows > rows_few)
    return is_unread(one.name) ? add_late(std::move(one)) : add_windowed(std::move(one));
  if (one.continued) {
    flush();
    sql_ = rows_of(one);
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
  if (one.numeric || one.type == "Num") numeric_.insert(sql_identifier(one.name));
  if (one.trimmed && one.type != "Num") trimmed_.insert(sql_identifier(one.name));
  names_.push_back(one.name);
  if (one.place.line > 0)
    steps_.push_back({"SELECT *" + layer_ + " FROM (" + sql_ + ")", one.name, one.place});
  done_.push_back(std::move(one));
}

/// What the expression is computed over.
std::string VariablesBuilder::rows_of(const Variable& one) const {
  const std::string rows = "(" + sql_ + ")";
  return one.continued ? one.continued->relation(rows) : rows;
}

/// Many rows: what nobody looks at is computed when the records are sorted, from the few columns that it
/// needs.
void VariablesBuilder::add_late(Variable one) {
  const std::string type = one.type == "Num" ? "DOUBLE" : one.whole ? "BIGINT" : "VARCHAR";
  layer_ += ", CAST(NULL AS " + type + ") AS " + sql_identifier(one.name);
  layer_names_.push_back(one.name);
  names_.push_back(one.name);
  one.late = true;
  done_.push_back(std::move(one));
}

/// Many rows: the expression is computed over the columns that it needs, and joined to the rows by their
/// place. Computing those columns once more costs less than storing whole rows.
void VariablesBuilder::add_windowed(Variable one) {
  flush();
  const std::string place = placed_ ? "_at" : "_set, _entry, _file, _row";
  const std::string table = sql_identifier("tm_" + dataset_ + "_over_" + std::to_string(joins_++));
  const std::string rows = one.continued ? "(" + rows_of(one) + ")" : rows_of(one);
  Compiled so_far;
  so_far.steps = steps_;
  so_far.steps.push_back({"SELECT " + one.sql + " FROM " + rows, one.name, one.place});
  const std::string values =
      "SELECT " + place + ", " + one.sql + " AS " + sql_identifier(one.name) + " FROM " + rows;
  so_far.blame(context_.session, [&] {
    context_.session.execute("CREATE OR REPLACE TEMP TABLE " + table + " AS " +
                             (one.only.empty() ? values
                                               : "FROM (" + values + " WHERE " + one.only + ") WHERE " +
                                                     sql_identifier(one.name) + " IS NOT NULL"));
  });
  sql_ = "SELECT * FROM (" + sql_ + ") " + (one.only.empty() ? "" : "LEFT ") + "JOIN " + table + " USING (" +
         place + ")";
  tables_.push_back(table);
  names_.push_back(one.name);
  done_.push_back(std::move(one));
}

/// Whether no variable that is still to be compiled, no key and no sort order names the variable. One that
/// waits for another dataset may wait for a variable there that needs this one in turn.
bool VariablesBuilder::is_unread(const std::string& name) const {
  if (!find_name(keys_, name).empty() || !find_name(sort_, name).empty()) return false;
  return std::ranges::all_of(pending_, [&](const Pending& one) {
    if (one.place == current_ || !find_name(names_, one.name).empty()) return true;
    const auto waits = waiting_.find(one.name);
    if (waits != waiting_.end() && !waits->second.starts_with(dataset_ + ".")) return false;
    const std::string rule = base::to_lower(YAML::Dump(one.node.node()));
    return rule.find(base::to_lower(name)) == std::string::npos;
  });
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

/// The rules of variables still to be compiled, in lower case.
std::string VariablesBuilder::text_to_come() const {
  std::string text;
  for (const auto& one : pending_)
    text += base::to_lower(one.name + " " + YAML::Dump(one.node.node())) + "\n";
  return text;
}

/// Columns to store, as a list: variables, what is said about them, and of all others those that a variable
/// still to come, or the SQL `next`, names.
std::string VariablesBuilder::needed_columns(const std::string& next) const {
  static const std::set<std::string> always{"_set", "_source", "_file", "_row", "_entry", "_at"};
  const std::string to_come = text_to_come();
  const auto is_needed = [&](const std::string& name) {
    if (always.count(name) != 0 || name.starts_with("_j") || name.starts_with("in$")) return true;
    if (next.find(name) != std::string::npos || !find_name(names_, name).empty()) return true;
    if (name.starts_with("_test_")) return to_come.find("test:") != std::string::npos;
    if (name.starts_with("raw$") || name.starts_with("set$"))
      return to_come.find(base::to_lower(name.substr(4))) != std::string::npos;
    return std::ranges::any_of(joined_, [&](const auto& one) { return one.second == sql_identifier(name); });
  };
  std::string list;
  for (const auto& name : context_.session.columns_of("(" + sql_ + ")")) {
    if (is_needed(name)) list += (list.empty() ? "" : ", ") + sql_identifier(name);
  }
  return list;
}

/// Computes the rows so far and goes on from there; `next` is SQL that will read them.
void VariablesBuilder::store(const std::string& table, const std::string& kind, const std::string& next) {
  flush();
  Compiled so_far;
  so_far.steps = steps_;
  so_far.blame(context_.session, [&] {
    context_.session.execute("CREATE OR REPLACE " + kind + " " + table + " AS SELECT " +
                             needed_columns(next) + " FROM (" + sql_ + ")");
  });
  sql_ = placed_ ? "SELECT * FROM " + table : "SELECT rowid AS _at, * FROM " + table;
  placed_ = true;
  // What the rows were made from takes memory and is not read any more.
  for (const auto& one : tables_) context_.session.execute("DROP TABLE IF EXISTS " + one);
  tables_ = {table};
  steps_.clear();
}

std::string VariablesBuilder::show_as(const std::string& table, std::vector<std::string>& names) {
  names.clear();
  for (const auto& one : done_) {
    if (!is_supplement(one.name) && !one.late) names.push_back(one.name);
  }
  flush();
  // Of many rows others need a column or two: computing those costs less than storing all.
  if (!placed_ && base_.rows > rows_few && !reads_datasets_) return "(" + sql_ + ")";
  store(table, "TABLE");
  return table;
}

}  // namespace trialmill::transform
