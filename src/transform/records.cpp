#include "transform/records.hpp"

#include <algorithm>

#include "base/text.hpp"

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

namespace {

/// One row set while it is put together.
struct RowSet {
  std::string source, sql;           ///< sql: FROM-able text of the rows
  std::vector<std::string> columns;  ///< its columns without _file and _row
  int joins = 0;
};

class RecordsBuilder {
 public:
  RecordsBuilder(YamlMap& mapping, std::size_t number, study::Context& context)
      : mapping_(mapping), context_(context), order_(number * 1000) {}

  Base build() {
    std::vector<std::string> parts;
    for (const auto& value : mapping_.get("records").list())
      parts.push_back(record(value.map(), parts.size()));
    context_.session.execute("CREATE OR REPLACE TEMP TABLE tm_base AS " +
                             base::join(parts, " UNION ALL BY NAME "));
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

  RowSet start(YamlMap& map) {
    RowSet set;
    if (const auto from = map.find("from")) {
      set.source = from->text();
      set.sql = "SELECT * FROM " + table(*from);
    } else {
      set.source = map.text_or("source", "");
      set.sql = map.text("sql");
      while (!set.sql.empty() &&
             (std::isspace(static_cast<unsigned char>(set.sql.back())) || set.sql.back() == ';')) {
        set.sql.pop_back();
      }
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

  void join(RowSet& set, YamlMap map) {
    const YamlValue with = map.get("with");
    const std::string other = table(with), alias = sql_identifier(with.text());
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
    const std::string n = "_j" + std::to_string(set.joins++);
    std::string list = ", " + sql_literal(with.text()) + " AS " + n + "_source, " + alias + "._file AS " + n +
                       "_file, " + alias + "._row::BIGINT AS " + n + "_row";
    for (const auto& name : map.texts_or("columns", theirs)) {
      if (name == "_file" || name == "_row" || !find_name(set.columns, name).empty()) continue;
      list += ", " + alias + "." + sql_identifier(name);
      set.columns.push_back(name);
    }
    set.sql = "SELECT " + mine + ".*" + list + " FROM (" + set.sql + ") AS " + mine + " LEFT JOIN " + other +
              " AS " + alias + " ON " + condition;
    map.finish();
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

  void keep(RowSet& set, YamlMap& map) {
    if (const auto predicate = map.find("keep")) {
      const std::string why = reason(map);
      exclude(set, "SELECT * FROM (" + set.sql + ") WHERE (" + predicate->text() + ") IS NOT TRUE", why,
              predicate->place());
      set.sql = "SELECT * FROM (" + set.sql + ") WHERE (" + predicate->text() + ")";
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
      std::string part = "SELECT *, " + std::to_string(parts.size()) + " AS _entry, " + sql_literal(code) +
                         " AS _test_code, " + sql_literal(entry.text_or("name", "")) + " AS _test_name, " +
                         value(set, entry.get("result")) + " AS _test_result, " + unit + " AS _test_unit";
      if (const auto where = entry.find("where")) {
        for (const auto& [variable, what] : where->map().entries()) {
          part += ", " + value(set, what) + " AS " + sql_identifier("set$" + variable);
          give(variable);
        }
      }
      entry.finish();
      parts.push_back(part + " FROM (" + set.sql + ") WHERE _test_result IS NOT NULL");
    }
    const std::string all = base::join(parts, " UNION ALL BY NAME ");
    if (map.has("why_empty")) exclude(set, set.sql, map.text("why_empty"), node->place());
    set.sql = all;
  }

  std::string record(YamlMap map, std::size_t number) {
    RowSet set = start(map);
    if (const auto joins = map.find("join")) {
      for (const auto& one : joins->list()) join(set, one.map());
    }
    keep(set, map);
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
    }
    const std::string sql = "SELECT " + std::to_string(number) + " AS _set, " + sql_literal(set.source) +
                            " AS _source, *" + constants + " FROM (" + set.sql + ")";
    execute_at(context_.session, "CREATE OR REPLACE TEMP VIEW tm_rows AS " + sql, map.place(),
               "SQL of the row set");
    return sql;
  }

  YamlMap& mapping_;
  study::Context& context_;
  std::size_t order_;  ///< of the next reason for leaving rows out
  Base base_;
};

}  // namespace

Base build_base(YamlMap& mapping, std::size_t number, study::Context& context) {
  return RecordsBuilder(mapping, number, context).build();
}

}  // namespace trialmill::transform
