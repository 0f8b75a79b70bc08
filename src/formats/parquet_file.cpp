#include "formats/parquet_file.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "table/session.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;

constexpr std::int64_t seconds_to_1970 = sas_epoch_days * 86400;

std::string text_of(const base::Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

ValueType type_named(const std::string& name, ValueType otherwise) {
  for (const ValueType type :
       {ValueType::text, ValueType::integer, ValueType::decimal, ValueType::floating, ValueType::boolean,
        ValueType::date, ValueType::time, ValueType::datetime, ValueType::uri}) {
    if (name == name_of(type)) return type;
  }
  return otherwise;
}

class ParquetDataset : public DatasetFile {
 public:
  explicit ParquetDataset(const fs::path& file) : place_(file.string()) {
    base::read_file(file, 1);  // the usual errors for missing and unreadable files
    relation_ = "read_parquet(" + sql_literal(place_) + ", binary_as_string = true)";
    guarded([&] { describe(file); });
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  std::vector<FormatNote> notes() const override { return notes_.notes(); }

  void read(std::size_t, const BatchConsumer& consume) override {
    guarded([&] {
      session_.stream(select_, [&](const table::Result& piece) {
        base::check_stop();
        return consume(batch_of(piece));
      });
    });
  }

 private:
  template <class Work>
  void guarded(Work work) const {
    try {
      work();
    } catch (const base::Error& error) {
      if (error.code() != "TM1201") throw;
      throw base::Error("TM1318", "not Parquet, or damaged: " + error.message(), {place_},
                        "ask for the file again");
    }
  }

  void describe(const fs::path& file) {
    DatasetMeta meta;
    meta.name = file.stem().string();
    meta.encoding = "utf-8";
    meta.rows = session_.count("SELECT count(*) FROM " + relation_);
    const auto types = session_.types_of("(SELECT * FROM " + relation_ + ")");
    std::string list;
    for (const auto& name : session_.columns_of("(SELECT * FROM " + relation_ + ")")) {
      if (name == parquet_special_column) {
        has_special_ = true;
        continue;
      }
      Variable variable;
      variable.name = name;
      list += (list.empty() ? "" : ", ") + column(types.at(name), variable);
      meta.variables.push_back(std::move(variable));
    }
    if (has_special_) list += ", " + sql_identifier(parquet_special_column);
    select_ = "SELECT " + list + " FROM " + relation_;
    take_metadata(meta);
    datasets_.push_back(std::move(meta));
  }

  /// The expression that gives a column as text or number, and what it is.
  std::string column(const std::string& type, Variable& variable) {
    const std::string name = sql_identifier(variable.name);
    const auto number = [&](ValueType meaning) {
      variable.storage = Storage::number;
      variable.type = meaning;
    };
    if (type == "VARCHAR") return name;
    if (type == "BOOLEAN") return number(ValueType::boolean), "CAST(" + name + " AS DOUBLE)";
    if (type == "FLOAT" || type == "DOUBLE")
      return number(ValueType::floating), "CAST(" + name + " AS DOUBLE)";
    if (type == "DATE")
      return number(ValueType::date), "CAST(date_diff('day', DATE '1960-01-01', " + name + ") AS DOUBLE)";
    if (type == "TIME") return number(ValueType::time), "CAST(date_part('epoch', " + name + ") AS DOUBLE)";
    if (type.starts_with("TIMESTAMP")) {
      number(ValueType::datetime);
      return "CAST(epoch_us(" + name + ") AS DOUBLE) / 1000000 + " + std::to_string(seconds_to_1970);
    }
    if (type.find("INT") != std::string::npos) return whole(name, variable);
    if (type.starts_with("DECIMAL")) return decimal(name, type, variable);
    if (type != "UUID" && type != "INTERVAL" && !type.starts_with("ENUM")) {
      notes_.add({.kind = FormatNote::Kind::attribute,
                  .variable = variable.name,
                  .value = type,
                  .message = "a nested column is read as JSON text"});
      return "CAST(to_json(" + name + ") AS VARCHAR)";
    }
    return "CAST(" + name + " AS VARCHAR)";
  }

  std::string whole(const std::string& name, Variable& variable) {
    variable.type = ValueType::integer;
    const bool exact = session_.count("SELECT count(*) FROM (SELECT 1 FROM " + relation_ + " WHERE " + name +
                                      " NOT BETWEEN -9007199254740992 AND 9007199254740992 LIMIT 1)") == 0;
    if (!exact) return "CAST(" + name + " AS VARCHAR)";
    variable.storage = Storage::number;
    return "CAST(" + name + " AS DOUBLE)";
  }

  static std::string decimal(const std::string& name, const std::string& type, Variable& variable) {
    const auto comma = type.find(',');
    const int digits = std::atoi(type.c_str() + 8);
    variable.type = ValueType::decimal;
    if (comma == std::string::npos || digits > 15) return "CAST(" + name + " AS VARCHAR)";
    variable.storage = Storage::number;
    variable.type = ValueType::floating;
    return "CAST(" + name + " AS DOUBLE)";
  }

  void take_metadata(DatasetMeta& meta) {
    const auto found = session_.query_text("SELECT decode(value) FROM parquet_kv_metadata(" +
                                           sql_literal(place_) + ") WHERE decode(key) = 'trialmill'");
    if (found.rows() == 0) return;
    base::Json json;
    try {
      json = base::parse_json(found.text(0, 0), place_);
    } catch (const base::Error&) {
      return;
    }
    if (!json.is_object()) return;
    if (const auto name = text_of(json, "name"); !name.empty()) meta.name = name;
    meta.label = text_of(json, "label");
    meta.created = text_of(json, "created");
    meta.modified = text_of(json, "modified");
    const auto columns = json.find("columns");
    if (columns == json.end() || !columns->is_array()) return;
    for (const auto& described : *columns) {
      if (!described.is_object()) continue;
      const auto variable = std::ranges::find(meta.variables, text_of(described, "name"), &Variable::name);
      if (variable == meta.variables.end()) continue;
      variable->label = text_of(described, "label");
      variable->format = text_of(described, "format");
      variable->informat = text_of(described, "informat");
      variable->item_oid = text_of(described, "item_oid");
      variable->declared_type = text_of(described, "declared_type");
      if (described.contains("key_sequence") && described["key_sequence"].is_number_integer())
        variable->key_sequence = std::clamp(described["key_sequence"].get<int>(), 0, 1 << 20);
      if (described.contains("length") && described["length"].is_number_integer())
        variable->length = std::clamp(described["length"].get<int>(), 0, 1 << 30);
      // A number kept as a number may be told apart more finely than by the column's type.
      const ValueType type = type_named(text_of(described, "data_type"), variable->type);
      const bool date = variable->type == ValueType::date || variable->type == ValueType::time ||
                        variable->type == ValueType::datetime;
      if (!date) variable->type = type;
    }
    if (const auto attributes = json.find("attributes");
        attributes != json.end() && attributes->is_object()) {
      for (const auto& [name, value] : attributes->items()) {
        if (value.is_string()) meta.attributes[name] = value.get<std::string>();
      }
    }
  }

  Batch batch_of(const table::Result& piece) {
    Batch batch;
    batch.rows = piece.rows();
    const auto& variables = datasets_[0].variables;
    batch.columns.resize(variables.size());
    for (std::size_t c = 0; c < variables.size(); ++c) {
      Batch::Column& column = batch.columns[c];
      if (variables[c].storage == Storage::text) {
        column.texts.resize(batch.rows);
        for (std::size_t r = 0; r < batch.rows; ++r) {
          if (piece.is_null(r, c)) continue;
          const std::string_view text = piece.view(r, c);
          column.texts[r] = text.data() == nullptr ? std::string_view("") : text;
        }
        continue;
      }
      column.numbers.resize(batch.rows);
      for (std::size_t r = 0; r < batch.rows; ++r) {
        const double value = piece.is_null(r, c) ? std::nan("") : piece.number(r, c);
        column.numbers[r] = value;
        if (!std::isnan(value)) continue;
        if (column.missing.empty()) column.missing.resize(batch.rows);
        column.missing[r] = '.';
      }
    }
    if (has_special_) take_codes(piece, batch);
    return batch;
  }

  /// "|3=A|7=_|": place of the variable and its code.
  static void take_codes(const table::Result& piece, Batch& batch) {
    const std::size_t special = batch.columns.size();
    for (std::size_t r = 0; r < batch.rows; ++r) {
      if (piece.is_null(r, special)) continue;
      for (const auto& part : base::split(std::string(piece.view(r, special)), '|')) {
        const auto sign = part.find('=');
        if (sign == std::string::npos || sign + 2 != part.size()) continue;
        const auto c = static_cast<std::size_t>(std::atoll(part.c_str()));
        if (c < special && c < batch.columns.size() && !batch.columns[c].missing.empty() &&
            batch.columns[c].missing[r] != 0)
          batch.columns[c].missing[r] = part.back();
      }
    }
  }

  std::string place_, relation_, select_;
  table::Session session_;
  std::vector<DatasetMeta> datasets_;
  NoteCollector notes_;
  bool has_special_ = false;
};

}  // namespace

std::unique_ptr<DatasetFile> open_parquet(const fs::path& file) {
  return std::make_unique<ParquetDataset>(file);
}

}  // namespace trialmill::formats
