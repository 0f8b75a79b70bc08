#include "query/trace_tables.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "study/lists.hpp"

namespace trialmill::query {

using base::Json;
using base::sql_identifier;
using base::sql_literal;

TraceTables::TraceTables(const Lineage& lineage, std::string study)
    : lineage_(lineage), study_(std::move(study)) {}

std::string TraceTables::records_of(const std::string& dataset) const {
  return "read_parquet(" + sql_literal(lineage_.parquet(dataset).string()) + ", file_row_number = true)";
}

std::string TraceTables::lineage_of(const std::string& dataset) const {
  return "read_parquet(" + sql_literal(lineage_.records(dataset).string()) + ")";
}

bool TraceTables::is_raw(const std::string& source) const {
  return std::filesystem::exists(lineage_.layout().raw_table(source));
}

std::string TraceTables::table_of(const std::string& source) const {
  if (!source.ends_with(".csv"))
    return "read_parquet(" + sql_literal(lineage_.layout().raw_table(source).string()) + ")";
  return "(SELECT *, " + sql_literal(source) + " AS _file, row_number() OVER () AS _row FROM " +
         study::list_sql(std::filesystem::path(study_) / source, source) + ")";
}

bool TraceTables::has_column(const std::string& dataset, const std::string& name) const {
  if (!lineage_.has_dataset(dataset)) return false;
  const auto& columns = lineage_.dataset(dataset)["columns"];
  return std::ranges::any_of(columns, [&name](const auto& column) { return column["name"] == name; });
}

std::string value_text(const std::string& column) {
  const std::string text = "CAST(" + column + " AS VARCHAR)";
  return "CASE WHEN typeof(" + column + ") = 'DOUBLE' THEN regexp_replace(" + text + ", '\\.0$', '') ELSE " +
         text + " END";
}

TraceTables::Text TraceTables::value(const Record& record, const std::string& name) {
  if (!has_column(record.dataset, name)) return std::nullopt;
  const auto [place, fresh] = values_.try_emplace({record, name});
  if (!fresh) return place->second;
  const auto found = session_.query_text("SELECT " + value_text(sql_identifier(name)) + " FROM " +
                                         records_of(record.dataset) +
                                         " WHERE file_row_number = " + std::to_string(record.number - 1));
  if (found.rows() > 0 && !found.is_null(0, 0)) place->second = found.text(0, 0);
  return place->second;
}

const Made& TraceTables::made(const Record& record) {
  const auto [place, fresh] = made_.try_emplace(record);
  Made& out = place->second;
  if (!fresh || !std::filesystem::exists(lineage_.records(record.dataset))) return out;
  const std::string table = lineage_of(record.dataset);
  const auto columns = session_.columns_of("(SELECT * FROM " + table + ")");
  const bool entries = std::ranges::find(columns, "_entry") != columns.end();
  const auto found = session_.query_text(
      "SELECT DISTINCT source, _file, _row, " + std::string(entries ? "_set, _entry" : "NULL, NULL") +
      " FROM " + table + " WHERE _record = " + std::to_string(record.number) + " ORDER BY ALL LIMIT 50");
  for (std::size_t r = 0; r < found.rows(); ++r) {
    const int entry = found.is_null(r, 4) ? -1 : std::stoi(found.text(r, 4));
    const bool own = found.is_null(r, 4) || entry >= 0;
    if (own && !found.is_null(r, 3)) out.set = std::stoi(found.text(r, 3)), out.entry = entry;
    if (!found.is_null(r, 1))
      out.rows.push_back(
          {found.text(r, 0), found.text(r, 1), std::stoll("0" + found.text(r, 2)), own ? 0 : -entry});
  }
  std::ranges::stable_sort(out.rows, {}, &Row::join);
  return out;
}

const Json& TraceTables::row_set(const Record& record) {
  static const Json none = Json::object();
  const Json& about = lineage_.dataset(record.dataset);
  const auto number = static_cast<std::size_t>(std::max(0, made(record).set));
  return about.contains("sets") && about["sets"].size() > number ? about["sets"][number] : none;
}

std::string TraceTables::name_in_table(const Record& record, const std::string& column) {
  for (const auto& join : row_set(record).value("joins", Json::array())) {
    const Json names = join.value("names", Json::object());
    if (const auto name = names.find(base::to_lower(column)); name != names.end())
      return name->get<std::string>();
  }
  return column;
}

std::vector<Row> TraceTables::rows_with(const Record& record, const std::string& column) {
  int join = 0;
  const Json& set = row_set(record);
  if (set.contains("joins")) {
    for (std::size_t i = 0; i < set["joins"].size(); ++i) {
      for (const auto& name : set["joins"][i]["columns"]) {
        if (base::to_lower(name.get<std::string>()) == base::to_lower(column)) join = static_cast<int>(i) + 1;
      }
    }
  }
  std::vector<Row> out;
  for (const auto& row : made(record).rows) {
    if (row.join == join) out.push_back(row);
  }
  return out;
}

std::vector<Row> TraceTables::delivered(const Record& record) {
  std::vector<Row> out;
  for (const auto& row : std::vector<Row>(made(record).rows)) {
    if (!row.is_record()) {
      out.push_back(row);
      continue;
    }
    for (const auto& behind : delivered({row.file, row.row})) out.push_back(behind);
  }
  return out;
}

std::vector<std::string> TraceTables::whole_tables(const std::string& dataset) {
  std::vector<std::string> out;
  if (!std::filesystem::exists(lineage_.records(dataset))) return out;
  const auto found = session_.query_text("SELECT DISTINCT source FROM " + lineage_of(dataset) +
                                         " WHERE _record = 0 ORDER BY 1");
  for (std::size_t r = 0; r < found.rows(); ++r) out.push_back(found.text(r, 0));
  return out;
}

std::string TraceTables::column_of(const std::string& table, const std::string& column) {
  const auto [place, fresh] = columns_.try_emplace(table);
  if (fresh) place->second = session_.columns_of("(SELECT * FROM " + table + ")");
  for (const auto& one : place->second) {
    if (base::to_lower(one) == base::to_lower(column)) return one;
  }
  return "";
}

std::optional<Json> TraceTables::cell(const Row& row, const std::string& column) {
  const std::string table = table_of(row.source), name = column_of(table, column);
  if (name.empty()) return std::nullopt;
  const auto found = session_.query_text("SELECT " + sql_identifier(name) + " FROM " + table +
                                         " WHERE _file = " + sql_literal(row.file) +
                                         " AND _row = " + std::to_string(row.row));
  if (found.rows() == 0) return std::nullopt;
  Json out{
      {"source", row.source}, {"file", row.file}, {"row", row.row}, {"column", name}, {"value", nullptr}};
  if (!found.is_null(0, 0)) out["value"] = found.text(0, 0);
  return out;
}

std::vector<std::pair<Record, TraceTables::Text>> TraceTables::find(const std::string& dataset,
                                                                    const std::string& variable,
                                                                    const std::string& where,
                                                                    const std::string& order,
                                                                    std::size_t most) {
  std::vector<std::string> parts;
  for (const auto& one : lineage_.parts_of(dataset)) {
    parts.push_back("SELECT *, " + sql_literal(one) + " AS _dataset FROM " + records_of(one));
  }
  std::vector<std::pair<Record, Text>> out;
  if (parts.empty()) return out;
  const auto found = session_.query_text(
      "SELECT _dataset, file_row_number + 1, " + value_text(sql_identifier(variable)) + " FROM (" +
      base::join(parts, " UNION ALL BY NAME ") + ") WHERE " + (where.empty() ? "TRUE" : where) +
      " ORDER BY " + (order.empty() ? "" : order + ", ") + "1, 2 LIMIT " + std::to_string(most));
  for (std::size_t r = 0; r < found.rows(); ++r) {
    out.emplace_back(Record{found.text(r, 0), std::stoll(found.text(r, 1))},
                     found.is_null(r, 2) ? Text() : Text(found.text(r, 2)));
  }
  return out;
}

}  // namespace trialmill::query
