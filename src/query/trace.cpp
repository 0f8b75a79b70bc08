#include "query/trace.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "query/lineage.hpp"
#include "query/trace_choice.hpp"
#include "query/trace_tables.hpp"

namespace trialmill::query {
namespace {

using base::Json;

constexpr int depth_max = 12;

class Tracer {
 public:
  explicit Tracer(const TraceOptions& options)
      : options_(options),
        lineage_(options.study),
        tables_(lineage_, options.study),
        choice_(lineage_, tables_) {}

  Json run() {
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

 private:
  /// What is put together about one value.
  struct Parts {
    Json sources = Json::array(), inputs = Json::array(), row_set = Json::array();
  };

  std::vector<std::int64_t> numbers(const std::string& dataset, const std::string& condition,
                                    std::size_t most) {
    const std::string where = options_.where.empty() ? "TRUE" : options_.where;
    const auto found = tables_.session().query_text(
        "SELECT n FROM (SELECT *, file_row_number + 1 AS n FROM " + tables_.records_of(dataset) + ") WHERE " +
        condition + "(" + where + ") ORDER BY n LIMIT " + std::to_string(most));
    std::vector<std::int64_t> out;
    for (std::size_t r = 0; r < found.rows(); ++r) out.push_back(std::stoll(found.text(r, 0)));
    return out;
  }

  Json root(const Record& record, const std::string& variable) {
    seen_.clear();
    return value(record, variable, 0);
  }

  Json named(const Record& record, const std::string& variable) {
    Json out{{"name", record.dataset + "." + variable}, {"record", record.number}};
    if (!tables_.has_column(record.dataset, variable)) return out;
    const auto text = tables_.value(record, variable);
    out["value"] = text ? Json(*text) : Json();
    return out;
  }

  /// One variable of one record, with all it is made from.
  Json value(const Record& record, const std::string& variable, int depth) {
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
    if (const auto parent =
            lineage_.is_supplement(record.dataset) ? choice_.parent_of(record) : std::nullopt) {
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
  void of_qualifier(const Record& record, const std::string& variable, const Record& parent, Rule& rule,
                    int depth, Parts& parts) {
    rule.inputs.clear();
    rule.reads = Json::array();
    const std::string name = variable == "IDVARVAL" ? tables_.text(record, "IDVAR") : variable;
    if (tables_.has_column(parent.dataset, name)) parts.inputs.push_back(value(parent, name, depth + 1));
  }

  void explain(const Traced& traced, const Rule& rule, int depth, Parts& parts) {
    if (depth >= depth_max) return;
    const bool decided = given(traced, parts, depth);
    for (const auto& read : rule.reads) {
      if (decided) break;
      if (read["how"] == "rows") add_row_set(traced.record, parts);
      if (read["how"] == "last_before" && !traced.value) {
        if (const auto other = choice_.flagged(traced, read))
          push(named(*other, traced.variable), true, parts);
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

  static void finish(Json& out, const Rule& rule, const Traced& traced, Parts& parts) {
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

  // ---- what the row set says

  static void say(const std::string& what, const Json& about, Parts& parts) {
    Json said{{"says", what + (about.contains("text") ? about["text"].get<std::string>() : "")},
              {"place", about["place"]}};
    if (std::ranges::find(parts.row_set, said) == parts.row_set.end())
      parts.row_set.push_back(std::move(said));
  }

  void add_columns(const Traced& traced, const Json& about, int depth, Parts& parts) {
    if (!about.contains("columns")) return;
    for (const auto& column : about["columns"])
      add_column(traced.record, column.get<std::string>(), depth, parts);
  }

  const Json* entry_of(const Record& record) {
    const Json& set = tables_.row_set(record);
    const int entry = tables_.made(record).entry;
    if (!set.contains("entries") || entry < 0 || set["entries"].size() <= static_cast<std::size_t>(entry))
      return nullptr;
    return &set["entries"][static_cast<std::size_t>(entry)];
  }

  /// `constant` and `where` of the row set; true if the variable's own rule does not count then.
  bool given(const Traced& traced, Parts& parts, int depth) {
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

  void add_row_set(const Record& record, Parts& parts) {
    const Json& set = tables_.row_set(record);
    if (set.contains("split")) say("split: ", set["split"], parts);
    if (!set.contains("rows")) return;
    const Json* element = element_of(record);
    if (element != nullptr)
      say("", *element, parts);
    else
      say(set["rows"].get<std::string>(), {{"place", set["place"]}}, parts);
  }

  const Json* element_of(const Record& record) {
    const Json& set = tables_.row_set(record);
    const std::string code = tables_.text(record, "ETCD");
    return set.contains("elements") && set["elements"].contains(code) ? &set["elements"][code] : nullptr;
  }

  /// Of the dates of elements, those of the record's own element.
  bool concerns(const Traced& traced, const Rule& rule, const std::string& input) {
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
  void add_test(const Traced& traced, const std::string& part, int depth, Parts& parts) {
    const Json* entry = entry_of(traced.record);
    if (entry == nullptr) return add_rows(traced.record, parts);
    if (part == "code")
      return say((*entry)["code"].get<std::string>(), {{"place", (*entry)["place"]}}, parts);
    for (const std::string& key : {part, part == "unit" ? std::string("unit_from") : part}) {
      if (!entry->contains(key)) continue;
      say((*entry)["code"].get<std::string>() + ", " + key + ": ", (*entry)[key], parts);
      add_columns(traced, (*entry)[key], depth, parts);
    }
  }

  // ---- what the rule reads

  static void add_source(const Json& source, Parts& parts) {
    if (std::ranges::find(parts.sources, source) == parts.sources.end()) parts.sources.push_back(source);
  }

  static void push(Json input, bool used, Parts& parts) {
    input["used"] = used;
    parts.inputs.push_back(std::move(input));
  }

  void add_once(const Record& record, const std::string& variable, int depth, Parts& parts) {
    const std::string name = record.dataset + "." + variable;
    const bool there = std::ranges::any_of(parts.inputs, [&](const Json& one) {
      return one["name"] == name && one.value("record", std::int64_t{0}) == record.number;
    });
    if (!there && lineage_.has_variable(record.dataset, variable))
      parts.inputs.push_back(value(record, variable, depth + 1));
  }

  void add_input(const Traced& traced, const Rule& rule, const std::string& input, int depth, Parts& parts) {
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
      found = choice_.taken(traced, Json::object(), first, second);
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
  void add_own(const Traced& traced, const Rule& rule, const std::string& input, int depth, Parts& parts) {
    Json one = value(traced.record, input, depth + 1);
    for (const auto& read : rule.reads) {
      if (read.value("input", "") != input || rule.inputs.size() < 2) continue;
      const auto text = tables_.value(traced.record, input);
      one["used"] = text && traced.value && same_date(*text, *traced.value);
    }
    parts.inputs.push_back(std::move(one));
  }

  void add_column(const Record& record, const std::string& column, int depth, Parts& parts) {
    auto rows = tables_.rows_with(record, column);
    if (rows.empty()) rows = tables_.made(record).rows;
    for (const auto& row : rows) {
      const std::string name = base::to_upper(column);
      if (!row.is_record()) {
        if (const auto cell = tables_.cell(row, column)) add_source(*cell, parts);
      } else if (lineage_.has_variable(row.file, name)) {
        add_once({row.file, row.row}, name, depth, parts);
      }
    }
    if (!rows.empty()) return;
    for (const auto& source : tables_.whole_tables(record.dataset)) {
      const std::string name = tables_.column_of(tables_.table_of(source), column);
      if (!name.empty()) add_source({{"source", source}, {"column", name}}, parts);
    }
  }

  void add_rows(const Record& record, Parts& parts) {
    for (const auto& row : tables_.delivered(record))
      add_source({{"source", row.source}, {"file", row.file}, {"row", row.row}}, parts);
    if (!parts.sources.empty() || !tables_.made(record).rows.empty()) return;
    for (const auto& source : tables_.whole_tables(record.dataset)) add_source({{"source", source}}, parts);
  }

  const TraceOptions& options_;
  const Lineage lineage_;
  TraceTables tables_;
  TraceChoice choice_;
  std::set<std::pair<Record, std::string>> seen_;  ///< shown already for this record
};

}  // namespace

Json trace(const TraceOptions& options) {
  return Tracer(options).run();
}

}  // namespace trialmill::query
