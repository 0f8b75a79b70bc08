#include <algorithm>

#include "base/text.hpp"
#include "transform/names.hpp"
#include "transform/records_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

/// What a source, a list of the study or sdtm.DATASET is called in the conditions of joins.
std::string name_in_sql(const std::string& source) {
  if (source.empty()) return "rows";
  if (source.ends_with(".csv")) return std::filesystem::path(source).stem();
  return source.starts_with("sdtm.") ? source.substr(5) : source;
}

}  // namespace

void RecordsBuilder::join(RowSet& set, YamlMap map) {
  const YamlValue with = map.get("with");
  std::string with_name;
  const std::string other = partner(with, with_name), alias = sql_identifier(with_name);
  const std::string mine = sql_identifier(name_in_sql(set.source));
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
  base::Json columns = base::Json::array(), names = base::Json::object();
  for (const auto& [name, column] : joined_columns(set, map, with, theirs)) {
    if (name != column) names[base::to_lower(name)] = column;
    list += ", " + alias + "." + sql_identifier(column) + " AS " + sql_identifier(name);
    set.columns.push_back(name);
    columns.push_back(name);
  }
  set.once = false;
  set.sql = "SELECT " + mine + ".*" + list + " FROM (" + set.sql + ") AS " + mine + " LEFT JOIN " + other +
            " AS " + alias + " ON " + condition;
  set.about["joins"].push_back(
      {{"with", with.text()}, {"columns", std::move(columns)}, {"names", std::move(names)}});
  map.finish();
}

base::Error hides_column(const std::string& name, const std::string& with, const YamlValue& column) {
  return base::usage_error(
      "TM2301", "the rows have a column '" + name + "' already", column.place(),
      "give the joined one another name: columns: {" + with + "_" + name + ": " + column.text() + "}");
}

/// Name → column of the partner: all that the row set does not have yet, or those that `columns` lists. A
/// listed one must not hide behind a column of the same name; `columns: {NEW: COLUMN}` calls it differently.
std::vector<std::pair<std::string, std::string>> RecordsBuilder::joined_columns(
    const RowSet& set, YamlMap& map, const YamlValue& with, const std::vector<std::string>& theirs) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto wanted = map.find("columns");
  if (!wanted) {
    for (const auto& name : theirs) {
      if (name != "_file" && name != "_row" && find_name(set.columns, name).empty())
        out.emplace_back(name, name);
    }
    return out;
  }
  const auto take = [&](const std::string& name, const YamlValue& node) {
    const std::string column = find_name(theirs, node.text());
    if (column.empty()) {
      throw base::usage_error("TM2301", "no column '" + node.text() + "' in " + with.text(), node.place(),
                              base::did_you_mean(node.text(), theirs));
    }
    if (!find_name(set.columns, name).empty()) {
      throw hides_column(name, with.text(), node);
    }
    out.emplace_back(name.empty() ? column : name, column);
  };
  if (wanted->is_map()) {
    for (const auto& [name, node] : wanted->map().entries()) take(name, node);
  } else {
    for (const auto& node : wanted->list()) take(node.text(), node);
  }
  return out;
}

/// A join that gives a row several partners would multiply records: findings name them, and the stage ends.
void RecordsBuilder::refuse_multiplying(const RowSet& set, const std::string& mine, const std::string& other,
                                        const std::string& alias, const std::string& condition,
                                        const YamlValue& with) {
  const std::string place = "tm_n";
  const std::string sql = "SELECT any_value(" + mine + "._file) AS f, any_value(" + mine +
                          "._row) AS r, count(*) AS c FROM (SELECT *, row_number() OVER () AS " + place +
                          " FROM (" + set.sql + ")) AS " + mine + " JOIN " + other + " AS " + alias + " ON " +
                          condition + " GROUP BY " + mine + "." + place + " HAVING count(*) > 1";
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

/// Notes rows that are left out, with the reason, which is SQL over them.
void RecordsBuilder::exclude(const RowSet& set, const std::string& rows, const std::string& why,
                             const base::Place& place) {
  execute_at(context_.session,
             std::string("INSERT INTO tm_excluded SELECT ") + (set.once ? "" : "DISTINCT ") +
                 sql_literal(set.source) + ", _file, _row, " + why + ", " + std::to_string(order_++) +
                 " FROM (" + rows + ") WHERE _file IS NOT NULL",
             place, "SQL of the row set");
}

std::string RecordsBuilder::reason(YamlMap& map) {
  if (!map.has("why")) {
    throw base::usage_error("TM2303", "rows are left out without a reason", map.place(),
                            "say why in `why: text`; the reconciliation prints it");
  }
  return map.text("why");
}

/// Lets names of columns that hold a dot (IT.AETERM) or are words of SQL (ANY) be written without quotes.
std::string RecordsBuilder::over_columns(const RowSet& set, const std::string& sql) {
  return rename_names(
      sql, [&set](const std::string& first, const std::string& second) -> std::optional<std::string> {
        const std::string found = find_name(set.columns, second.empty() ? first : first + "." + second);
        return found.empty() ? std::nullopt : std::optional(sql_identifier(found));
      });
}

/// One row for each piece of a text that holds several, e.g. the codes of a multiple choice.
void RecordsBuilder::split(RowSet& set, YamlMap& map) {
  const auto node = map.find("split");
  if (!node) return;
  YamlMap body = node->map();
  if (map.has("why_empty"))  // rows that give records all the same are not left out
    exclude(set, set.sql, sql_literal(map.text("why_empty")), node->place());
  const YamlValue from = body.get("column");
  const std::string text = column(set, from), as = body.text_or("as", from.text());
  const std::string pieces =
      "unnest(string_split(" + clean(text) + ", " + sql_literal(body.text("by")) + "))";
  const std::string same = find_name(set.columns, as);
  set.once = false;
  set.sql = "SELECT * FROM (SELECT *" + (same.empty() ? "" : " EXCLUDE (" + sql_identifier(same) + ")") +
            ", trim(" + pieces + ") AS " + sql_identifier(as) + " FROM (" + set.sql + ") WHERE " +
            clean(text) + " IS NOT NULL) WHERE " + sql_identifier(as) + " <> ''";
  if (same.empty()) {
    set.columns.push_back(as);
    note_origin(set, as, {"raw." + from.text()});
    set.about["split"] = describe_text(*node);
    set.about["split"]["as"] = as;
  }
  set.about["pieces"] = {{"column", from.text()}, {"by", body.text("by")}};
  body.finish();
}

void RecordsBuilder::keep(RowSet& set, YamlMap& map) {
  if (const auto predicate = map.find("keep")) {
    const std::string why = reason(map), holds = "(" + over_columns(set, predicate->text()) + ")";
    // Neither true nor false: the reason may be wrong for these rows.
    const std::string reasons = "CASE WHEN _holds IS NULL THEN " + sql_literal(why + std::string(unclear)) +
                                " ELSE " + sql_literal(why) + " END";
    exclude(set,
            "SELECT * FROM (SELECT _file, _row, " + holds + " AS _holds FROM (" + set.sql +
                ")) WHERE _holds IS NOT TRUE",
            reasons, predicate->place());
    set.sql = "SELECT * FROM (" + set.sql + ") WHERE " + holds;
  } else if (map.has("why")) {
    throw base::usage_error("TM2303", "`why` without `keep`", map.place(), "remove it, or add the predicate");
  }
  const auto node = map.find("unique");
  if (!node) return;
  YamlMap unique = node->map();
  std::string by, order, known;
  for (const auto& name : unique.get("by").list()) {
    const std::string key = clean(column(set, name));
    by += (by.empty() ? "" : ", ") + key;
    known += (known.empty() ? "" : " AND ") + key + " IS NOT NULL";
  }
  const bool last = unique.choice_or("keep", {"first", "last"}, "first") == "last";
  const std::string direction = last ? " DESC" : "";
  if (const auto list = unique.find("order")) {
    for (const auto& name : list->list()) {
      // Numbers by their size, other texts as texts.
      const std::string text = column(set, name);
      order += "try_cast(" + text + " AS DOUBLE)" + direction + ", " + text + direction + ", ";
    }
  }
  // Rows without a complete key are not known to be the same.
  const std::string number = "SELECT *, CASE WHEN " + known + " THEN row_number() OVER (PARTITION BY " + by +
                             " ORDER BY " + order + "_file" + direction + ", _row" + direction +
                             ") ELSE 1 END AS _n FROM (" + set.sql + ")";
  exclude(set, "SELECT * FROM (" + number + ") WHERE _n > 1", sql_literal(reason(unique)), node->place());
  set.sql = "SELECT * EXCLUDE (_n) FROM (" + number + ") WHERE _n = 1";
  unique.finish();
}

void RecordsBuilder::give(const std::string& variable) {
  if (find_name(base_.given, variable).empty()) base_.given.push_back(variable);
}

/// One copy of the rows for each entry of `unpivot`, those with a result only.
void RecordsBuilder::unpivot(RowSet& set, YamlMap& map) {
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
    base_.entries.push_back(
        {code, set.source, result && result->is_text() ? result->text() : "", set.number, parts.size()});
    if (const auto where = entry.find("where")) {
      for (const auto& [variable, what] : where->map().entries()) {
        part += ", " + value(set, what) + " AS " + sql_identifier("set$" + variable);
        give(variable);
      }
    }
    describe_entry(set, body, code);
    entry.finish();
    part += " FROM (" + set.sql + ")";
    parts.push_back(result ? part + " WHERE _test_result IS NOT NULL" : part);
  }
  const std::string all = base::join(parts, " UNION ALL BY NAME ");
  if (map.has("why_empty")) exclude(set, set.sql, sql_literal(map.text("why_empty")), node->place());
  set.sql = all;
}

}  // namespace trialmill::transform
