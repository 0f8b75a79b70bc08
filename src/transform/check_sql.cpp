#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "transform/check_mapping.hpp"
#include "transform/names.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::YamlValue;

namespace {

std::string without_block_comments(const std::string& sql) {
  static const RE2 comment("/\\*[^*]*\\*+([^/*][^*]*\\*+)*/");
  std::string text = sql;
  RE2::GlobalReplace(&text, comment, " ");
  return text;
}

}  // namespace

void MappingCheck::check_model() {
  query(model_.sql, {model_.file, 1, 1}, "the model");
}

/// True if the engine's parser takes the SQL.
bool MappingCheck::parses(const std::string& sql, const base::Place& place, const std::string& what,
                          bool report) {
  try {
    if (tables_.session().statement_count(sql) == 1) return true;
    if (report) add("TM2306", what + " must be one statement", place);
  } catch (const base::Error& error) {
    // The engine counts lines from the beginning of the SQL.
    static const RE2 line_number("LINE ([0-9]+):");
    const std::string message = error.message();
    base::Place at = place;
    if (int line = 0; what == "the model" && RE2::PartialMatch(message, line_number, &line)) {
      at.line += line - 1;
      at.column = 0;
    }
    if (report) add("TM2306", what + " fails: " + message.substr(0, message.find('\n')), at);
  }
  return false;
}

/// A whole SELECT over raw.* and sdtm.*.
void MappingCheck::query(const std::string& sql, const base::Place& place, const std::string& what) {
  std::string text = sql;
  while (!text.empty() && (text.back() == ';' || std::isspace(static_cast<unsigned char>(text.back())) != 0))
    text.pop_back();
  if (!parses(text, place, what, true)) return;
  datasets_in(text, place);
  for (const auto& name : names_in(without_block_comments(text), "raw")) {
    std::string source = base::to_lower(name);
    if (source.ends_with(".aside")) source = source.substr(0, source.size() - 6);
    if (name.empty() || tables_.is_source(name) || tables_.is_source(source)) continue;
    add("TM2302", "no raw table '" + name + "'", place, base::did_you_mean(name, tables_.sources()));
  }
}

void MappingCheck::datasets_in(const std::string& sql, const base::Place& place) {
  for (const auto& name : names_in(without_block_comments(sql), "sdtm")) {
    if (name.empty() || tables_.shows(base::to_upper(name))) continue;
    add("TM2302", "no dataset '" + name + "'", place, base::did_you_mean(name, tables_.datasets()));
  }
}

/// SQL over the columns of a row set.
void MappingCheck::predicate(const YamlValue& sql, const Names& columns) {
  if (!sql.is_text()) return;
  // As the builder does: names of columns may be words of SQL or hold a dot.
  const std::string text = rename_names(
      sql.text(),
      [&columns](const std::string& first, const std::string& second) -> std::optional<std::string> {
        const std::string name = second.empty() ? first : first + "." + second;
        if (!columns) return sql_identifier(name);
        const std::string found = find_name(*columns, name);
        return found.empty() ? std::nullopt : std::optional(sql_identifier(found));
      });
  const bool plain = parses("SELECT (" + sql.text() + "\n)", sql.place(), "", false);
  if (!plain && !parses("SELECT (" + text + "\n)", sql.place(), "", false)) {
    parses("SELECT (" + sql.text() + "\n)", sql.place(), "SQL of the row set", true);
    return;
  }
  datasets_in(sql.text(), sql.place());
  bind(text, columns, sql.place(), "SQL of the row set");
}

/// SQL of a verb, over columns, variables and other datasets.
void MappingCheck::expression(const YamlValue& sql) {
  if (!sql.is_text()) return;
  const std::string what = "the expression of " + base::replace_all(current_, "supp$", "");
  const bool selects = base::to_lower(sql.text()).find("select") != std::string::npos;
  const std::string text = rename_names(
      sql.text(), [&](const std::string& first, const std::string& second) -> std::optional<std::string> {
        if (second.empty())
          return names_column_or_variable(first) ? std::optional(sql_identifier(first)) : std::nullopt;
        if (first == "sdtm") return std::nullopt;
        if (base::to_lower(first) == "raw") {
          if (columns_ && find_name(*columns_, second).empty()) return std::nullopt;
          return sql_identifier(second);
        }
        if (first == model_.dataset)
          return declares(second) ? std::optional(sql_identifier(second)) : std::nullopt;
        if (tables_.makes(first)) {
          reference(first, second, sql.place());
          return "NULL";
        }
        if (columns_ && find_name(*columns_, first + "." + second).empty()) {
          if (!selects) operand(first + "." + second, sql.place());
          return std::nullopt;
        }
        return selects ? std::nullopt : std::optional(sql_identifier(first + "." + second));
      });
  const bool plain = parses("SELECT (" + sql.text() + "\n)", sql.place(), "", false);
  if (!plain && !parses("SELECT (" + text + "\n)", sql.place(), "", false)) {
    parses("SELECT (" + sql.text() + "\n)", sql.place(), what, true);
    return;
  }
  datasets_in(sql.text(), sql.place());
  if (!columns_ || !model_.variables) return;
  std::vector<std::string> known = *columns_;
  for (const auto& name : *model_.variables) {
    if (name != current_ && find_name(known, name).empty()) known.push_back(name);
  }
  bind(text, known, sql.place(), what);
}

/// Lets the engine look for names; what else it has to say depends on types, which are not known here.
void MappingCheck::bind(const std::string& sql, const Names& columns, const base::Place& place,
                        const std::string& what) {
  if (!columns || !names_in(sql, "sdtm").empty()) return;
  std::vector<std::string> all = *columns;
  for (const char* name : {"_set", "_source", "_file", "_row", "_entry", "_at", "_test_code", "_test_name",
                           "_test_result", "_test_unit", "rowid"}) {
    if (find_name(all, name).empty()) all.emplace_back(name);
  }
  std::string list;
  for (const auto& name : all) list += (list.empty() ? "NULL AS " : ", NULL AS ") + sql_identifier(name);
  try {
    tables_.session().execute("EXPLAIN SELECT (" + sql + "\n) FROM (SELECT " + list + ")");
  } catch (const base::Error& error) {
    static const RE2 not_found("Referenced column \"([^\"]+)\" not found");
    std::string name;
    if (!RE2::PartialMatch(error.message() + " " + error.hint(), not_found, &name)) return;
    add("TM2306", what + " fails: '" + name + "' is no column or variable", place,
        base::did_you_mean(name, *columns));
  }
}

}  // namespace trialmill::transform
