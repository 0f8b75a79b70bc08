// Visit windows: the value of the row of a list between whose numbers a value lies.
#include "base/text.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

/// k0, k1 … of the list and of a row are equal.
std::string same_keys(std::size_t count, const std::string& left, const std::string& right) {
  std::string sql;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = "k" + std::to_string(i);
    sql += " AND " + left + "." + key + " = " + right + "." + key;
  }
  return sql;
}

}  // namespace

/// Joins the window of `windows` (columns lo, hi, v, and a key k0, k1 … for each of `equal`) into which the
/// number `input` falls; both ends belong to it, an end that is missing is open.
void VariablesBuilder::join_window(Variable& out, const std::string& input,
                                   const std::vector<std::string>& equal, const std::string& windows,
                                   const YamlValue& where) {
  const std::string stored = sql_identifier("tm_" + dataset_ + "_list_" + std::to_string(joins_++));
  context_.session.execute("CREATE OR REPLACE TEMP TABLE " + stored +
                           " AS SELECT * REPLACE (coalesce(lo, '-infinity'::DOUBLE) AS lo, coalesce(hi, "
                           "'infinity'::DOUBLE) AS hi), "
                           "TRUE AS hit FROM (" +
                           windows + ")");
  const auto twice =
      context_.session.query_text("SELECT a.v, b.v FROM " + stored + " a JOIN " + stored +
                                  " b ON a.rowid < b.rowid AND a.lo <= b.hi AND b.lo <= a.hi" +
                                  same_keys(equal.size(), "a", "b") + " ORDER BY a.rowid LIMIT 1");
  if (twice.rows() > 0) {
    throw base::usage_error("TM2309",
                            "the windows '" + twice.text(0, 0) + "' and '" + twice.text(0, 1) + "' of " +
                                where.text() + " overlap",
                            where.place(), "each number may fall into one window only");
  }
  flush();
  const std::string value = sql_identifier(unique_name("list$" + out.name)),
                    found = sql_identifier(unique_name("found$" + out.name));
  std::string keys = "try_cast(" + input + " AS DOUBLE) AS key$0", drop = "key$0";
  std::string complete = input + " IS NOT NULL";
  for (std::size_t i = 0; i < equal.size(); ++i) {
    const std::string key = "k" + std::to_string(i);
    keys += ", " + key_of(equal[i]) + " AS " + key;
    drop += ", " + key;
    complete += " AND " + cleaned(equal[i]) + " IS NOT NULL";
  }
  sql_ = "SELECT l.* EXCLUDE (" + drop + "), r.v AS " + value + ", r.hit AS " + found + " FROM (SELECT *, " +
         keys + " FROM (" + sql_ + ")) l LEFT JOIN " + stored + " r ON l.key$0 >= r.lo AND l.key$0 <= r.hi" +
         same_keys(equal.size(), "l", "r");
  out.sql = value;
  std::string text = cleaned(input);
  for (auto key = equal.rbegin(); key != equal.rend(); ++key) text = cleaned(*key) + " || ', ' || " + text;
  out.input = "CASE WHEN " + found + " IS NULL AND " + complete + " THEN " + text + " END";
  out.code = "TM2350";
}

/// `key` is the number, or a list of values that must be equal in `on` with the number at its end.
void VariablesBuilder::lookup_window(Variable& out, const YamlValue& where, const YamlValue& window,
                                     YamlMap& map) {
  const std::string table = table_of(where);
  const auto columns = context_.session.columns_of("(SELECT * FROM " + table + ")");
  const auto ends = window.list();
  const YamlValue value = map.get("value"), key = map.get("key");
  if (ends.size() != 2) throw window.wrong_type("list of the columns with the first and the last number");
  const std::string first = listed_column(columns, ends[0].text(), where, ends[0].place()),
                    last = listed_column(columns, ends[1].text(), where, ends[1].place()),
                    found = listed_column(columns, value.text(), where, value.place());
  auto names = key.is_list() ? key.list() : std::vector<YamlValue>{key};
  if (names.empty()) throw key.wrong_type("list of columns and variables");
  const YamlValue number = names.back();
  names.pop_back();
  const auto on = map.texts_or("on", {});
  if (!on.empty() && on.size() != names.size()) {
    throw base::usage_error("TM2304",
                            "`on` names " + std::to_string(on.size()) + " columns, and `key` " +
                                std::to_string(names.size()) + " values before the number",
                            key.place());
  }
  inputs_.push_back(where.text() + "." + found);
  base::Json read{{"table", where.text()}, {"window", {first, last}}, {"value", found}};
  std::string list = "try_cast(" + sql_identifier(first) + " AS DOUBLE) AS lo, try_cast(" +
                     sql_identifier(last) + " AS DOUBLE) AS hi, " + clean(sql_identifier(found)) + " AS v";
  std::vector<std::string> equal;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t before = inputs_.size();
    equal.push_back(operand(names[i], true));
    const std::string column =
        listed_column(columns, on.empty() ? names[i].text() : on[i], where, names[i].place());
    read["on"].push_back(column);
    read["keys"].push_back(input_since(before));
    list += ", " + key_of(sql_identifier(column)) + " AS k" + std::to_string(i);
  }
  const std::size_t before = inputs_.size();
  const std::string input = operand(number, false);
  read["number"] = input_since(before);
  note_read("window", where.text() + "." + found, std::move(read));
  join_window(out, input, equal, "SELECT " + list + " FROM " + table, where);
}

}  // namespace trialmill::transform
