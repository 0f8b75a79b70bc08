#include "query/trace.hpp"

#include <optional>
#include <ostream>

#include "base/error.hpp"
#include "base/text.hpp"
#include "query/lineage.hpp"
#include "table/session.hpp"

namespace trialmill::query {
namespace {

using base::Json;
using base::sql_identifier;
using base::sql_literal;

constexpr int depth_max = 6;
constexpr std::size_t others_max = 5;  ///< records of another dataset that are shown for one subject

class Tracer {
 public:
  explicit Tracer(const TraceOptions& options) : options_(options), lineage_(options.study) {}

  Json run() {
    const auto [dataset, variable] = lineage_.find(options_.variable);
    Json records = Json::array();
    const std::string where = options_.where.empty() ? "TRUE" : options_.where;
    const auto found = session_.query_text("SELECT n FROM (SELECT *, file_row_number + 1 AS n FROM " +
                                           rows(dataset) + ") WHERE (" + where + ") ORDER BY n LIMIT " +
                                           std::to_string(options_.records_max + 1));
    const bool more = found.rows() > options_.records_max;
    for (std::size_t r = 0; r < found.rows() && r < options_.records_max; ++r)
      records.push_back(value(dataset, variable, std::stoll(found.text(r, 0)), 0));
    return {{"dataset", dataset}, {"variable", variable}, {"records", records}, {"more", more}};
  }

 private:
  std::string rows(const std::string& dataset) const {
    return "read_parquet(" + sql_literal(lineage_.parquet(dataset).string()) + ", file_row_number = true)";
  }

  /// Some values of a record as text.
  std::vector<std::string> values(const std::string& dataset, std::int64_t record,
                                  const std::vector<std::string>& names) {
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ", ") + sql_identifier(name);
    const auto found = session_.query_text("SELECT " + list + " FROM " + rows(dataset) +
                                           " WHERE file_row_number = " + std::to_string(record - 1));
    std::vector<std::string> out;
    for (std::size_t c = 0; c < names.size(); ++c) out.push_back(found.rows() == 0 ? "" : found.text(0, c));
    return out;
  }

  bool is_column(const std::string& dataset, const std::string& name) const {
    for (const auto& column : lineage_.dataset(dataset)["columns"]) {
      if (column["name"] == name) return true;
    }
    return false;
  }

  /// One variable of one record, with all it is made from.
  Json value(const std::string& dataset, const std::string& variable, std::int64_t record, int depth) {
    Json out{{"name", dataset + "." + variable}, {"record", record}};
    if (is_column(dataset, variable)) out["value"] = values(dataset, record, {variable})[0];
    if (depth == 0) out["key"] = key(dataset, record);
    const std::string qnam =
        dataset.starts_with("SUPP") && variable == "QVAL" ? values(dataset, record, {"QNAM"})[0] : "";
    const Rule rule = lineage_.rule(dataset, variable, qnam);
    if (!rule.text.empty()) out["rule"] = rule.text;
    if (!rule.place.empty()) out["place"] = rule.place;
    Json sources = Json::array(), inputs = Json::array();
    if (rule.inputs.empty() && rule.text.empty()) add_records(dataset, record, sources);
    for (const auto& input : rule.inputs) add_input(dataset, record, input, depth, sources, inputs);
    if (depth == 0 && sources.empty()) add_records(dataset, record, sources);
    if (!sources.empty()) out["sources"] = sources;
    if (!inputs.empty()) out["inputs"] = inputs;
    return out;
  }

  Json key(const std::string& dataset, std::int64_t record) {
    Json out = Json::object();
    std::vector<std::string> names;
    for (const auto& name : lineage_.dataset(dataset)["keys"]) names.push_back(name.get<std::string>());
    if (names.empty()) return out;
    const auto found = values(dataset, record, names);
    for (std::size_t i = 0; i < names.size(); ++i) out[names[i]] = found[i];
    return out;
  }

  void add_input(const std::string& dataset, std::int64_t record, const std::string& input, int depth,
                 Json& sources, Json& inputs) {
    const auto dot = input.find('.');
    const std::string first = input.substr(0, dot),
                      second = dot == std::string::npos ? "" : input.substr(dot + 1);
    if (first == "raw") {
      add_raw(dataset, record, second, sources);
    } else if (first == "test") {
      add_test(dataset, record, second, sources);
    } else if (first == "records") {
      add_records(dataset, record, sources);
    } else if (const auto parent = parent_record(dataset, record);
               dot == std::string::npos && parent && lineage_.has_variable(parent->first, input)) {
      if (depth < depth_max) inputs.push_back(value(parent->first, input, parent->second, depth + 1));
    } else if (dot == std::string::npos && lineage_.has_variable(dataset, input)) {
      if (depth < depth_max) inputs.push_back(value(dataset, input, record, depth + 1));
    } else if (lineage_.has_variable(first, second)) {
      if (depth < depth_max) add_subject(dataset, record, first, second, depth, inputs);
    } else {
      sources.push_back({{"list", input}});
    }
  }

  /// The record that a supplemental qualifier belongs to.
  std::optional<std::pair<std::string, std::int64_t>> parent_record(const std::string& dataset,
                                                                    std::int64_t record) {
    if (!dataset.starts_with("SUPP") || !lineage_.has_dataset(dataset.substr(4))) return std::nullopt;
    const auto keys = values(dataset, record, {"USUBJID", "IDVAR", "IDVARVAL"});
    std::string where = "USUBJID = " + sql_literal(keys[0]);
    if (!keys[1].empty())
      where += " AND CAST(" + sql_identifier(keys[1]) + " AS VARCHAR) = " + sql_literal(keys[2]);
    const auto found = session_.query_text("SELECT file_row_number + 1 FROM " + rows(dataset.substr(4)) +
                                           " WHERE " + where + " ORDER BY 1 LIMIT 1");
    if (found.rows() == 0) return std::nullopt;
    return std::pair{dataset.substr(4), std::stoll(found.text(0, 0))};
  }

  /// The subject's records in another dataset.
  void add_subject(const std::string& dataset, std::int64_t record, const std::string& other,
                   const std::string& variable, int depth, Json& inputs) {
    std::string where = sql_identifier(variable) + " IS NOT NULL";
    if (is_column(dataset, "USUBJID") && is_column(other, "USUBJID"))
      where += " AND USUBJID = " + sql_literal(values(dataset, record, {"USUBJID"})[0]);
    else
      return inputs.push_back({{"name", other + "." + variable}});
    // A visit's dates come from that visit.
    if (dataset == "SV" && is_column(dataset, "VISITNUM") && is_column(other, "VISITNUM"))
      where += " AND VISITNUM = " + sql_literal(values(dataset, record, {"VISITNUM"})[0]);
    const auto found = session_.query_text("SELECT file_row_number + 1 FROM " + rows(other) + " WHERE " +
                                           where + " ORDER BY " + sql_identifier(variable) + ", 1 LIMIT " +
                                           std::to_string(others_max));
    for (std::size_t r = 0; r < found.rows(); ++r)
      inputs.push_back(value(other, variable, std::stoll(found.text(r, 0)), depth + 1));
  }

  struct RawRow {
    std::string source, file;
    std::int64_t row = 0;
  };

  /// The delivered records behind a record; those of joined sources too. Records made from another dataset
  /// lead there.
  std::vector<RawRow> raw_rows(const std::string& dataset, std::int64_t record) {
    std::vector<RawRow> out;
    if (!std::filesystem::exists(lineage_.records(dataset))) return out;
    const auto found =
        session_.query_text("SELECT DISTINCT source, _file, _row FROM read_parquet(" +
                            sql_literal(lineage_.records(dataset).string()) + ") WHERE _record IN (" +
                            std::to_string(record) + ") ORDER BY ALL LIMIT 50");
    for (std::size_t r = 0; r < found.rows(); ++r) {
      const RawRow one{found.text(r, 0), found.text(r, 1), std::stoll("0" + found.text(r, 2))};
      if (!one.source.starts_with("sdtm.")) {
        out.push_back(one);
        continue;
      }
      for (const auto& behind : raw_rows(one.file, one.row)) out.push_back(behind);
    }
    return out;
  }

  void add_raw(const std::string& dataset, std::int64_t record, const std::string& column, Json& sources) {
    for (const auto& row : raw_rows(dataset, record)) {
      // A list of the study, or a delivered table.
      const std::string table =
          row.source.ends_with(".csv")
              ? "(SELECT *, " + sql_literal(row.file) +
                    " AS _file, row_number() OVER () AS _row FROM read_csv(" +
                    sql_literal((std::filesystem::path(options_.study) / row.source).string()) +
                    ", all_varchar = true, header = true))"
              : "read_parquet(" + sql_literal(lineage_.layout().raw_table(row.source).string()) + ")";
      std::string name;
      for (const auto& one : session_.columns_of("(SELECT * FROM " + table + ")")) {
        if (base::to_lower(one) == base::to_lower(column)) name = one;
      }
      if (name.empty()) continue;
      const auto found = session_.query_text("SELECT " + sql_identifier(name) + " FROM " + table +
                                             " WHERE _file = " + sql_literal(row.file) +
                                             " AND _row = " + std::to_string(row.row));
      Json source{{"source", row.source}, {"file", row.file}, {"row", row.row}, {"column", name}};
      if (found.rows() > 0 && !found.is_null(0, 0))
        source["value"] = found.text(0, 0);
      else
        source["value"] = nullptr;
      sources.push_back(std::move(source));
    }
  }

  /// Which row set, and which entry of its unpivot, made the record.
  std::optional<std::pair<int, int>> entry_of(const std::string& dataset, std::int64_t record) {
    const std::string file = "read_parquet(" + sql_literal(lineage_.records(dataset).string()) + ")";
    const auto columns = session_.columns_of("(SELECT * FROM " + file + ")");
    if (std::ranges::find(columns, "_entry") == columns.end()) return std::nullopt;
    const auto found =
        session_.query("SELECT _set::INTEGER, _entry::INTEGER FROM " + file +
                       " WHERE _set IS NOT NULL AND _record = " + std::to_string(record) + " LIMIT 1");
    if (found.rows() == 0) return std::nullopt;
    return std::pair{static_cast<int>(found.integer(0, 0)), static_cast<int>(found.integer(0, 1))};
  }

  /// The column that the unpivot of this record's test takes.
  void add_test(const std::string& dataset, std::int64_t record, const std::string& part, Json& sources) {
    const Json& about = lineage_.dataset(dataset);
    if (part == "result" && about.contains("entries")) {
      for (const auto& column : about["columns"]) {
        if (column.value("rule", "").find("test: code") == std::string::npos) continue;
        const std::string code = values(dataset, record, {column["name"].get<std::string>()})[0];
        const auto place = entry_of(dataset, record);
        for (const auto& entry : about["entries"]) {
          const bool made_it =
              place ? entry.value("set", 0) == place->first && entry.value("entry", 0) == place->second
                    : entry["code"] == code;
          if (!made_it || entry["column"] == "") continue;
          add_raw(dataset, record, entry["column"].get<std::string>(), sources);
          return;
        }
      }
    }
    add_records(dataset, record, sources);
  }

  void add_records(const std::string& dataset, std::int64_t record, Json& sources) {
    for (const auto& row : raw_rows(dataset, record))
      sources.push_back({{"source", row.source}, {"file", row.file}, {"row", row.row}});
  }

  const TraceOptions& options_;
  const Lineage lineage_;
  table::Session session_;
};

void print_value(const Json& one, const std::string& indent, std::ostream& out) {
  out << indent << one["name"].get<std::string>();
  if (one.contains("value")) out << " = '" << one["value"].get<std::string>() << "'";
  if (one.contains("record")) out << "  (record " << one["record"].get<std::int64_t>() << ")";
  out << "\n";
  const std::string below = indent + "  ";
  if (one.contains("key")) {
    std::string text;
    for (const auto& [name, value] : one["key"].items())
      text += (text.empty() ? "" : ", ") + name + "=" + value.get<std::string>();
    out << below << "key   " << text << "\n";
  }
  if (one.contains("rule"))
    out << below << "rule  " << one["rule"].get<std::string>() << "  [" << one.value("place", "") << "]\n";
  if (one.contains("sources")) {
    for (const auto& source : one["sources"]) {
      if (source.contains("list")) {
        out << below << "list  " << source["list"].get<std::string>() << "\n";
        continue;
      }
      out << below << "raw   " << source["file"].get<std::string>() << " row "
          << source["row"].get<std::int64_t>();
      if (source.contains("column")) {
        out << ", " << source["column"].get<std::string>();
        out << (source["value"].is_null() ? " is empty" : " = '" + source["value"].get<std::string>() + "'");
      }
      out << "\n";
    }
  }
  if (one.contains("inputs")) {
    for (const auto& input : one["inputs"]) print_value(input, below, out);
  }
}

}  // namespace

Json trace(const TraceOptions& options) {
  return Tracer(options).run();
}

void print_trace(const Json& trace, std::ostream& out) {
  for (const auto& record : trace["records"]) print_value(record, "", out);
  if (trace["records"].empty()) out << "no record fits\n";
  if (trace["more"].get<bool>()) out << "… more records fit; say which with --where\n";
}

}  // namespace trialmill::query
