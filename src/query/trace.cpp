#include "query/trace.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "query/tracer.hpp"

namespace trialmill::query {

using base::Json;

namespace {

constexpr int depth_max = 12;

}  // namespace

Json Tracer::run() {
  const auto [dataset, variable] = lineage_.find(options_.variable, true);
  Json records = Json::array();
  bool more = false;
  if (variable.empty()) {
    // Of each variable one record that has a value.
    for (const auto& column : lineage_.dataset(dataset)["columns"]) {
      const std::string name = column["name"].get<std::string>();
      for (const auto number : numbers(dataset, base::sql_identifier(name) + " IS NOT NULL AND ", 1))
        records.push_back(root({dataset, number}, name));
    }
  } else {
    auto found = numbers(dataset, "", options_.records_max + 1);
    more = found.size() > options_.records_max;
    if (more) found.pop_back();
    for (const auto number : found) records.push_back(root({dataset, number}, variable));
  }
  return {{"dataset", dataset}, {"variable", variable}, {"records", records}, {"more", more}};
}

std::vector<std::int64_t> Tracer::numbers(const std::string& dataset, const std::string& condition,
                                          std::size_t most) {
  const std::string where = options_.where.empty() ? "TRUE" : options_.where;
  const auto found = tables_.session().query_text("SELECT n FROM (SELECT *, file_row_number + 1 AS n FROM " +
                                                  tables_.records_of(dataset) + ") WHERE " + condition + "(" +
                                                  where + ") ORDER BY n LIMIT " + std::to_string(most));
  std::vector<std::int64_t> out;
  for (std::size_t r = 0; r < found.rows(); ++r) out.push_back(std::stoll(found.text(r, 0)));
  return out;
}

Json Tracer::root(const Record& record, const std::string& variable) {
  seen_.clear();
  return value(record, variable, 0);
}

Json Tracer::named(const Record& record, const std::string& variable) {
  Json out{{"name", record.dataset + "." + variable}, {"record", record.number}};
  if (!tables_.has_column(record.dataset, variable)) return out;
  const auto text = tables_.value(record, variable);
  out["value"] = text ? Json(*text) : Json();
  return out;
}

/// One variable of one record, with all it is made from.
Json Tracer::value(const Record& record, const std::string& variable, int depth) {
  Json out = named(record, variable);
  if (depth == 0) {
    out["key"] = Json::object();
    for (const auto& name : lineage_.dataset(record.dataset)["keys"])
      out["key"][name.get<std::string>()] = tables_.text(record, name.get<std::string>());
  }
  if (!seen_.emplace(record, variable).second) {
    out["repeated"] = true;
    return out;
  }
  Parts parts;
  Traced traced{record, variable, tables_.value(record, variable)};
  Rule rule;
  if (const auto parent = lineage_.is_supplement(record.dataset) ? choice_.parent_of(record) : std::nullopt) {
    rule = lineage_.rule(record.dataset, "QVAL", tables_.text(record, "QNAM"));
    traced.record = *parent;
    if (variable != "QVAL") of_qualifier(record, variable, *parent, rule, depth, parts);
  } else {
    rule = lineage_.rule(record.dataset, variable);
  }
  explain(traced, rule, depth, parts);
  if (depth == 0 && parts.sources.empty()) add_rows(traced.record, parts);
  finish(out, rule, traced, parts);
  return out;
}

/// The other variables of a supplemental qualifier: those of its parent, and what the mapping says.
void Tracer::of_qualifier(const Record& record, const std::string& variable, const Record& parent, Rule& rule,
                          int depth, Parts& parts) {
  rule.inputs.clear();
  rule.reads = Json::array();
  const std::string name = variable == "IDVARVAL" ? tables_.text(record, "IDVAR") : variable;
  if (tables_.has_column(parent.dataset, name)) parts.inputs.push_back(value(parent, name, depth + 1));
}

void Tracer::explain(const Traced& traced, const Rule& rule, int depth, Parts& parts) {
  if (depth >= depth_max) return;
  const bool decided = given(traced, parts, depth);
  for (const auto& read : rule.reads) {
    if (decided) break;
    if (read["how"] == "rows") add_row_set(traced.record, parts);
    if (read["how"] == "table") add_source({{"source", read["table"]}, {"column", read["column"]}}, parts);
    if (read["how"] == "last_before" && !traced.value) {
      if (const auto other = choice_.flagged(traced, read)) push(named(*other, traced.variable), true, parts);
    }
  }
  for (const auto& input : rule.inputs) {
    if (!decided && concerns(traced, rule, input)) add_input(traced, rule, input, depth, parts);
  }
  if (traced.variable == "IDVARVAL" && traced.value) {
    const auto other = choice_.pointed_at(traced.record);
    if (other) add_once(*other, tables_.text(traced.record, "IDVAR"), depth, parts);
  }
  std::ranges::stable_partition(parts.inputs, [](const Json& one) { return one.value("used", false); });
}

void Tracer::finish(Json& out, const Rule& rule, const Traced& traced, Parts& parts) {
  if (!rule.text.empty()) out["rule"] = rule.text;
  if (!rule.place.empty()) out["place"] = rule.place;
  const auto ends = [](const Json& all, const auto& is_end) { return std::ranges::any_of(all, is_end); };
  const bool stated = !rule.text.empty() && rule.inputs.empty() && rule.reads.empty();
  const bool closed =
      !traced.value || stated || !parts.row_set.empty() ||
      ends(parts.sources, [](const Json& s) { return s.contains("column") || s.contains("list"); }) ||
      ends(parts.inputs, [](const Json& i) { return i.contains("record") && !i.contains("open"); });
  if (!parts.row_set.empty()) out["row_set"] = std::move(parts.row_set);
  if (!parts.sources.empty()) out["sources"] = std::move(parts.sources);
  if (!parts.inputs.empty()) out["inputs"] = std::move(parts.inputs);
  if (!closed) out["open"] = true;
}

Json trace(const TraceOptions& options) {
  return Tracer(options).run();
}

}  // namespace trialmill::query
