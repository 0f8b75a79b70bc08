#include <algorithm>

#include "base/text.hpp"
#include "query/tracer.hpp"

namespace trialmill::query {

using base::Json;

void Tracer::add_source(const Json& source, Parts& parts) {
  if (std::ranges::find(parts.sources, source) == parts.sources.end()) parts.sources.push_back(source);
}

void Tracer::push(Json input, bool used, Parts& parts) {
  input["used"] = used;
  parts.inputs.push_back(std::move(input));
}

void Tracer::add_once(const Record& record, const std::string& variable, int depth, Parts& parts) {
  const std::string name = record.dataset + "." + variable;
  const bool there = std::ranges::any_of(parts.inputs, [&](const Json& one) {
    return one["name"] == name && one.value("record", std::int64_t{0}) == record.number;
  });
  if (!there && lineage_.has_variable(record.dataset, variable))
    parts.inputs.push_back(value(record, variable, depth + 1));
}

/// How values of other datasets got into rows that are made; queries keep to themselves which records they
/// took.
std::string Tracer::how_rows_read(const Traced& traced, const Rule& rule, const std::string& other) {
  const Json& set = tables_.row_set(traced.record);
  if (set.contains("model")) return "query";
  const bool made = std::ranges::any_of(rule.reads, [](const Json& read) { return read["how"] == "rows"; });
  if (!made || set.contains("elements")) return "smallest";
  const bool visit = set.value("rows", "").starts_with("{visits:") && tables_.has_column(other, "VISITNUM");
  return visit ? "visit" : "query";
}

/// Row sets of one dataset may make a column from different inputs; a record has those of its own.
bool Tracer::of_row_set(const Traced& traced, const Rule& rule, const std::string& input) {
  const auto makes = [&](const Json& set) {
    if (!set.contains("origins")) return false;
    return std::ranges::any_of(rule.reads, [&](const Json& read) {
      if (read["how"] != "rows") return false;
      const std::string column = base::to_lower(read["column"].get<std::string>());
      const Json inputs = set["origins"].value(column, Json::array());
      return std::ranges::find(inputs, Json(input)) != inputs.end();
    });
  };
  if (makes(tables_.row_set(traced.record))) return true;
  const Json& sets = lineage_.dataset(traced.record.dataset)["sets"];
  return std::ranges::none_of(sets, makes);
}

void Tracer::add_input(const Traced& traced, const Rule& rule, const std::string& input, int depth,
                       Parts& parts) {
  if (!of_row_set(traced, rule, input)) return;
  const auto dot = input.find('.');
  const std::string first = input.substr(0, dot),
                    second = dot == std::string::npos ? "" : input.substr(dot + 1);
  if (first == "raw") return add_column(traced.record, second, depth, parts);
  if (first == "test") return add_test(traced, second, depth, parts);
  if (first == "records") return;  // given() told it
  if (dot == std::string::npos && lineage_.has_variable(traced.record.dataset, input))
    return add_own(traced, rule, input, depth, parts);
  const auto others = lineage_.parts_of(first);
  const bool known = !others.empty() && lineage_.has_variable(others[0], second);
  Found found;
  for (const auto& read : rule.reads) {
    if (read.value("input", "") != input) continue;
    Found more = choice_.taken(traced, read, first, second);
    // `choose` may look several times; what found nothing counts only if nothing did.
    if (found.records.empty() && (found.sources.empty() || found.sources[0].contains("found")))
      found = std::move(more);
  }
  if (known && found.records.empty() && found.sources.empty())
    found = choice_.taken(traced, {{"how", how_rows_read(traced, rule, others[0])}}, first, second);
  for (const auto& source : found.sources) add_source(source, parts);
  const bool alone = found.records.size() == 1 && !(found.dates && rule.inputs.size() > 1);
  for (const auto& one : found.records) {
    if (!found.chosen || (alone && one.used))
      parts.inputs.push_back(value(one.record, second, depth + 1));
    else
      push(one.used ? value(one.record, second, depth + 1) : named(one.record, second), one.used, parts);
  }
  if (!found.records.empty() || !found.sources.empty()) return;
  if (known)
    parts.inputs.push_back({{"name", input}});
  else
    add_source({{"list", input}}, parts);
}

/// Another variable of the record; of the dates of `earliest` and `latest` it says whether it won.
void Tracer::add_own(const Traced& traced, const Rule& rule, const std::string& input, int depth,
                     Parts& parts) {
  Json one = value(traced.record, input, depth + 1);
  for (const auto& read : rule.reads) {
    if (read.value("input", "") != input || rule.inputs.size() < 2) continue;
    const auto text = tables_.value(traced.record, input);
    one["used"] = text && traced.value && gives_date(*text, *traced.value);
  }
  parts.inputs.push_back(std::move(one));
}

void Tracer::add_column(const Record& record, const std::string& column, int depth, Parts& parts) {
  // Of a query it is known which tables have the column.
  std::set<std::string> tables;
  for (const auto& one :
       tables_.row_set(record).value("tables", Json::object()).value(base::to_lower(column), Json::array()))
    tables.insert(one.get<std::string>());
  auto rows = tables_.rows_with(record, column);
  if (rows.empty()) rows = tables_.made(record).rows;
  bool found = false;
  const std::string own = tables_.name_in_table(record, column), name = base::to_upper(own);
  for (const auto& row : rows) {
    if (row.is_record() && lineage_.has_variable(row.file, name)) {
      add_once({row.file, row.row}, name, depth, parts);
      found = true;
    } else if (!row.is_record() && (tables.empty() || tables.contains(row.source))) {
      const auto cell = tables_.cell(row, own);
      if (cell) add_source(*cell, parts);
      found = found || cell;
    }
  }
  if (!found) add_tables(record, column, tables, parts);
}

/// Columns of which a query or program took some rows; which ones is its own business.
void Tracer::add_tables(const Record& record, const std::string& column, std::set<std::string> tables,
                        Parts& parts) {
  if (tables.empty() && tables_.made(record).rows.empty()) {
    for (const auto& one : tables_.whole_tables(record.dataset)) tables.insert(one);
  }
  for (const auto& source : tables) {
    const std::string name = tables_.column_of(tables_.table_of(source), column);
    if (!name.empty()) add_source({{"source", source}, {"column", name}}, parts);
  }
}

void Tracer::add_rows(const Record& record, Parts& parts) {
  for (const auto& row : tables_.delivered(record))
    add_source({{"source", row.source}, {"file", row.file}, {"row", row.row}}, parts);
  if (!parts.sources.empty() || !tables_.made(record).rows.empty()) return;
  for (const auto& source : tables_.whole_tables(record.dataset)) add_source({{"source", source}}, parts);
}

}  // namespace trialmill::query
