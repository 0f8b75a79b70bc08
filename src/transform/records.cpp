#include "transform/records.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "transform/names.hpp"
#include "transform/program.hpp"
#include "transform/row_sets.hpp"
#include "transform/sql_columns.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

std::string clean(const std::string& expression) {
  return "nullif(trim(CAST(" + expression + " AS VARCHAR)), '')";
}

std::string expand(const std::string& text, const study::Study& study) {
  return base::replace_all(text, "${study}", study.id);
}

std::string find_name(const std::vector<std::string>& columns, const std::string& name) {
  for (const auto& column : columns) {
    if (base::to_lower(column) == base::to_lower(name)) return column;
  }
  return "";
}

void execute_at(table::Session& session, const std::string& sql, const base::Place& place,
                const std::string& what) {
  try {
    session.execute(sql);
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    throw base::usage_error("TM2306", what + " fails: " + error.message(), place, error.hint());
  }
}

std::set<std::string> open_in(const std::string& sql, const Scope& scope) {
  std::set<std::string> found;
  for (const auto& name : names_in(sql, "sdtm")) {
    if (scope.is_open(name)) found.insert(name);
  }
  return found;
}

void execute_or_wait(table::Session& session, const std::string& query, const Scope& scope,
                     const base::Place& place, const std::string& what) {
  const auto open = open_in(query, scope);
  if (open.empty()) return execute_at(session, "EXPLAIN " + query, place, what);
  try {
    session.execute("EXPLAIN " + query);
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    throw Waiting{*open.begin()};
  }
}

namespace {

/// One row set while it is put together.
struct RowSet {
  std::string source, sql;           ///< sql: FROM-able text of the rows
  std::vector<std::string> columns;  ///< its columns without _file and _row
  int joins = 0;
};

class RecordsBuilder {
 public:
  RecordsBuilder(YamlMap& mapping, const std::string& dataset, std::size_t number, const Scope& scope,
                 study::Context& context)
      : mapping_(mapping), dataset_(dataset), scope_(scope), context_(context), order_(number * 1000) {
    for (const char* part : {"variables", "supp"}) {
      if (const auto node = mapping.find(part)) text_ += base::to_lower(YAML::Dump(node->node())) + "\n";
    }
  }

  Base build() {
    std::vector<std::string> parts;
    // A row set that had to wait is built again.
    context_.session.execute("DELETE FROM tm_excluded WHERE ord >= " + std::to_string(order_) +
                             " AND ord < " + std::to_string(order_ + 1000));
    for (const auto& value : mapping_.get("records").list())
      parts.push_back(record(value.map(), parts.size()));
    for (auto& [column, inputs] : base_.origins) {
      if (plain_.count(column) != 0) inputs.push_back("raw." + column);
    }
    base_.table = sql_identifier("tm_base_" + dataset_);
    context_.session.execute("CREATE OR REPLACE TEMP TABLE " + base_.table + " AS " +
                             base::join(parts, " UNION ALL BY NAME "));
    base_.rows = context_.session.count("SELECT count(*) FROM " + base_.table);
    return std::move(base_);
  }

 private:
  /// The raw table of that name; Error TM2302 with the nearest one.
  std::string table(const YamlValue& name) {
    if (!context_.session.has_table("raw", name.text())) {
      throw base::usage_error("TM2302", "no raw table '" + name.text() + "'", name.place(),
                              base::did_you_mean(name.text(), context_.session.tables("raw")));
    }
    return "raw." + sql_identifier(name.text());
  }

  std::string column(const RowSet& set, const YamlValue& name) {
    const std::string found = find_name(set.columns, name.text());
    if (found.empty()) {
      throw base::usage_error("TM2301", "no column '" + name.text() + "' in " + set.source, name.place(),
                              base::did_you_mean(name.text(), set.columns));
    }
    return sql_identifier(found);
  }

  /// A column, {constant: …} or {sql: …} as an expression over the row set.
  std::string value(const RowSet& set, const YamlValue& node) {
    if (node.is_text()) return clean(column(set, node));
    YamlMap map = node.map();
    std::string sql;
    if (const auto text = map.find("constant"))
      sql = sql_literal(expand(text->text(), context_.study));
    else
      sql = clean("(" + map.text("sql") + ")");
    map.finish();
    return sql;
  }

  /// The rows of a finished dataset; lineage leads to its records.
  void start_from_dataset(RowSet& set, const YamlValue& from) {
    const std::string name = from.text().substr(5);
    if (scope_.is_open(name)) throw Waiting{name};
    if (!context_.session.has_table("sdtm", name)) {
      throw base::usage_error("TM2302", "no dataset '" + name + "'", from.place(),
                              base::did_you_mean(name, scope_.datasets));
    }
    for (const auto& dataset : scope_.parts_of(name)) {
      set.sql += (set.sql.empty() ? "" : " UNION ALL BY NAME ") +
                 std::string("SELECT * EXCLUDE (file_row_number), ") + sql_literal(dataset) +
                 " AS _file, file_row_number + 1 AS _row FROM read_parquet(" +
                 sql_literal((scope_.folder / "parquet" / (dataset + ".parquet")).string()) +
                 ", file_row_number = true)";
    }
  }

  void note_origin(const std::string& column, const std::vector<std::string>& inputs) {
    auto& all = base_.origins[base::to_lower(column)];
    for (const auto& input : inputs) {
      if (std::find(all.begin(), all.end(), input) == all.end()) all.push_back(input);
    }
  }

  /// The output of a program. Without _file and _row all rows of its raw inputs count as used.
  void start_from_program(RowSet& set, const YamlValue& program, const std::string& source) {
    const ProgramRows rows = run_program(program.map(), dataset_, base_.programs.size(), scope_, context_);
    set.sql = rows.sql;
    set.source = source.empty() && rows.inputs.size() == 1 ? rows.inputs[0] : source;
    base_.programs.push_back(rows.record);
    const auto columns = context_.session.columns_of("(" + rows.sql + ")");
    if (!find_name(columns, "_file").empty() && !find_name(columns, "_row").empty()) return;
    base_.whole.insert(base_.whole.end(), rows.inputs.begin(), rows.inputs.end());
  }

  RowSet start(YamlMap& map) {
    RowSet set;
    if (const auto from = map.find("from")) {
      set.source = from->text();
      if (set.source.starts_with("sdtm."))
        start_from_dataset(set, *from);
      else if (set.source.ends_with(".csv"))
        set.sql = "SELECT *, " + sql_literal(set.source) + " AS _file, row_number() OVER () AS _row FROM " +
                  list_file(*from);
      else
        set.sql = "SELECT * FROM " + table(*from);
    } else if (const auto program = map.find("program")) {
      start_from_program(set, *program, map.text_or("source", ""));
    } else if (const auto made = made_rows(map, scope_, context_)) {
      set.sql = made->sql;
      for (const auto& [column, inputs] : made->origins) note_origin(column, inputs);
    } else {
      set.source = map.text_or("source", "");
      set.sql = map.text("sql");
      while (!set.sql.empty() &&
             (std::isspace(static_cast<unsigned char>(set.sql.back())) || set.sql.back() == ';')) {
        set.sql.pop_back();
      }
    }
    execute_or_wait(context_.session, set.sql, scope_, map.place(), "the row set's SQL");
    if (map.value().node()["sql"]) {
      for (const auto& column : columns_of_query(context_.session, set.sql))
        note_origin(column.name, column.inputs);
    }
    execute_at(context_.session, "CREATE OR REPLACE TEMP VIEW tm_rows AS " + set.sql, map.place(),
               "the row set's SQL");
    std::vector<std::string> all = context_.session.columns_of("tm_rows");
    const bool located = !find_name(all, "_file").empty() && !find_name(all, "_row").empty();
    std::string list;
    for (const auto& name : all) {
      if (name == "_file" || name == "_row") continue;
      set.columns.push_back(name);
      list += ", " + sql_identifier(name);
    }
    set.sql = "SELECT " +
              std::string(located ? "_file, _row::BIGINT AS _row"
                                  : "NULL::VARCHAR AS _file, NULL::BIGINT AS _row") +
              list + " FROM (" + set.sql + ")";
    return set;
  }

  /// A CSV file of the study, as text.
  std::string list_file(const YamlValue& name) {
    const std::filesystem::path file = context_.study.root / name.text();
    if (!std::filesystem::exists(file))
      throw base::usage_error("TM2302", "no file '" + name.text() + "'", name.place(),
                              "paths start at study.yaml");
    return "read_csv(" + sql_literal(file.string()) + ", all_varchar = true, header = true)";
  }

  /// What a row set may be joined with: a source, a CSV file of the study or a finished dataset. The last two
  /// have no place in the lineage of raw rows.
  std::string partner(const YamlValue& with, std::string& alias) {
    const std::string text = with.text();
    alias = text;
    const std::string nowhere = ", NULL::VARCHAR AS _file, NULL::BIGINT AS _row FROM ";
    if (text.ends_with(".csv")) {
      const std::filesystem::path file = context_.study.root / text;
      if (!std::filesystem::exists(file))
        throw base::usage_error("TM2302", "no file '" + text + "'", with.place(),
                                "paths start at study.yaml");
      alias = file.stem();
      return "(SELECT *" + nowhere + "read_csv(" + sql_literal(file.string()) +
             ", all_varchar = true, header = true))";
    }
    if (!text.starts_with("sdtm.")) return table(with);
    alias = text.substr(5);
    if (scope_.is_open(alias)) throw Waiting{alias};
    if (!context_.session.has_table("sdtm", alias)) {
      throw base::usage_error("TM2302", "no dataset '" + alias + "'", with.place(),
                              base::did_you_mean(alias, scope_.datasets));
    }
    return "(SELECT *" + nowhere + "sdtm." + sql_identifier(alias) + ")";
  }

  void join(RowSet& set, YamlMap map) {
    const YamlValue with = map.get("with");
    std::string with_name;
    const std::string other = partner(with, with_name), alias = sql_identifier(with_name);
    const std::string mine = sql_identifier(set.source.empty() ? "rows" : set.source);
    const std::vector<std::string> theirs = context_.session.columns_of(other);
    std::string condition;
    const YamlValue on = map.get("on");
    if (on.is_list()) {
      for (const auto& name : on.list()) {
        if (find_name(theirs, name.text()).empty()) {
          throw base::usage_error("TM2301", "no column '" + name.text() + "' in " + with.text(), name.place(),
                                  base::did_you_mean(name.text(), theirs));
        }
        condition += (condition.empty() ? "" : " AND ") + clean(mine + "." + column(set, name)) + " = " +
                     clean(alias + "." + sql_identifier(name.text()));
      }
    } else {
      condition = on.text();
    }
    if (!map.boolean_or("many", false)) refuse_multiplying(set, mine, other, alias, condition, with);
    const std::string n = "_j" + std::to_string(set.joins++);
    std::string list = ", " + sql_literal(with.text()) + " AS " + n + "_source, " + alias + "._file AS " + n +
                       "_file, " + alias + "._row::BIGINT AS " + n + "_row";
    for (const auto& column : map.texts_or("columns", theirs)) {
      if (column == "_file" || column == "_row" || !find_name(set.columns, column).empty()) continue;
      list += ", " + alias + "." + sql_identifier(column);
      set.columns.push_back(column);
    }
    set.sql = "SELECT " + mine + ".*" + list + " FROM (" + set.sql + ") AS " + mine + " LEFT JOIN " + other +
              " AS " + alias + " ON " + condition;
    map.finish();
  }

  /// A join that gives a row several partners would multiply records: findings name them, and the stage ends.
  void refuse_multiplying(const RowSet& set, const std::string& mine, const std::string& other,
                          const std::string& alias, const std::string& condition, const YamlValue& with) {
    const std::string place = "tm_n";
    const std::string sql = "SELECT any_value(" + mine + "._file) AS f, any_value(" + mine +
                            "._row) AS r, count(*) AS c FROM (SELECT *, row_number() OVER () AS " + place +
                            " FROM (" + set.sql + ")) AS " + mine + " JOIN " + other + " AS " + alias +
                            " ON " + condition + " GROUP BY " + mine + "." + place + " HAVING count(*) > 1";
    execute_at(context_.session, "EXPLAIN " + sql, with.place(), "the join's condition");
    const auto found = context_.session.query_text("SELECT f, r, c, count(*) OVER () AS n FROM (" + sql +
                                                   ") ORDER BY f, r LIMIT 50");
    if (found.rows() == 0) return;
    for (std::size_t i = 0; i < found.rows(); ++i) {
      findings::Finding finding;
      finding.rule = "TM2357";
      finding.severity = findings::Severity::error;
      finding.stage = "transform";
      finding.dataset = dataset_;
      finding.file = found.text(i, 0);
      finding.row = found.is_null(i, 1) ? 0 : std::stoll(found.text(i, 1));
      finding.value = found.text(i, 2);
      finding.message = "the row has " + found.text(i, 2) + " partners in " + with.text();
      context_.findings.add(finding);
    }
    throw base::usage_error(
        "TM2309",
        "joining " + with.text() + " would multiply " + found.text(0, 3) + " rows of " +
            (set.source.empty() ? "the row set" : set.source) + ", the first is row " + found.text(0, 1) +
            " of " + found.text(0, 0) + " with " + found.text(0, 2) + " partners",
        with.place(), "name more columns in `on`; if several records are meant, say `many: true`");
  }

  /// Notes rows for which `predicate` does not hold, with the reason.
  void exclude(const RowSet& set, const std::string& rows, const std::string& why, const base::Place& place) {
    execute_at(context_.session,
               "INSERT INTO tm_excluded SELECT DISTINCT " + sql_literal(set.source) + ", _file, _row, " +
                   sql_literal(why) + ", " + std::to_string(order_++) + " FROM (" + rows +
                   ") WHERE _file IS NOT NULL",
               place, "SQL of the row set");
  }

  std::string reason(YamlMap& map) {
    if (!map.has("why")) {
      throw base::usage_error("TM2303", "rows are left out without a reason", map.place(),
                              "say why in `why: text`; the reconciliation prints it");
    }
    return map.text("why");
  }

  /// Lets names of columns that hold a dot (IT.AETERM) or are words of SQL (ANY) be written without quotes.
  static std::string over_columns(const RowSet& set, const std::string& sql) {
    return rename_names(
        sql, [&set](const std::string& first, const std::string& second) -> std::optional<std::string> {
          const std::string found = find_name(set.columns, second.empty() ? first : first + "." + second);
          return found.empty() ? std::nullopt : std::optional(sql_identifier(found));
        });
  }

  /// One row for each piece of a text that holds several, e.g. the codes of a multiple choice.
  void split(RowSet& set, YamlMap& map) {
    const auto node = map.find("split");
    if (!node) return;
    YamlMap body = node->map();
    const YamlValue from = body.get("column");
    const std::string text = column(set, from), as = body.text_or("as", from.text());
    const std::string pieces =
        "unnest(string_split(" + clean(text) + ", " + sql_literal(body.text("by")) + "))";
    const std::string same = find_name(set.columns, as);
    set.sql = "SELECT * FROM (SELECT *" + (same.empty() ? "" : " EXCLUDE (" + sql_identifier(same) + ")") +
              ", trim(" + pieces + ") AS " + sql_identifier(as) + " FROM (" + set.sql + ") WHERE " +
              clean(text) + " IS NOT NULL) WHERE " + sql_identifier(as) + " <> ''";
    if (same.empty()) set.columns.push_back(as);
    body.finish();
  }

  void keep(RowSet& set, YamlMap& map) {
    if (const auto predicate = map.find("keep")) {
      const std::string why = reason(map), holds = "(" + over_columns(set, predicate->text()) + ")";
      exclude(set, "SELECT * FROM (" + set.sql + ") WHERE " + holds + " IS NOT TRUE", why,
              predicate->place());
      set.sql = "SELECT * FROM (" + set.sql + ") WHERE " + holds;
    } else if (map.has("why")) {
      throw base::usage_error("TM2303", "`why` without `keep`", map.place(),
                              "remove it, or add the predicate");
    }
    const auto node = map.find("unique");
    if (!node) return;
    YamlMap unique = node->map();
    std::string by, order;
    for (const auto& name : unique.get("by").list()) by += (by.empty() ? "" : ", ") + column(set, name);
    const bool last = unique.choice_or("keep", {"first", "last"}, "first") == "last";
    const std::string direction = last ? " DESC" : "";
    if (const auto list = unique.find("order")) {
      for (const auto& name : list->list()) order += column(set, name) + direction + ", ";
    }
    const std::string number = "SELECT *, row_number() OVER (PARTITION BY " + by + " ORDER BY " + order +
                               "_file" + direction + ", _row" + direction + ") AS _n FROM (" + set.sql + ")";
    exclude(set, "SELECT * FROM (" + number + ") WHERE _n > 1", reason(unique), node->place());
    set.sql = "SELECT * EXCLUDE (_n) FROM (" + number + ") WHERE _n = 1";
    unique.finish();
  }

  void give(const std::string& variable) {
    if (find_name(base_.given, variable).empty()) base_.given.push_back(variable);
  }

  /// One copy of the rows for each entry of `unpivot`, those with a result only.
  void unpivot(RowSet& set, YamlMap& map) {
    const auto node = map.find("unpivot");
    if (!node) return;
    std::vector<std::string> parts;
    for (const auto& [code, body] : node->map().entries()) {
      YamlMap entry = body.map();
      std::string unit = "NULL::VARCHAR";
      if (const auto text = entry.find("unit")) unit = sql_literal(text->text());
      if (const auto from = entry.find("unit_from")) unit = clean(column(set, *from));
      // An entry without `result` gives a record for every row, e.g. of tests that were not done.
      const auto result = entry.find("result");
      std::string part = "SELECT *, " + std::to_string(parts.size()) + " AS _entry, " + sql_literal(code) +
                         " AS _test_code, " + sql_literal(entry.text_or("name", "")) + " AS _test_name, " +
                         (result ? value(set, *result) : "NULL::VARCHAR") + " AS _test_result, " + unit +
                         " AS _test_unit";
      base_.entries.push_back({code, set.source, result && result->is_text() ? result->text() : ""});
      if (const auto where = entry.find("where")) {
        for (const auto& [variable, what] : where->map().entries()) {
          part += ", " + value(set, what) + " AS " + sql_identifier("set$" + variable);
          give(variable);
        }
      }
      entry.finish();
      part += " FROM (" + set.sql + ")";
      parts.push_back(result ? part + " WHERE _test_result IS NOT NULL" : part);
    }
    const std::string all = base::join(parts, " UNION ALL BY NAME ");
    if (map.has("why_empty")) exclude(set, set.sql, map.text("why_empty"), node->place());
    set.sql = all;
  }

  /// Columns of the row set that the mapping mentions, and those that are not from the data.
  std::string wanted(const RowSet& set) {
    std::string list;
    for (const auto& name : context_.session.columns_of("tm_rows")) {
      const bool data = std::ranges::find(set.columns, name) != set.columns.end();
      if (data && !text_.empty() && text_.find(base::to_lower(name)) == std::string::npos) continue;
      list += (list.empty() ? "" : ", ") + sql_identifier(name);
    }
    return list;
  }

  std::string record(YamlMap map, std::size_t number) {
    RowSet set = start(map);
    if (const auto joins = map.find("join")) {
      for (const auto& one : joins->list()) join(set, one.map());
    }
    keep(set, map);
    split(set, map);
    unpivot(set, map);
    std::string constants;
    if (const auto node = map.find("constant")) {
      for (const auto& [variable, text] : node->map().entries()) {
        constants += ", " + sql_literal(expand(text.text(), context_.study)) + " AS " +
                     sql_identifier("set$" + variable);
        give(variable);
      }
    }
    map.finish();
    base_.joins = std::max(base_.joins, set.joins);
    for (const auto& name : set.columns) {
      if (find_name(base_.columns, name).empty()) base_.columns.push_back(name);
      if (map.value().node()["from"]) plain_.insert(base::to_lower(name));
    }
    const std::string sql = "SELECT " + std::to_string(number) + " AS _set, " + sql_literal(set.source) +
                            " AS _source, *" + constants + " FROM (" + set.sql + ")";
    execute_at(context_.session, "CREATE OR REPLACE TEMP VIEW tm_rows AS " + sql, map.place(),
               "SQL of the row set");
    return "SELECT " + wanted(set) + " FROM (" + sql + ")";
  }

  YamlMap& mapping_;
  std::string text_;  ///< of the variables, lower case; "" = every column is wanted
  const std::string dataset_;
  const Scope& scope_;
  study::Context& context_;
  std::set<std::string> plain_;  ///< columns that are those of a table, lower case
  std::size_t order_;            ///< of the next reason for leaving rows out
  Base base_;
};

}  // namespace

Base build_base(YamlMap& mapping, const std::string& dataset, std::size_t number, const Scope& scope,
                study::Context& context) {
  return RecordsBuilder(mapping, dataset, number, scope, context).build();
}

}  // namespace trialmill::transform
