#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "study/lists.hpp"
#include "transform/program.hpp"
#include "transform/records_builder.hpp"
#include "transform/row_sets.hpp"
#include "transform/sql_columns.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

/// Whether a query's column is more than a column that it reads.
bool is_computed(const SqlColumn& column) {
  return base::replace_all(column.expression, " | ", "").find_first_of(" '(+-*/<>=") != std::string::npos;
}

}  // namespace

/// The raw table of that name; Error TM2302 with the nearest one.
std::string RecordsBuilder::table(const YamlValue& name) {
  if (!context_.session.has_table("raw", name.text())) {
    const bool declared = context_.study.find_source(name.text()) != nullptr;
    throw base::usage_error(
        "TM2302", "no raw table '" + name.text() + "'", name.place(),
        declared ? "no file of this source has been delivered yet; name its `columns` in study.yaml to "
                   "read it as a table without rows"
                 : base::did_you_mean(name.text(), context_.session.tables("raw")));
  }
  return "raw." + sql_identifier(name.text());
}

std::string RecordsBuilder::column(const RowSet& set, const YamlValue& name) {
  const std::string found = find_name(set.columns, name.text());
  if (found.empty()) {
    throw base::usage_error("TM2301", "no column '" + name.text() + "' in " + set.source, name.place(),
                            base::did_you_mean(name.text(), set.columns));
  }
  return sql_identifier(found);
}

/// A column, {constant: …} or {sql: …} as an expression over the row set.
std::string RecordsBuilder::value(const RowSet& set, const YamlValue& node) {
  if (node.is_text()) return clean(column(set, node));
  YamlMap map = node.map();
  std::string sql;
  if (const auto text = map.find("constant"))
    sql = sql_literal(expand(text->text(), context_.study));
  else
    sql = sql_text(set, "(" + map.text("sql") + ")");
  map.finish();
  return sql;
}

/// The value of an expression as text, numbers without .0.
std::string RecordsBuilder::sql_text(const RowSet& set, const std::string& expression) {
  try {
    const auto types = context_.session.types_of("(SELECT " + expression + " AS v FROM (" + set.sql + "))");
    const std::string& type = types.at("v");
    if (type == "DOUBLE" || type == "FLOAT" || type.starts_with("DECIMAL")) return number_text(expression);
  } catch (const base::Error&) {  // whoever runs the expression reports what is wrong with it
  }
  return clean(expression);
}

/// The records of a finished dataset, or of the parts it is split into; lineage leads to them.
std::string RecordsBuilder::dataset_rows(const YamlValue& from) {
  const std::string name = from.text().substr(5);
  if (scope_.is_open(name)) throw Waiting{name};
  if (!context_.session.has_table("sdtm", name)) {
    throw base::usage_error("TM2302", "no dataset '" + name + "'", from.place(),
                            base::did_you_mean(name, scope_.datasets));
  }
  std::string sql;
  for (const auto& dataset : scope_.parts_of(name)) {
    sql += (sql.empty() ? "" : " UNION ALL BY NAME ") + std::string("SELECT * EXCLUDE (file_row_number), ") +
           sql_literal(dataset) + " AS _file, file_row_number + 1 AS _row FROM read_parquet(" +
           sql_literal((scope_.folder / "parquet" / (dataset + ".parquet")).string()) +
           ", file_row_number = true)";
  }
  if (!sql.empty()) return sql;
  // A split domain without any record yet.
  return "SELECT *, NULL::VARCHAR AS _file, NULL::BIGINT AS _row FROM sdtm." + sql_identifier(name);
}

/// The records of a dataset that is not finished, for a row set that needs none of what it still lacks.
std::string RecordsBuilder::draft_rows(const std::string& name, const YamlMap& map) {
  const auto draft = scope_.drafts.find(name);
  if (draft == scope_.drafts.end()) throw Waiting{name};
  const std::string text = base::to_lower(YAML::Dump(map.value().node()));
  for (const auto& variable : scope_.open.at(name).value_or(std::vector<std::string>{})) {
    if (variable.starts_with("_") || !find_name(draft->second.ready, variable).empty()) continue;
    if (text.find(base::to_lower(variable)) != std::string::npos) throw Waiting{name};
    base_.late[base::to_lower(variable)] = {name, variable};
  }
  return "SELECT * FROM " + draft->second.table;
}

/// Where a column of the rows comes from, in this row set and among all of them.
void RecordsBuilder::note_origin(RowSet& set, const std::string& column,
                                 const std::vector<std::string>& inputs) {
  for (const auto& input : inputs) set.about["origins"][base::to_lower(column)].push_back(input);
  auto& all = base_.origins[base::to_lower(column)];
  for (const auto& input : inputs) {
    if (std::find(all.begin(), all.end(), input) == all.end()) all.push_back(input);
  }
}

/// The output of a program. Without _file and _row all rows of its raw inputs count as used.
void RecordsBuilder::start_from_program(RowSet& set, const YamlValue& program, const std::string& source) {
  const ProgramRows rows = run_program(program.map(), dataset_, base_.programs.size(), scope_, context_);
  set.sql = rows.sql;
  set.source = source.empty() && rows.inputs.size() == 1 ? rows.inputs[0] : source;
  base_.programs.push_back(rows.record);
  const auto columns = context_.session.columns_of("(" + rows.sql + ")");
  for (const auto& name : columns) {
    // A column that an input has is passed through.
    const bool passed = std::ranges::any_of(rows.inputs, [&](const std::string& input) {
      return !find_name(context_.session.columns_of("raw." + sql_identifier(input)), name).empty();
    });
    if (!passed) base_.computed.insert(base::to_lower(name));
  }
  if (!find_name(columns, "_file").empty() && !find_name(columns, "_row").empty()) return;
  base_.whole.insert(base_.whole.end(), rows.inputs.begin(), rows.inputs.end());
}

/// The rows of a CSV file of the study, as text.
std::string RecordsBuilder::list_rows(const YamlValue& name) {
  const std::filesystem::path file = context_.study.root / name.text();
  if (!std::filesystem::exists(file))
    throw base::usage_error("TM2302", "no file '" + name.text() + "'", name.place(),
                            "paths start at study.yaml");
  return "SELECT *, " + sql_literal(name.text()) + " AS _file, row_number() OVER () AS _row FROM " +
         study::list_sql(file, name.text());
}

/// What a row set may be joined with: a source, a CSV file of the study or a finished dataset.
std::string RecordsBuilder::partner(const YamlValue& with, std::string& alias) {
  const std::string text = with.text();
  alias = text;
  if (text.ends_with(".csv")) {
    alias = std::filesystem::path(text).stem();
    return "(" + list_rows(with) + ")";
  }
  if (!text.starts_with("sdtm.")) return table(with);
  alias = text.substr(5);
  return "(" + dataset_rows(with) + ")";
}

bool is_taken_name(const std::string& name) {
  static const RE2 taken(
      "(?i)_(set|source|file|row|entry|at|record|unread|parent|test_(code|name|result|unit)|j[0-9]+_(source|"
      "file|row))");
  return RE2::FullMatch(name, taken);
}

RowSet RecordsBuilder::start(YamlMap& map) {
  RowSet set;
  std::vector<std::string> named;  // sources that the query says it is about
  std::set<std::string> computed;  // columns of a query that are more than a column that it reads
  if (const auto from = map.find("from")) {
    set.source = from->text();
    if (set.source.starts_with("sdtm."))
      set.sql = scope_.open.contains(set.source.substr(5)) ? draft_rows(set.source.substr(5), map)
                                                           : dataset_rows(*from);
    else if (set.source.ends_with(".csv"))
      set.sql = list_rows(*from);
    else
      set.sql = "SELECT * FROM " + table(*from), set.once = true;
  } else if (const auto program = map.find("program")) {
    start_from_program(set, *program, map.text_or("source", ""));
  } else if (const auto made = made_rows(map, scope_, context_)) {
    set.sql = made->sql;
    for (const auto& [column, inputs] : made->origins) note_origin(set, column, inputs);
    base_.findings.insert(base_.findings.end(), made->findings.begin(), made->findings.end());
  } else {
    named = map.texts_or("source", {});
    if (named.size() == 1) set.source = named[0];
    set.sql = map.text("sql");
    while (!set.sql.empty() &&
           (std::isspace(static_cast<unsigned char>(set.sql.back())) || set.sql.back() == ';')) {
      set.sql.pop_back();
    }
  }
  describe_start(set, map.value());
  execute_or_wait(context_.session, set.sql, scope_, map.place(), "the row set's SQL");
  if (map.value().node()["sql"]) {
    const auto columns = columns_of_query(context_.session, set.sql);
    set.about["tables"] = tables_of_columns(columns);
    for (const auto& column : columns) {
      note_origin(set, column.name, column.inputs);
      if (is_computed(column)) computed.insert(base::to_lower(column.name));
    }
  }
  execute_at(context_.session, "CREATE OR REPLACE TEMP VIEW tm_rows AS " + set.sql, map.place(),
             "the row set's SQL");
  std::vector<std::string> all = context_.session.columns_of("tm_rows");
  const bool located = !find_name(all, "_file").empty() && !find_name(all, "_row").empty();
  if (located && named.size() > 1) throw map.get("source").wrong_type("source that _file and _row belong to");
  if (!located) base_.computed.merge(computed);
  // Rows that stand for many, such as sums: nobody can tell which, so all of the sources count as used.
  if (!located) base_.whole.insert(base_.whole.end(), named.begin(), named.end());
  std::string list;
  for (const auto& name : all) {
    if (name == "_file" || name == "_row") continue;
    if (is_taken_name(name)) {
      throw base::usage_error(
          "TM2313", "a column of the rows is called '" + name + "', which is a name of ours", map.place(),
          "read it under another name: sql: \"SELECT _file, _row, …, " + sql_identifier(name) +
              " AS OTHER FROM raw.…\"");
    }
    set.columns.push_back(name);
    list += ", " + sql_identifier(name);
    // Made columns are no raw ones; what a program passes through may be.
    if (map.value().node()["program"])
      note_origin(set, name, {"raw." + name});
    else if (!map.value().node()["from"])
      note_origin(set, name, {});
  }
  set.sql =
      "SELECT " +
      std::string(located ? "_file, _row::BIGINT AS _row" : "NULL::VARCHAR AS _file, NULL::BIGINT AS _row") +
      list + " FROM (" + set.sql + ")";
  return set;
}

}  // namespace trialmill::transform
