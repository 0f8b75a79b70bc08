#include <algorithm>

#include "base/text.hpp"
#include "query/tracer.hpp"

namespace trialmill::query {

using base::Json;

void Tracer::say(const std::string& what, const Json& about, Parts& parts) {
  Json said{{"says", what + (about.contains("text") ? about["text"].get<std::string>() : "")},
            {"place", about["place"]}};
  if (std::ranges::find(parts.row_set, said) == parts.row_set.end()) parts.row_set.push_back(std::move(said));
}

void Tracer::add_columns(const Traced& traced, const Json& about, int depth, Parts& parts) {
  if (!about.contains("columns")) return;
  for (const auto& column : about["columns"])
    add_column(traced.record, column.get<std::string>(), depth, parts);
}

const Json* Tracer::entry_of(const Record& record) {
  const Json& set = tables_.row_set(record);
  const int entry = tables_.made(record).entry;
  if (!set.contains("entries") || entry < 0 || set["entries"].size() <= static_cast<std::size_t>(entry))
    return nullptr;
  return &set["entries"][static_cast<std::size_t>(entry)];
}

/// `constant` and `where` of the row set; true if the variable's own rule does not count then.
bool Tracer::given(const Traced& traced, Parts& parts, int depth) {
  const std::string& name = traced.variable;
  const Json& set = tables_.row_set(traced.record);
  if (set.contains("constants") && set["constants"].contains(name)) {
    say("constant " + name + ": ", set["constants"][name], parts);
    return true;
  }
  const Json* entry = entry_of(traced.record);
  if (entry == nullptr || !entry->contains("where") || !(*entry)["where"].contains(name)) return false;
  const Json& about = (*entry)["where"][name];
  say("where " + name + ": ", about, parts);
  add_columns(traced, about, depth, parts);
  return traced.value.has_value();
}

void Tracer::add_row_set(const Record& record, Parts& parts) {
  const Json& set = tables_.row_set(record);
  if (set.contains("split")) say("split: ", set["split"], parts);
  if (!set.contains("rows")) return;
  const Json* element = element_of(record);
  if (element != nullptr)
    say("", *element, parts);
  else
    say(set["rows"].get<std::string>(), {{"place", set["place"]}}, parts);
}

const Json* Tracer::element_of(const Record& record) {
  const Json& set = tables_.row_set(record);
  const std::string code = tables_.text(record, "ETCD");
  return set.contains("elements") && set["elements"].contains(code) ? &set["elements"][code] : nullptr;
}

/// Of the dates of elements, those of the record's own element.
bool Tracer::concerns(const Traced& traced, const Rule& rule, const std::string& input) {
  const Json* element = element_of(traced.record);
  if (element == nullptr || !input.starts_with("DM.")) return true;
  for (const auto& read : rule.reads) {
    if (read["how"] != "rows") continue;
    const std::string column = base::to_lower(read["column"].get<std::string>());
    const char* end = column == "start_date" ? "start" : column == "end_date" ? "end" : nullptr;
    if (end == nullptr) continue;
    return element->value(end, "").find(input.substr(3)) != std::string::npos;
  }
  return true;
}

/// A part of the entry of `unpivot` that made the record.
void Tracer::add_test(const Traced& traced, const std::string& part, int depth, Parts& parts) {
  const Json* entry = entry_of(traced.record);
  if (entry == nullptr) return add_rows(traced.record, parts);
  if (part == "code") return say((*entry)["code"].get<std::string>(), {{"place", (*entry)["place"]}}, parts);
  for (const std::string& key : {part, part == "unit" ? std::string("unit_from") : part}) {
    if (!entry->contains(key)) continue;
    say((*entry)["code"].get<std::string>() + ", " + key + ": ", (*entry)[key], parts);
    add_columns(traced, (*entry)[key], depth, parts);
  }
}

}  // namespace trialmill::query
