#include <algorithm>

#include "base/text.hpp"
#include "transform/names.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::YamlValue;

bool VariablesBuilder::is_made(const std::string& dataset) const {
  return std::find(scope_.datasets.begin(), scope_.datasets.end(), dataset) != scope_.datasets.end();
}

void VariablesBuilder::need(const std::string& dataset) {
  if (scope_.is_open(dataset)) throw Waiting{dataset};
}

/// A variable of this dataset. One that is declared but not compiled yet is waited for if it stands above,
/// or if no column has its name.
std::optional<std::string> VariablesBuilder::variable(const std::string& name) {
  if (const std::string found = find_name(names_, name); !found.empty()) {
    used_.insert(found);
    inputs_.push_back(found);
    return sql_identifier(found);
  }
  for (const auto& one : pending_) {
    if (base::to_lower(one.name) != base::to_lower(name) || one.place == current_) continue;
    const bool is_column =
        !find_name(base_.columns, name).empty() || base_.late.contains(base::to_lower(name));
    if (one.place < current_ || !is_column) throw Waiting{dataset_ + "." + one.name};
  }
  return std::nullopt;
}

/// A variable of the dataset that the rows were made of before it was finished, by the number of the record.
std::optional<std::string> VariablesBuilder::late_column(const std::string& name) {
  const auto late = base_.late.find(base::to_lower(name));
  if (late == base_.late.end()) return std::nullopt;
  const auto& [dataset, variable] = late->second;
  if (scope_.is_open(dataset)) throw Waiting{dataset + "." + variable};
  inputs_.push_back("raw." + variable);
  const std::string what = "late|" + dataset + "|" + variable;
  if (const auto before = joined_.find(what); before != joined_.end()) return before->second;
  flush();
  const std::string alias = sql_identifier(unique_name(dataset + "$" + variable));
  const std::string file = (scope_.folder / "parquet" / (dataset + ".parquet")).string();
  const std::string other = find_name(base_.columns, variable);  // of another row set
  sql_ =
      "SELECT l.*, " + (other.empty() ? "r.v" : "coalesce(r.v, l." + raw_name(other) + ")") + " AS " + alias +
      " FROM (" + sql_ + ") l LEFT JOIN (SELECT file_row_number + 1 AS n, " + sql_identifier(variable) +
      " AS v FROM read_parquet(" + base::sql_literal(file) +
      ", file_row_number = true)) r ON r.n = l._row AND l._source = " + base::sql_literal("sdtm." + dataset);
  if (context_.session.types_of("sdtm." + sql_identifier(dataset))[variable] == "DOUBLE")
    numeric_.insert(alias);
  return joined_[what] = alias;
}

std::optional<std::string> VariablesBuilder::column(const std::string& name) {
  if (const auto late = late_column(name)) return late;
  const std::string found = find_name(base_.columns, name);
  if (found.empty()) return std::nullopt;
  (base_.computed.contains(base::to_lower(found)) ? reads_computed_ : reads_collected_) = true;
  const auto origin = base_.origins.find(base::to_lower(found));
  if (origin == base_.origins.end())
    inputs_.push_back("raw." + found);
  else
    inputs_.insert(inputs_.end(), origin->second.begin(), origin->second.end());
  if (origin != base_.origins.end()) note_read("rows", "", {{"column", found}});
  return raw_name(found);
}

/// A subject's value in another dataset: the aggregate of `name` over its records, joined once.
std::string VariablesBuilder::join_subject(const std::string& dataset, const std::string& name,
                                           const std::string& aggregate, const std::string& where) {
  const std::string relation = "sdtm." + sql_identifier(dataset);
  std::string found;
  if (!scope_.is_open(dataset) || context_.session.has_table("sdtm", dataset)) {
    const auto theirs = context_.session.columns_of(relation);
    found = find_name(theirs, name);
    if (found.empty() && !scope_.is_open(dataset)) {
      throw base::usage_error("TM2301", dataset + " has no variable '" + name + "'", place_,
                              base::did_you_mean(name, theirs));
    }
  }
  if (found.empty()) {
    const auto& declared = scope_.open.at(dataset);
    if (declared && find_name(*declared, name).empty()) {
      throw base::usage_error("TM2301", dataset + " has no variable '" + name + "'", place_,
                              base::did_you_mean(name, *declared));
    }
    throw Waiting{dataset + "." + name};
  }
  if (!variable("USUBJID")) {
    throw base::usage_error("TM2301", dataset + "." + name + " needs USUBJID, which this dataset lacks",
                            place_);
  }
  inputs_.pop_back();
  inputs_.push_back(dataset + "." + found);
  const std::string what = aggregate + "|" + dataset + "|" + found + "|" + where;
  if (const auto before = joined_.find(what); before != joined_.end()) return before->second;
  const std::string column = sql_identifier(found);
  const std::string value = aggregate == "first_date"
                                ? "arg_min(" + column + ", " + after_its_days(column) + ")"
                                : aggregate + "(" + column + ")";
  std::string query = "SELECT USUBJID AS u, " + value + " AS v FROM " + relation +
                      (where.empty() ? "" : " WHERE " + where) + " GROUP BY 1";
  if (!where.empty()) execute_or_wait(context_.session, query, scope_, place_, "`where`");
  flush();
  if (base_.rows > rows_few) {
    if (aggregate == "min" && where.empty()) {
      join_subject_columns(dataset, found);
      return joined_.at(what);
    }
    // The rows may be computed several times, and the other dataset may look at them in turn.
    const std::string table = sql_identifier("tm_" + dataset_ + "_of_" + std::to_string(joins_++));
    context_.session.execute("CREATE OR REPLACE TEMP TABLE " + table + " AS " + query);
    query = "FROM " + table;
  }
  const std::string alias = sql_identifier(unique_name(dataset + "$" + found));
  sql_ = "SELECT l.*, r.v AS " + alias + " FROM (" + sql_ + ") l LEFT JOIN (" + query +
         ") r ON r.u = l.\"USUBJID\"";
  // Dates are the most, and texts.
  if (!found.ends_with("DTC") && context_.session.types_of(relation)[found] == "DOUBLE")
    numeric_.insert(alias);
  return joined_[what] = alias;
}

/// Many rows: `name` and what else of the dataset the mapping mentions, in one join.
void VariablesBuilder::join_subject_columns(const std::string& dataset, const std::string& name) {
  const std::string relation = "sdtm." + sql_identifier(dataset), to_come = text_to_come();
  std::string columns;
  const auto types = context_.session.types_of(relation);
  for (const auto& one : context_.session.columns_of(relation)) {
    const std::string what = "min|" + dataset + "|" + one + "|";
    const bool mentioned = to_come.find(base::to_lower(dataset + "." + one)) != std::string::npos ||
                           (one == "RFSTDTC" && to_come.find("study_day") != std::string::npos);
    if (one != name && (!mentioned || joined_.count(what) != 0)) continue;
    joined_[what] = sql_identifier(unique_name(dataset + "$" + one));
    if (types.at(one) == "DOUBLE") numeric_.insert(joined_[what]);
    columns += ", min(" + sql_identifier(one) + ") AS " + joined_[what];
  }
  const std::string table = sql_identifier("tm_" + dataset_ + "_of_" + std::to_string(joins_++));
  context_.session.execute("CREATE OR REPLACE TEMP TABLE " + table + " AS SELECT USUBJID AS u" + columns +
                           " FROM " + relation + " GROUP BY 1");
  sql_ = "SELECT l.*, r.* EXCLUDE (u) FROM (" + sql_ + ") l LEFT JOIN " + table + " r ON r.u = l.\"USUBJID\"";
}

/// DATASET.VAR: the subject's smallest value.
std::optional<std::string> VariablesBuilder::reference(const std::string& dataset, const std::string& name) {
  if (dataset == dataset_) return variable(name);
  if (!is_made(dataset)) return std::nullopt;
  return join_subject(dataset, name, "min", "");
}

std::string VariablesBuilder::operand(const YamlValue& node, bool column_first) {
  return operand_named(node.text(), column_first, node.place());
}

/// What a verb names: DM.VAR, a column or a variable; which of the latter first depends on the verb.
std::string VariablesBuilder::operand_named(const std::string& name, bool column_first,
                                            const base::Place& place) {
  if (const auto dot = name.find('.'); dot != std::string::npos) {
    const std::string first = name.substr(0, dot), second = name.substr(dot + 1);
    if (base::to_lower(first) == "raw") {
      if (const auto found = column(second)) return *found;
    } else if (const auto found = reference(first, second)) {
      return *found;
    }
  }
  const auto a = column_first ? column(name) : variable(name);
  if (a) return *a;
  if (const auto b = column_first ? variable(name) : column(name)) return *b;
  std::vector<std::string> known = names_;
  known.insert(known.end(), base_.columns.begin(), base_.columns.end());
  throw base::usage_error("TM2301", "no column or variable '" + name + "'", place,
                          base::did_you_mean(name, known));
}

/// The subqueries of an expression with the columns of their tables.
std::vector<Subquery> VariablesBuilder::subqueries_of(const std::string& sql) {
  auto all = subqueries_in(sql);
  for (auto& one : all) {
    for (const auto& [schema, name] : one.tables) {
      std::vector<std::string> columns;
      if ((schema == "raw" || schema == "sdtm") &&
          context_.session.has_table(schema, schema == "raw" ? name : base::to_upper(name)))
        columns = context_.session.columns_of(schema + "." + sql_identifier(name));
      else if (const auto open = scope_.open.find(base::to_upper(name));
               schema == "sdtm" && open != scope_.open.end() && open->second)
        columns = *open->second;
      for (const auto& column : columns) one.columns.insert(base::to_lower(column));
    }
  }
  return all;
}

std::string VariablesBuilder::expression(const std::string& sql) {
  open_read_.merge(open_in(sql, scope_));
  note_subqueries(sql);
  return rename_names(
      sql,
      [this](const std::string& first, const std::string& second) -> std::optional<std::string> {
        if (second.empty()) {
          const auto found = variable(first);
          return found ? found : column(first);
        }
        if (base::to_lower(first) == "raw") return column(second);
        if (first == "sdtm") return std::nullopt;
        const auto found = reference(first, second);
        // A column whose own name holds a dot: IT.AETERM.
        return found ? found : column(first + "." + second);
      },
      subqueries_of(sql));
}

}  // namespace trialmill::transform
