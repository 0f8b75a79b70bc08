#include <algorithm>

#include "base/text.hpp"
#include "study/lists.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

/// "UNSCHEDULED {n}" as a pattern whose first group is the number.
std::string number_pattern_of(const YamlValue& rule) {
  const std::string text = rule.text();
  const auto at = text.find("{n}");
  if (at == std::string::npos) throw rule.wrong_type("text with {n} in place of the number");
  const auto literal = [](const std::string& part) {
    std::string out;
    for (const char c : part) {
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != ' ') out += '\\';
      out += c;
    }
    return out;
  };
  return "^\\s*" + literal(text.substr(0, at)) + "\\s*([0-9]+(\\.[0-9]+)?)\\s*" +
         literal(text.substr(at + 3)) + "\\s*$";
}

}  // namespace

/// What a verb may look into: a CSV file of the study, a dataset (TV), or a source's raw table.
std::string VariablesBuilder::table_of(const YamlValue& name) {
  const std::string text = name.text();
  if (text.ends_with(".csv")) {
    const std::filesystem::path path = context_.study.root / text;
    if (!std::filesystem::exists(path))
      throw base::usage_error("TM2302", "no file '" + text + "'", name.place(), "paths start at study.yaml");
    return study::list_sql(path, text);
  }
  if (is_made(text)) {
    need(text);
    return "sdtm." + sql_identifier(text);
  }
  if (context_.session.has_table("raw", text)) return "raw." + sql_identifier(text);
  std::vector<std::string> known = context_.session.tables("raw");
  known.insert(known.end(), scope_.datasets.begin(), scope_.datasets.end());
  throw base::usage_error("TM2302", "no dataset, source or .csv file '" + text + "'", name.place(),
                          base::did_you_mean(text, known));
}

/// Joins `table` (columns k0, k1 … and v) by the trimmed, upper-case inputs. The value is null, with a
/// finding, where no key matches; a listed key without a value is an answer, not a mistake.
void VariablesBuilder::join_keys(Variable& out, const std::string& table,
                                 const std::vector<std::string>& inputs, bool blanks) {
  std::vector<std::string> keys, conditions, texts;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string key = "k" + std::to_string(i);
    keys.push_back(key);
    conditions.push_back("r." + key + " = l." + sql_identifier("key$" + std::to_string(i)));
    texts.push_back(cleaned(inputs[i]));
  }
  const std::string stored = sql_identifier("tm_" + dataset_ + "_list_" + std::to_string(joins_++));
  context_.session.execute("CREATE OR REPLACE TEMP TABLE " + stored + " AS SELECT " + base::join(keys, ", ") +
                           ", min(v) AS v, count(DISTINCT v) AS n FROM (SELECT * FROM " + table +
                           ") GROUP BY ALL");
  const auto twice = context_.session.query_text("SELECT concat_ws(', ', " + base::join(keys, ", ") +
                                                 ") FROM " + stored + " WHERE n > 1 ORDER BY 1 LIMIT 3");
  if (twice.rows() > 0) {
    throw base::usage_error("TM2309",
                            (inputs_.empty() ? "the list" : inputs_.back()) +
                                " has several values for one key, e.g. '" + twice.text(0, 0) + "'",
                            place_, "name more key columns, or make the list unique");
  }
  flush();
  std::string input_list, drop_list;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = sql_identifier("key$" + std::to_string(i));
    const std::string text = "upper(CAST(" + cleaned(inputs[i]) + " AS VARCHAR))";
    input_list += ", " + (blanks ? "coalesce(" + text + ", '')" : text) + " AS " + name;
    drop_list += (i > 0 ? ", " : "") + name;
  }
  const std::string value = sql_identifier(unique_name("list$" + out.name));
  const std::string found = sql_identifier(unique_name("found$" + out.name));
  sql_ = "SELECT l.* EXCLUDE (" + drop_list + "), r.v AS " + value + ", r.k0 AS " + found +
         " FROM (SELECT *" + input_list + " FROM (" + sql_ + ")) l LEFT JOIN " + stored + " r ON " +
         base::join(conditions, " AND ");
  out.sql = value;
  out.input = "CASE WHEN " + found + " IS NULL THEN " +
              (texts.size() == 1 ? texts[0] : base::join(texts, " || ', ' || ")) +
              " END";  // null if one is missing
  out.code = "TM2350";
}

/// A column of a table that is looked into; Error TM2301 with the nearest one.
std::string listed_column(const std::vector<std::string>& columns, const std::string& name,
                          const YamlValue& where, const base::Place& place) {
  const std::string found = find_name(columns, name);
  if (!found.empty()) return found;
  throw base::usage_error("TM2301", "no column '" + name + "' in " + where.text(), place,
                          base::did_you_mean(name, columns));
}

void VariablesBuilder::lookup(Variable& out, const YamlValue& where, YamlMap& map) {
  if (const auto window = map.find("between")) return lookup_window(out, where, *window, map);
  const std::string table = table_of(where);
  const auto columns = context_.session.columns_of("(SELECT * FROM " + table + ")");
  const YamlValue key = map.get("key");
  const auto names = key.is_list() ? key.list() : std::vector<YamlValue>{key};
  const auto types = context_.session.types_of("(SELECT * FROM " + table + ")");
  const auto on = map.texts_or("on", {});
  if (!on.empty() && on.size() != names.size())
    throw base::usage_error("TM2304", "`key` and `on` differ in length", key.place());
  std::vector<std::string> inputs;
  base::Json read{{"table", where.text()}};
  std::string rows = "SELECT ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t before = inputs_.size();
    inputs.push_back(operand(names[i], true));
    const std::string column =
        listed_column(columns, on.empty() ? names[i].text() : on[i], where, names[i].place());
    read["on"].push_back(column);
    read["keys"].push_back(input_since(before));
    const std::string name = sql_identifier(column);
    rows +=
        key_of(types.at(column) == "DOUBLE" ? number_text(name) : name) + " AS k" + std::to_string(i) + ", ";
  }
  const YamlValue value = map.get("value");
  const std::string value_column = listed_column(columns, value.text(), where, value.place());
  rows += clean(sql_identifier(value_column)) + " AS v FROM " + table;
  inputs_.push_back(where.text() + "." + value_column);
  read["value"] = value_column;
  note_read("lookup", inputs_.back(), std::move(read));
  const std::string rows_table = "(" + rows + ")";
  join_keys(out, rows_table, inputs);
  const bool number = types.at(value_column) != "VARCHAR";
  out.trimmed = !number;
  out.numeric = number;
  if (const auto rule = map.find("unscheduled")) {
    const std::string from_name = "nullif(regexp_extract(trim(CAST(" + inputs[0] + " AS VARCHAR)), " +
                                  sql_literal(number_pattern_of(*rule)) + ", 1, 'i'), '')";
    out.sql = "coalesce(" + out.sql + ", " + from_name + ")";
    Variable check;
    check.name = unique_name("_visit$" + out.name);
    check.source_name = out.source_name;
    check.place = place_;
    check.code = "TM2359";
    check.sql = "CASE WHEN NOT (" + from_name + " IS NOT NULL AND " + out.input + " IS NOT NULL AND " +
                from_name + " IN (SELECT v FROM " + rows_table + ")) THEN '' END";
    check.input = cleaned(inputs[0]);
    extra_.push_back(std::move(check));
    out.input = "CASE WHEN " + from_name + " IS NULL THEN " + out.input + " END";
  }
  if (number) out.sql = "try_cast(" + out.sql + " AS DOUBLE)";
}

/// The rows (s, f, n) behind each record of a dataset, or of its parts, with the value of a variable (v).
std::string VariablesBuilder::located_values(const std::string& dataset, const std::string& name) const {
  std::vector<std::string> parts;
  for (const auto& part : scope_.parts_of(dataset)) {
    const std::string file = part + ".parquet";
    parts.push_back("SELECT m.source AS s, m._file AS f, m._row AS n, d." + sql_identifier(name) +
                    " AS v FROM read_parquet(" + sql_literal((scope_.folder / "lineage" / file).string()) +
                    ") m JOIN read_parquet(" + sql_literal((scope_.folder / "parquet" / file).string()) +
                    ", file_row_number = true) d ON d.file_row_number + 1 = m._record");
  }
  return base::join(parts, " UNION ALL ");
}

/// A variable of the record of another dataset that was made from the same raw row: {parent: AE.AESEQ}.
void VariablesBuilder::parent(Variable& out, const YamlValue& node, YamlMap&) {
  const std::string text = node.text();
  const auto dot = text.find('.');
  const std::string dataset = text.substr(0, dot);
  if (dot == std::string::npos || !is_made(dataset))
    throw base::usage_error("TM2302", "no dataset '" + dataset + "'", node.place(),
                            "write {parent: AE.AESEQ}; " + base::did_you_mean(dataset, scope_.datasets));
  need(dataset);
  const auto theirs = context_.session.columns_of("sdtm." + sql_identifier(dataset));
  const std::string name = find_name(theirs, text.substr(dot + 1));
  if (name.empty())
    throw base::usage_error("TM2301", dataset + " has no variable '" + text.substr(dot + 1) + "'",
                            node.place(), base::did_you_mean(text.substr(dot + 1), theirs));
  flush();
  const std::string alias = sql_identifier(unique_name("parent$" + out.name)),
                    many = sql_identifier(unique_name("parents$" + out.name));
  sql_ = "SELECT l.*, r.v AS " + alias + ", r.many AS " + many + " FROM (" + sql_ +
         ") l LEFT JOIN (SELECT s, f, n, min(v) AS v, count(DISTINCT v) AS many FROM (" +
         located_values(dataset, name) +
         ") GROUP BY ALL) r ON r.s = l._source AND r.f = l._file AND r.n = l._row";
  inputs_.push_back(dataset + "." + name);
  note_read("parent", inputs_.back(), base::Json::object());
  out.sql = alias;
  Variable check;
  check.name = unique_name("_parent$" + out.name);
  check.source_name = out.source_name;
  check.place = place_ = node.place();
  check.code = "TM2365";
  check.input = "CAST(" + many + " AS VARCHAR)";
  check.sql = "CASE WHEN (" + many + " > 1) IS NOT TRUE THEN '' END";
  extra_.push_back(std::move(check));
}

}  // namespace trialmill::transform
