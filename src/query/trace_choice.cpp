#include "query/trace_choice.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "study/layout.hpp"

namespace trialmill::query {

using base::Json;
using base::sql_identifier;
using base::sql_literal;

namespace {

constexpr std::size_t others_max = 5;  ///< records of another dataset that are shown for one subject

/// As verbs compare: trimmed, case ignored, numbers without .0.
std::string comparable(const std::string& expression) {
  return "regexp_replace(upper(trim(CAST(" + expression + " AS VARCHAR))), '^(-?[0-9]+)\\.0$', '\\1')";
}

/// Both texts cut to the length of the shorter one.
std::string cut(const std::string& text, const std::string& other) {
  return "left(" + text + ", least(length(" + text + "), length(" + other + ")))";
}

/// SQL for the rows between whose ends a number lies; an end that is missing is open.
std::string in_window(const Json& columns, const std::string& number) {
  const auto end = [&](std::size_t n, const std::string& sign) {
    const std::string value = "try_cast(" + sql_identifier(columns[n].get<std::string>()) + " AS DOUBLE)";
    return "(" + value + " IS NULL OR " + value + sign + "try_cast(" + sql_literal(number) + " AS DOUBLE))";
  };
  return end(0, " <= ") + " AND " + end(1, " >= ");
}

}  // namespace

bool gives_date(const std::string& date, const std::string& result) {
  return result.size() >= 4 && date.starts_with(result);
}

std::optional<std::string> TraceChoice::same_subject(const Record& record, const std::string& dataset) {
  const auto subject = tables_.value(record, "USUBJID");
  const auto parts = lineage_.parts_of(dataset);
  if (!subject || parts.empty() || !tables_.has_column(parts[0], "USUBJID")) return std::nullopt;
  return "USUBJID = " + sql_literal(*subject);
}

/// The value of an input of the verb in this record; not known for steps on the way.
TraceChoice::Key TraceChoice::key(const Record& record, const std::string& input) {
  if (tables_.has_column(record.dataset, input)) return {true, tables_.value(record, input)};
  const auto dot = input.find('.');
  if (dot == std::string::npos) return {};
  const std::string first = input.substr(0, dot), second = input.substr(dot + 1);
  if (first != "raw") {
    const auto subject = same_subject(record, first);
    if (!subject) return {};
    const auto found = tables_.find(first, second, *subject, sql_identifier(second), 1);
    return found.empty() ? Key{} : Key{true, found[0].second};
  }
  const Json& set = tables_.row_set(record);
  const bool piece = set.contains("pieces") &&
                     base::to_lower(set["pieces"]["column"].get<std::string>()) == base::to_lower(second);
  for (const auto& row : tables_.rows_with(record, second)) {
    const auto split = piece && !row.is_record() ? tables_.cell(row, second) : std::nullopt;
    if (split && !(*split)["value"].is_null())  // one of the pieces; which one the value tells
      return {true, (*split)["value"].get<std::string>(), set["pieces"]["by"].get<std::string>()};
    const std::string own = tables_.name_in_table(record, second);
    if (row.is_record()) return {true, tables_.value({row.file, row.row}, base::to_upper(own))};
    if (const auto cell = tables_.cell(row, own))
      return {true, (*cell)["value"].is_null() ? TraceTables::Text() : TraceTables::Text((*cell)["value"])};
  }
  return {};
}

/// SQL over the table that was looked into; nullopt if nothing can have been found.
std::optional<std::string> TraceChoice::key_condition(const Traced& traced, const Json& read) {
  std::vector<std::string> conditions;
  const Json keys = read.value("keys", Json::array());
  bool complete = !keys.empty() || read.contains("number");
  if (read.contains("number")) {
    const Key number = key(traced.record, read["number"].get<std::string>());
    complete = number.known;
    if (number.known) conditions.push_back(in_window(read["window"], number.text.value_or("")));
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Key one = key(traced.record, keys[i].get<std::string>());
    complete = complete && one.known;
    if (!one.known) continue;
    const std::string column = comparable(sql_identifier(read["on"][i].get<std::string>()));
    if (!one.by.empty()) {
      conditions.push_back(column + " IN (SELECT " + comparable("p") + " FROM (SELECT unnest(string_split(" +
                           sql_literal(*one.text) + ", " + sql_literal(one.by) + ")) AS p))");
      complete = false;
      continue;
    }
    const bool blank = base::trim(one.text.value_or("")).empty();
    if (blank && !read.contains("blanks")) return std::nullopt;
    conditions.push_back("coalesce(" + column +
                         ", '') = " + (blank ? "''" : comparable(sql_literal(*one.text))));
  }
  if (!complete) {
    if (!traced.value) return std::nullopt;
    conditions.push_back(comparable(sql_identifier(read["value"].get<std::string>())) + " = " +
                         comparable(sql_literal(*traced.value)));
  }
  return base::join(conditions, " AND ");
}

Found TraceChoice::looked_up(const Traced& traced, const Json& read) {
  Found out;
  out.chosen = true;
  const std::string table = read["table"].get<std::string>(), column = read["value"].get<std::string>();
  const auto condition = key_condition(traced, read);
  const std::string first = sql_identifier(column) + " IS NULL";  // a line with a value before others
  if (condition && !lineage_.parts_of(table).empty()) {
    for (const auto& [record, text] : tables_.find(table, column, *condition, first, 1))
      out.records.push_back({record, true});
  } else if (condition && (table.ends_with(".csv") || tables_.is_raw(table))) {
    const auto found =
        tables_.session().query_text("SELECT _file, _row FROM " + tables_.table_of(table) + " WHERE " +
                                     *condition + " ORDER BY " + first + ", _file, _row LIMIT 1");
    for (std::size_t r = 0; r < found.rows(); ++r) {
      const auto cell = tables_.cell({table, found.text(r, 0), std::stoll(found.text(r, 1)), 0}, column);
      if (cell) out.sources.push_back(*cell);
    }
  }
  if (out.records.empty() && out.sources.empty()) out.sources.push_back({{"list", table}, {"found", false}});
  return out;
}

/// Records that were made from the same row; of several the smallest value counts.
Found TraceChoice::parents(const Traced& traced, const std::string& dataset, const std::string& variable) {
  Found out;
  out.chosen = true;
  for (const auto& row : tables_.made(traced.record).rows) {
    if (row.join != 0) continue;
    for (const auto& part : lineage_.parts_of(dataset)) {
      const auto found = tables_.session().query_text(
          "SELECT DISTINCT _record FROM read_parquet(" + sql_literal(lineage_.records(part).string()) +
          ") WHERE source = " + sql_literal(row.source) + " AND _file = " + sql_literal(row.file) +
          " AND _row = " + std::to_string(row.row) + " ORDER BY 1 LIMIT " + std::to_string(others_max));
      for (std::size_t r = 0; r < found.rows(); ++r) {
        const Record record{part, std::stoll(found.text(r, 0))};
        out.records.push_back({record, !traced.value || tables_.value(record, variable) == traced.value});
      }
    }
  }
  std::ranges::stable_sort(out.records, std::greater<>(), &Candidate::used);
  return out;
}

/// The element that the verb epoch took: of those begun the last, as verbs_derive.cpp chooses it.
Found TraceChoice::elements(const Traced& traced, const Json& read, const std::string& dataset,
                            const std::string& variable) {
  Found out;
  out.chosen = true;
  const auto subject = same_subject(traced.record, "SE");
  const Key date = key(traced.record, read.value("date", ""));
  if (!subject || !date.known || !date.text) return out;
  const std::string day = sql_literal(date.text->substr(0, 16));
  const std::string holds = "(SEENDTC IS NULL OR " + cut(day, "SEENDTC") + " <= " + cut("SEENDTC", day) + ")";
  const bool arms = dataset == "TA";  // whose EPOCH counts where SE has none
  const auto found = tables_.find("SE", arms ? "ETCD" : variable,
                                  *subject + " AND " + cut(day, "SESTDTC") + " >= " + cut("SESTDTC", day),
                                  "SESTDTC DESC, " + holds + " DESC, coalesce(SEENDTC, '9999') DESC", 1);
  for (const auto& [record, code] : found) {
    if (!arms) out.records.push_back({record, true});
    if (!arms || !code) continue;
    for (const auto& [arm, epoch] :
         tables_.find("TA", variable, "ETCD = " + sql_literal(*code), sql_identifier(variable), 1))
      out.records.push_back({arm, true});
  }
  return out;
}

/// For ORDER BY: records that share the keys of this one first; a query took those, if any.
std::string TraceChoice::likely(const Traced& traced, const std::string& dataset) {
  std::string order;
  for (const auto& key : lineage_.dataset(traced.record.dataset)["keys"]) {
    const std::string name = key.get<std::string>();
    if (name == "STUDYID" || name == "USUBJID" || !tables_.has_column(lineage_.parts_of(dataset)[0], name))
      continue;
    order += "(" + comparable(sql_identifier(name)) + " = " +
             comparable(sql_literal(tables_.text(traced.record, name))) + ") DESC, ";
  }
  return order;
}

/// The subject's records in another dataset, in the order in which the verb prefers them.
Found TraceChoice::of_subject(const Traced& traced, const Json& read, const std::string& dataset,
                              const std::string& variable) {
  Found out;
  const auto subject = same_subject(traced.record, dataset);
  if (!subject) return out;
  const std::string how = read.value("how", "smallest"), column = sql_identifier(variable),
                    text = value_text(column);
  std::string where = *subject + " AND " + column + " IS NOT NULL", order = column;
  const std::string given = sql_literal(traced.value.value_or(""));
  // Partial dates come behind the days that they may be.
  if (how == "earliest")
    order = "CASE WHEN length(" + text + ") < 10 THEN " + text + " || '~' ELSE " + text + " END";
  if (how == "latest") order = column + " DESC";
  if (how == "query") order = likely(traced, dataset) + "(" + text + " = " + given + ") DESC, " + column;
  // A visit's dates come from that visit.
  const bool visit = how == "visit" && tables_.value(traced.record, "VISITNUM");
  if (visit) {
    where += " AND VISITNUM = " + sql_literal(tables_.text(traced.record, "VISITNUM"));
    order = "(left(" + text + ", 10) = " + given + ") DESC, " + column;
  }
  if (const std::string more = read.value("where", ""); !more.empty()) {
    mount(more);
    where += " AND (" + more + ")";
  }
  const auto found = tables_.find(dataset, variable, where, order, others_max);
  out.chosen = how != "query";
  const bool dates = how == "earliest" || how == "latest";
  out.dates = dates || visit;
  for (const auto& [record, value] : found) {
    const bool first = dates ? value == found[0].second : record == found[0].first;
    const bool same = traced.value && (value == traced.value || gives_date(*value, *traced.value));
    const bool fits = same || !out.dates || (visit && variable == "VISITNUM");
    out.records.push_back({record, first && fits});
  }
  return out;
}

/// Conditions of mappings may ask other tables.
void TraceChoice::mount(const std::string& sql) {
  if (mounted_ || sql.find('.') == std::string::npos) return;
  study::mount_raw(tables_.session(), lineage_.layout());
  study::mount_staged(tables_.session(), lineage_.layout());
  mounted_ = true;
}

Found TraceChoice::taken(const Traced& traced, const Json& read, const std::string& dataset,
                         const std::string& variable) {
  const std::string how = read.value("how", "");
  if (how == "lookup" || how == "window") return looked_up(traced, read);
  if (how == "parent") return parents(traced, dataset, variable);
  if (how == "epoch") return elements(traced, read, dataset, variable);
  return of_subject(traced, read, dataset, variable);
}

std::optional<Record> TraceChoice::pointed_at(const Record& record) {
  const auto domain = tables_.value(record, "RDOMAIN"), name = tables_.value(record, "IDVAR"),
             value = tables_.value(record, "IDVARVAL");
  if (!domain || (name.has_value() != value.has_value())) return std::nullopt;
  const auto subject = same_subject(record, *domain);
  const auto parts = lineage_.parts_of(*domain);
  if (!subject || (name && !tables_.has_column(parts[0], *name))) return std::nullopt;
  const std::string where =
      *subject +
      (name ? " AND " + comparable(sql_identifier(*name)) + " = " + comparable(sql_literal(*value)) : "");
  const auto found = tables_.find(*domain, "USUBJID", where, "", 1);
  return found.empty() ? std::nullopt : std::optional(found[0].first);
}

std::optional<Record> TraceChoice::parent_of(const Record& qualifier) {
  const std::string table = "read_parquet(" + sql_literal(lineage_.records(qualifier.dataset).string()) + ")";
  // What an earlier version staged does not say it.
  if (tables_.column_of(table, "_parent").empty()) return pointed_at(qualifier);
  const auto found = tables_.session().query_text(
      "SELECT _parent FROM " + table + " WHERE _record = " + std::to_string(qualifier.number) + " LIMIT 1");
  if (found.rows() == 0) return std::nullopt;
  return Record{qualifier.dataset.substr(4), std::stoll(found.text(0, 0))};
}

std::optional<Record> TraceChoice::flagged(const Traced& traced, const Json& read) {
  const auto subject = same_subject(traced.record, traced.record.dataset);
  if (!subject) return std::nullopt;
  std::string where = *subject + " AND " + sql_identifier(traced.variable) + " = 'Y'";
  for (const auto& name : read["by"]) {
    const Key one = key(traced.record, name.get<std::string>());
    if (!one.known || !tables_.has_column(traced.record.dataset, name.get<std::string>())) continue;
    where += " AND " + sql_identifier(name.get<std::string>()) +
             (one.text ? " = " + sql_literal(*one.text) : std::string(" IS NULL"));
  }
  const auto found = tables_.find(traced.record.dataset, traced.variable, where, "", 1);
  return found.empty() ? std::nullopt : std::optional(found[0].first);
}

}  // namespace trialmill::query
