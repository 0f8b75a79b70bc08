#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "formats/dataset_table.hpp"
#include "formats/parquet_file.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;

table::SessionOptions session_options() {
  table::SessionOptions out;
  out.threads = 1;             // the same bytes each time, rows in their order
  out.memory_limit = "256MB";  // all rows are held until the narrowest types are known; more go to disk
  out.temp_directory = fs::temp_directory_path().string();
  return out;
}

class ParquetWriter : public DatasetWriter {
 public:
  ParquetWriter(const fs::path& file, const DatasetMeta& meta)
      : file_(file), meta_(meta), session_(session_options()), loader_(meta, session_, "staged") {
    std::set<std::string> seen{parquet_special_column};
    for (const auto& variable : meta_.variables) {
      if (variable.name.empty() || !seen.insert(base::to_lower(variable.name)).second) {
        notes_.add({.kind = FormatNote::Kind::name,
                    .refused = true,
                    .dataset = meta_.name,
                    .variable = variable.name,
                    .message = "a column without a name, or one that differs from another in case only"});
      }
    }
    if (meta_.variables.empty())
      notes_.add({.kind = FormatNote::Kind::name,
                  .refused = true,
                  .dataset = meta_.name,
                  .message = "a Parquet file has at least one column"});
  }

  void write(const Batch& batch) override {
    if (!notes_.refused()) loader_.take(batch);
  }

  std::vector<FormatNote> commit() override {
    if (notes_.refused()) return notes_.notes();
    const LoadedTable loaded = loader_.close();
    std::string list;
    for (std::size_t c = 0; c < meta_.variables.size(); ++c)
      list += (c > 0 ? ", " : "") + expression(c) + " AS " + sql_identifier(meta_.variables[c].name);
    if (loaded.has_special_missing) list += std::string(", special AS ") + parquet_special_column;
    if (file_.has_parent_path()) base::make_folders(file_.parent_path());
    base::AtomicFile out(file_);
    session_.execute("COPY (SELECT " + list + " FROM staged) TO " + sql_literal(out.temporary().string()) +
                     " (FORMAT parquet, COMPRESSION zstd, KV_METADATA {trialmill: " +
                     sql_literal(base::dump_json(metadata(), -1)) + "})");
    base::sync_path(out.temporary());
    out.commit();
    return notes_.notes();
  }

 private:
  bool holds(const std::string& condition) {
    return session_.count("SELECT count(*) FROM (SELECT 1 FROM staged WHERE NOT (" + condition +
                          ") LIMIT 1)") == 0;
  }

  /// The narrowest type that holds every value exactly.
  std::string expression(std::size_t c) {
    const Variable& variable = meta_.variables[c];
    const std::string column = "c" + std::to_string(c);
    if (variable.storage == Storage::text) return column;
    const std::string whole = column + " = trunc(" + column + ") AND abs(" + column + ") <= 9007199254740992";
    switch (variable.type) {
      case ValueType::boolean:
        return "CAST(" + column + " AS BOOLEAN)";
      case ValueType::date:
        if (holds(whole + " AND abs(" + column + ") < 1000000"))
          return "DATE '1960-01-01' + CAST(" + column + " AS INTEGER)";
        break;
      case ValueType::time:
        if (holds(column + " >= 0 AND " + column + " < 86400 AND " + whole))
          return "TIME '00:00:00' + to_seconds(CAST(" + column + " AS BIGINT))";
        break;
      case ValueType::datetime:
        if (holds("abs(" + column + ") < 200000000000 AND " + column + " * 1000000 = trunc(" + column +
                  " * 1000000)"))
          return "make_timestamp(CAST(round((" + column + " - 315619200) * 1000000) AS BIGINT))";
        break;
      default:
        break;
    }
    return holds(whole) ? "CAST(" + column + " AS BIGINT)" : column;
  }

  base::Json metadata() const {
    base::Json columns = base::Json::array();
    for (const auto& one : meta_.variables) {
      base::Json column{{"name", one.name},
                        {"label", one.label},
                        {"type", one.storage == Storage::text ? "Char" : "Num"},
                        {"length", one.length},
                        {"data_type", name_of(one.type)}};
      if (!one.format.empty()) column["format"] = one.format;
      if (!one.informat.empty()) column["informat"] = one.informat;
      if (!one.item_oid.empty()) column["item_oid"] = one.item_oid;
      if (!one.declared_type.empty()) column["declared_type"] = one.declared_type;
      if (one.key_sequence > 0) column["key_sequence"] = one.key_sequence;
      columns.push_back(std::move(column));
    }
    base::Json out{{"name", meta_.name}, {"label", meta_.label}, {"columns", columns}};
    if (!meta_.created.empty()) out["created"] = meta_.created;
    if (!meta_.modified.empty()) out["modified"] = meta_.modified;
    if (!meta_.attributes.empty()) out["attributes"] = meta_.attributes;
    return out;
  }

  fs::path file_;
  DatasetMeta meta_;
  table::Session session_;
  TableLoader loader_;
  NoteCollector notes_;
};

}  // namespace

std::unique_ptr<DatasetWriter> create_parquet(const fs::path& file, const DatasetMeta& meta,
                                              const WriteOptions&) {
  return std::make_unique<ParquetWriter>(file, meta);
}

}  // namespace trialmill::formats
