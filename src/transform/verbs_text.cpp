#include <algorithm>

#include "base/text.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

std::string VariablesBuilder::copied(const YamlValue& from) {
  if (!from.is_list()) return cleaned(operand(from, true));
  std::vector<std::string> parts;
  for (const auto& name : from.list()) parts.push_back(cleaned(operand(name, true)));
  return "coalesce(" + base::join(parts, ", ") + ")";
}

void VariablesBuilder::copy(Variable& out, const YamlValue& from, YamlMap& map) {
  out.sql = copied(from);
  out.trimmed = true;
  refine(out, map);
}

void VariablesBuilder::constant(Variable& out, const YamlValue& text, YamlMap&) {
  const std::string value = expand(text.text(), context_.study);
  out.sql = sql_literal(value);
  out.trimmed = !value.empty() && base::trim(value) == value;
}

void VariablesBuilder::subject(Variable& out, const YamlValue& list, YamlMap&) {
  out.sql = sql_literal(context_.study.id);
  out.trimmed = base::trim(context_.study.id) == context_.study.id;
  for (const auto& name : list.list()) out.sql += " || '-' || " + cleaned(operand(name, true));
  out.sql = "(" + out.sql + ")";
}

/// "01-{PATNUM}": null where a name has no value, so that no half-filled identifier arises.
void VariablesBuilder::fill_template(Variable& out, const YamlValue& node, YamlMap& map) {
  std::string rest = expand(node.text(), context_.study), sql = "''";
  out.trimmed = !rest.empty() && base::trim(rest) == rest;
  for (;;) {
    const auto open = rest.find('{');
    sql += " || " + sql_literal(rest.substr(0, open));
    if (open == std::string::npos) break;
    const auto close = rest.find('}', open);
    if (close == std::string::npos) throw node.wrong_type("text with names in {braces}");
    sql += " || " + cleaned(operand_named(rest.substr(open + 1, close - open - 1), true, node.place()));
    rest = rest.substr(close + 1);
  }
  out.sql = "(" + sql + ")";
  refine(out, map);
}

void VariablesBuilder::concat(Variable& out, const YamlValue& list, YamlMap& map) {
  out.sql = "nullif(concat_ws(" + sql_literal(map.text_or("separator", " "));
  for (const auto& name : list.list()) out.sql += ", " + cleaned(operand(name, true));
  out.sql += "), '')";
  refine(out, map);
}

void VariablesBuilder::sql(Variable& out, const YamlValue& text, YamlMap& map) {
  out.sql = as_value("(" + expression(text.text()) + ")", text.place());
  refine(out, map);
}

/// Y where the predicate is true; elsewhere null, or what `else` says.
void VariablesBuilder::flag(Variable& out, const YamlValue& predicate, YamlMap& map) {
  const auto other = map.find("else");
  out.sql = "CASE WHEN " + expression(predicate.text()) + " THEN 'Y'" +
            (other ? " ELSE " + sql_literal(other->text()) : "") + " END";
}

/// A list of verbs, each but perhaps the last with `when`: the first whose `when` is true gives the value.
void VariablesBuilder::choose(Variable& out, const YamlValue& list, YamlMap& map) {
  std::string cases, inputs;
  std::vector<std::pair<std::string, Variable>> values;
  out.numeric = true;
  for (const auto& node : list.list()) {
    Variable one;
    one.name = out.name;
    one.source_name = out.source_name;
    YamlMap body = node.map();
    std::string condition = "TRUE";
    if (const auto when = body.find("when")) condition = "(" + expression(when->text()) + ")";
    const std::size_t checks = extra_.size();
    compile_verb(one, body);
    body.finish();
    for (std::size_t i = checks; i < extra_.size(); ++i)
      extra_[i].sql = "CASE WHEN " + condition + " THEN " + extra_[i].sql + " ELSE '' END";
    out.numeric = out.numeric && one.numeric;
    out.windowed = out.windowed || one.windowed;
    if (one.continued && out.continued)
      throw base::usage_error("TM2304", "one `choose` holds two sequences", node.place(),
                              "make steps of them: _N: {sequence: …}");
    if (one.continued) out.continued = one.continued;
    values.emplace_back(condition, one);
    inputs += " WHEN " + condition + " THEN " + (one.input.empty() ? "NULL" : one.input);
    if (!one.code.empty()) out.code = one.code;
  }
  if (values.empty()) throw list.wrong_type("list of verbs, each with `when`");
  // Numbers only if every branch gives one.
  for (const auto& [condition, one] : values)
    cases += " WHEN " + condition + " THEN " + (out.numeric ? one.sql : as_text(one));
  out.sql = "CASE" + cases + " END";
  out.trimmed = !out.numeric;
  if (!out.code.empty()) out.input = "CASE" + inputs + " END";
  refine(out, map);
}

/// One value where one column has one, the word of `as` where several have; the single values then go to
/// supplemental qualifiers PREFIX1, PREFIX2 … (SDTMIG 3.4, section 4.2.8.3).
void VariablesBuilder::several(Variable& out, const YamlValue& list, YamlMap& map) {
  const std::string word = map.text_or("as", "MULTIPLE");
  const std::string prefix = map.text_or("supp", out.source_name);
  const std::string label = map.text_or("supp_label", "");
  const auto terms = map.find("map");
  const bool keep = map.choice_or("unmapped", {"finding", "keep"}, "finding") == "keep";
  std::vector<std::string> inputs, seen;
  std::vector<std::pair<std::string, std::string>> read;  // raw text and its term
  std::string values, pieces, pieces_list, count = "0";
  const auto names = list.list();
  if (names.size() < 2) throw list.wrong_type("list of two or more columns");
  for (const auto& name : names) {
    Variable one;
    one.sql = cleaned(operand(name, true));
    const std::string given = one.sql;
    if (terms) map_terms(one, terms->map(), keep);
    if (!one.input.empty()) inputs.push_back(one.input);
    read.emplace_back(given, one.sql);
    // A value that no term is known for keeps its place as ''; one that is there already does not count
    // twice.
    const std::string value = sql_identifier(unique_name("value$" + out.name));
    const std::string piece = sql_identifier(unique_name("piece$" + out.name));
    values += ", CASE WHEN " + given + " IS NOT NULL THEN coalesce(" + one.sql + ", '') END AS " + value;
    pieces += ", " +
              (seen.empty() ? value
                            : "CASE WHEN coalesce(" + value + " IN (" + base::join(seen, ", ") +
                                  "), FALSE) THEN NULL ELSE " + value + " END") +
              " AS " + piece;
    seen.push_back(value);
    count += " + (" + piece + " IS NOT NULL)::INT";
    pieces_list += ", " + piece;
  }
  // Columns of their own: written out in each other they would grow with the third power of the list.
  const std::string packed = sql_identifier(unique_name("packed$" + out.name));
  const std::string multiple = sql_identifier(unique_name("multiple$" + out.name));
  flush();
  sql_ = "SELECT *" + values + " FROM (" + sql_ + ")";
  sql_ = "SELECT *" + pieces + " FROM (" + sql_ + ")";
  sql_ = "SELECT *, " + count + " > 1 AS " + multiple + ", string_split(concat_ws(chr(31)" + pieces_list +
         "), chr(31)) AS " + packed + " FROM (" + sql_ + ")";
  out.sql =
      "CASE WHEN " + multiple + " THEN " + sql_literal(word) + " ELSE nullif(" + packed + "[1], '') END";
  out.trimmed = true;
  if (!inputs.empty()) out.input = "coalesce(" + base::join(inputs, ", ") + ")", out.code = "TM2350";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    Variable one;
    one.source_name = prefix + number;
    one.name = "supp$" + one.source_name;
    one.label = label.empty() ? out.source_name + " " + number : base::replace_all(label, "{n}", number);
    one.origin = "Collected";
    one.place = place_;
    one.inputs = inputs_;
    one.reads = reads_;
    one.rule = "value " + number + " of " + std::to_string(names.size()) + " columns";
    one.sql = "CASE WHEN " + multiple + " THEN nullif(" + packed + "[" + number + "], '') END";
    extra_.push_back(std::move(one));
  }
  // One of several values that is not in the map: none of the variables is empty because of it alone.
  for (const auto& [given, mapped] : read) {
    if (inputs.empty()) break;
    Variable check;
    check.name = unique_name("_several$" + out.name);
    check.source_name = out.source_name;
    check.place = place_;
    check.code = "TM2350";
    check.input = given;
    check.sql = "CASE WHEN NOT (" + multiple + " AND " + given + " IS NOT NULL AND " + mapped +
                " IS NULL) THEN '' END";
    extra_.push_back(std::move(check));
  }
}

/// A part of the `unpivot` entry that made the record.
void VariablesBuilder::test(Variable& out, const YamlValue& part_node, YamlMap& map) {
  const std::string part = map.choice_or("test", {"code", "name", "result", "unit"}, part_node.text());
  out.sql = unpivoted_ ? "nullif(_test_" + part + ", '')" : "NULL::VARCHAR";
  out.trimmed = true;
  if (part == "code" || part == "name") out.origin = "Assigned";
  inputs_.push_back("test." + part);
  refine(out, map);
}

void VariablesBuilder::given(Variable& out, const YamlValue&, YamlMap&) {
  out.sql = "NULL::VARCHAR";
  out.trimmed = true;
  inputs_.push_back("records." + out.source_name);
}

/// What a value reads through a map or a list of codes; the value is a variable first.
void VariablesBuilder::decode(Variable& out, const YamlValue& node, YamlMap& map) {
  const std::size_t before = inputs_.size();
  out.sql = cleaned(operand(node, false));
  out.trimmed = true;
  if (map.has("map") || map.has("terms")) return refine(out, map);
  const YamlValue file = map.get("codelist");
  const std::string input = out.sql, table = table_of(file);
  const std::string rows =
      "SELECT " + key_of("\"code\"") + " AS k0, " + clean("\"decode\"") + " AS v FROM " + table;
  execute_at(context_.session, "EXPLAIN " + rows, file.place(), "reading " + file.text());
  note_read("lookup", file.text(),
            {{"table", file.text()}, {"on", {"code"}}, {"keys", {input_since(before)}}, {"value", "decode"}});
  inputs_.push_back(file.text());
  join_keys(out, "(" + rows + ")", {input});
}

/// What may follow a text: pieces first, then case, then terms, in this order.
void VariablesBuilder::refine(Variable& out, YamlMap& map) {
  if (map.choice_or("decimal", {","}, "") == ",")
    out.sql = "CASE WHEN regexp_full_match(" + out.sql + ", '[<>=]*\\s*[+-]?[0-9]*,[0-9]+') THEN replace(" +
              out.sql + ", ',', '.') ELSE " + out.sql + " END";
  const std::string whole = out.sql;
  if (const auto pattern = map.find("match")) {
    const bool groups = pattern->text().find('(') != std::string::npos;
    const std::string group = std::to_string(map.integer_or("group", groups ? 1 : 0));
    out.sql = clean("regexp_extract(" + out.sql + ", " + sql_literal(pattern->text()) + ", " + group + ")");
    out.input = whole, out.code = "TM2356";
  }
  if (const auto node = map.find("split")) {
    YamlMap split = node->map();
    out.sql = clean("split_part(" + out.sql + ", " + sql_literal(split.text("by")) + ", " +
                    std::to_string(split.integer_or("take", 1)) + ")");
    split.finish();
  }
  if (const auto node = map.find("part")) {
    const auto ends = node->list();
    if (ends.empty() || ends.size() > 2) throw node->wrong_type("list [start, length] of characters, from 1");
    out.sql = clean("substr(" + out.sql + ", " + std::to_string(ends[0].integer()) +
                    (ends.size() > 1 ? ", " + std::to_string(ends[1].integer()) : "") + ")");
  }
  const std::string letters = map.choice_or("case", {"upper", "lower", "as-is"}, "as-is");
  if (letters != "as-is") out.sql = letters + "(" + out.sql + ")";
  const bool keep = map.choice_or("unmapped", {"finding", "keep"}, "finding") == "keep";
  if (const auto codelist = map.find("terms"))
    terms_of(out, *codelist, map, keep);
  else if (const auto terms = map.find("map"))
    map_terms(out, terms->map(), keep);
}

}  // namespace trialmill::transform
