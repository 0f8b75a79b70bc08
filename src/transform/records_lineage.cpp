// What the row sets say about their records, for trialmill trace:
//   {"source": "vs_raw", "place": "mappings/vs.yaml:5", "rows": "{relate: …}",        rows that are made
//    "constants": {"VSSTAT": VALUE}, "joins": [{"with": "visits", "columns": ["VISITNUM"]}],
//    "entries": [{"code", "place", "name": VALUE, "unit": VALUE, "result": VALUE, "where": {"VSLOC":
//    VALUE}}]}
// where VALUE says what the mapping wrote, where, and the columns that it reads.
#include "base/text.hpp"
#include "transform/names.hpp"
#include "transform/records_builder.hpp"

namespace trialmill::transform {

using base::Json;
using base::YamlMap;
using base::YamlValue;

namespace {

std::string place_text(const base::Place& place) {
  return place.file + ":" + std::to_string(place.line);
}

}  // namespace

void RecordsBuilder::describe_start(RowSet& set, const YamlValue& row_set) {
  YamlMap map(row_set);  // of its own: looking here must not make keys known
  set.about["source"] = set.source;
  set.about["place"] = place_text(map.place());
  for (const char* made : {"visits", "elements", "relate", "program", "sql"}) {
    const auto node = map.find(made);
    if (!node || map.has("from")) continue;
    set.about["rows"] = std::string("{") + made + ": " + rule_text(*node) + "}";
    set.about["place"] = place_text(node->place());
    if (std::string(made) != "elements") continue;
    for (const auto& [code, body] : node->map().entries()) {
      Json about{{"text", "{" + code + ": " + rule_text(body) + "}"}, {"place", place_text(body.place())}};
      for (const char* end : {"start", "end"}) {
        if (const auto date = body.map().find(end)) about[end] = rule_text(*date);
      }
      set.about["elements"][code] = std::move(about);
    }
  }
}

Json RecordsBuilder::describe_text(const YamlValue& node) {
  return {{"text", rule_text(node)}, {"place", place_text(node.place())}};
}

/// A column, a constant, or SQL with the columns of the row set that it names.
Json RecordsBuilder::describe_value(const RowSet& set, const YamlValue& node) {
  Json out = describe_text(node);
  Json columns = Json::array();
  const auto note = [&](const std::string& first, const std::string& second) -> std::optional<std::string> {
    const std::string found = find_name(set.columns, second.empty() ? first : first + "." + second);
    if (!found.empty()) columns.push_back(found);
    return std::nullopt;
  };
  if (node.is_text())
    note(node.text(), "");
  else if (node.node()["sql"])
    rename_names(node.map().text("sql"), note);
  if (!columns.empty()) out["columns"] = std::move(columns);
  return out;
}

void RecordsBuilder::describe_entry(RowSet& set, const YamlValue& body, const std::string& code) {
  YamlMap entry(body);
  Json about{{"code", code}, {"place", place_text(entry.place())}};
  for (const char* part : {"name", "unit"}) {
    if (const auto node = entry.find(part)) about[part] = describe_text(*node);
  }
  for (const char* part : {"unit_from", "result"}) {
    if (const auto node = entry.find(part)) about[part] = describe_value(set, *node);
  }
  if (const auto where = entry.find("where")) {
    for (const auto& [variable, node] : where->map().entries())
      about["where"][variable] = describe_value(set, node);
  }
  set.about["entries"].push_back(std::move(about));
}

}  // namespace trialmill::transform
