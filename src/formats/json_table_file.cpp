#include "formats/json_table_file.hpp"

#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "formats/json_cut.hpp"
#include "formats/json_flatten.hpp"
#include "formats/text_batch.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;
namespace dom = simdjson::dom;

constexpr std::size_t document_bytes_max = 256U << 20U;

/// A dataset while its records are counted.
struct Table {
  std::string name;
  std::vector<std::string> columns;
  std::map<std::string, std::size_t, std::less<>> places;
  std::vector<JsonKind> kinds;
  std::vector<bool> mixed;
  std::int64_t rows = 0;

  void add(const std::vector<JsonField>& fields) {
    ++rows;
    for (const auto& field : fields) {
      auto found = places.find(field.name);
      if (found == places.end()) {
        found = places.emplace(field.name, columns.size()).first;
        columns.push_back(field.name);
        kinds.push_back(JsonKind::null);
        mixed.push_back(false);
      }
      note(found->second, field.kind);
    }
  }

  ValueType type(std::size_t c) const {
    if (mixed[c]) return ValueType::text;
    switch (kinds[c]) {
      case JsonKind::boolean:
        return ValueType::boolean;
      case JsonKind::integer:
        return ValueType::integer;
      case JsonKind::number:
        return ValueType::floating;
      default:
        return ValueType::text;
    }
  }

 private:
  void note(std::size_t c, JsonKind kind) {
    if (kind == JsonKind::null) return;
    const bool numbers = (kinds[c] == JsonKind::integer || kinds[c] == JsonKind::number) &&
                         (kind == JsonKind::integer || kind == JsonKind::number);
    if (kinds[c] == JsonKind::null || (numbers && kind == JsonKind::number))
      kinds[c] = kind;
    else if (kinds[c] != kind && !numbers)
      mixed[c] = true;
  }
};

/// A record: the dataset's name and the object's text.
using TakeRecord = std::function<bool(const std::string& dataset, std::string_view object)>;

/// Walks a document that is no plain array: every array of objects below its keys is a dataset called by the
/// keys; what stands in objects beside them is a dataset of one record.
class DocumentWalk {
 public:
  DocumentWalk(const std::string& root, const TakeRecord& take) : root_(root), take_(take) {}

  bool walk(dom::element document) { return object(document, ""); }

 private:
  static bool is_records(dom::element value) {
    dom::array array;
    if (value.get(array) != simdjson::SUCCESS || array.size() == 0) return false;
    return std::ranges::all_of(array, [](dom::element one) { return one.is_object(); });
  }
  static bool holds_records(dom::element value, int depth) {
    if (is_records(value)) return true;
    dom::object object;
    if (depth > 8 || value.get(object) != simdjson::SUCCESS) return false;
    return std::ranges::any_of(object,
                               [&](const auto& field) { return holds_records(field.value, depth + 1); });
  }
  /// Keys that only say "here come the records" give no part of a name.
  static std::string named(const std::string& path, std::string_view key) {
    if (!path.empty() && (key == "data" || key == "dataset" || key == "records" || key == "items"))
      return path;
    return path.empty() ? std::string(key) : path + "_" + std::string(key);
  }

  bool object(dom::element from, const std::string& path) {
    dom::object members;
    if (from.get(members) != simdjson::SUCCESS) return true;
    std::string rest;
    bool any_value = false, same_name = false;
    for (const auto field : members) {
      if (is_records(field.value)) {
        same_name = same_name || named(path, field.key) == path;
        if (!records(field.value, named(path, field.key))) return false;
      } else if (holds_records(field.value, 0) || (path.empty() && field.value.is_object())) {
        if (!object(field.value, named(path, field.key))) return false;
      } else {
        rest += (rest.empty() ? "{" : ",") +
                simdjson::minify(dom::element(field.value)).insert(0, quoted(field.key) + ":");
        any_value = any_value || !(field.value.is_null() || is_empty_array(field.value));
      }
    }
    // {"data": [...], "interval": 1}: the records have the name of the object.
    return !any_value || take_(path.empty() ? root_ : same_name ? path + "_info" : path, rest + "}");
  }

  static bool is_empty_array(dom::element value) {
    dom::array array;
    return value.get(array) == simdjson::SUCCESS && array.size() == 0;
  }

  static std::string quoted(std::string_view key) {
    std::string out = "\"";
    for (const char c : key) {
      if (c == '"' || c == '\\') out += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out + "\"";
  }

  bool records(dom::element array, const std::string& name) {
    for (const dom::element one : dom::array(array)) {
      if (!take_(name, simdjson::minify(one))) return false;
    }
    return true;
  }

  std::string root_;
  const TakeRecord& take_;
};

class JsonTables : public DatasetFile {
 public:
  explicit JsonTables(const fs::path& file)
      : file_(file), place_(file.string()), stem_(file.stem().string()) {
    choose_shape();
    std::string problem;
    each([&](const std::string& dataset, std::string_view object) {
      const auto& fields = flattener_.flatten(object, problem);
      Table& table = table_of(dataset);
      if (!problem.empty())
        refuse("record " + std::to_string(table.rows + 1) + " of " + dataset + ": " + problem);
      table.add(fields);
      return true;
    });
    if (tables_.empty())
      throw base::Error("TM1335", "the file holds no records", {place_},
                        "records are objects in an array, or on lines");
    for (const auto& table : tables_) describe(table);
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }

  void read(std::size_t dataset, const BatchConsumer& consume) override {
    read_some(dataset, [&](std::size_t, const Batch& batch) { return consume(batch); });
  }
  void read_all(const std::function<bool(std::size_t, const Batch&)>& consume) override {
    read_some(SIZE_MAX, consume);
  }

 private:
  enum class Shape { lines, elements, document };

  [[noreturn]] void refuse(const std::string& what) const {
    throw base::Error("TM1334", what, {place_}, "nothing was read; was the file cut off in transfer?");
  }

  void choose_shape() {
    std::string start = base::read_file(file_, 1U << 16U);
    std::string_view text = start;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    text = base::trim(text);
    if (text.empty()) refuse("the file is empty");
    if (text[0] == '[') {
      shape_ = Shape::elements;
    } else if (text[0] != '{') {
      refuse("the file begins with neither { nor [");
    } else {
      // Lines: the first line is a whole object, and another follows (or the name says so).
      const auto end = text.find('\n');
      const std::string_view line = base::trim(text.substr(0, end));
      std::string problem;
      flattener_.flatten(line, problem);
      const bool next = end != std::string_view::npos && base::trim(text.substr(end)).starts_with("{");
      const std::string extension = base::to_lower(file_.extension().string());
      const bool named = extension == ".ndjson" || extension == ".jsonl";
      shape_ = (problem.empty() && next) || named ? Shape::lines : Shape::document;
    }
  }

  void each(const TakeRecord& take) {
    if (shape_ == Shape::document) return each_of_document(take);
    ByteWindow window(file_, place_);
    bool more = true;
    std::string problem;
    cut_json(window, shape_ == Shape::lines ? JsonShape::lines : JsonShape::elements,
             [&](const JsonCut& record) {
               if (!more) return;
               if (record.row % 4096 == 0) base::check_stop();
               if (!record.problem.empty())
                 refuse("record " + std::to_string(record.row) + " (line " + std::to_string(record.line) +
                        "): " + record.problem);
               more = take(stem_, record.text);
             });
  }

  void each_of_document(const TakeRecord& take) {
    if (fs::file_size(file_) > document_bytes_max) {
      throw base::Error("TM1336", "the document is larger than 256 MiB", {place_},
                        "an array of records, or a record a line, may have any size");
    }
    dom::parser parser;
    dom::element document;
    if (const auto error = parser.load(place_).get(document))
      refuse(std::string("no valid JSON: ") + simdjson::error_message(error));
    DocumentWalk(stem_, take).walk(document);
  }

  Table& table_of(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return tables_[found->second];
    by_name_.emplace(name, tables_.size());
    Table table;
    table.name = name;
    return tables_.emplace_back(std::move(table));
  }

  void describe(const Table& table) {
    DatasetMeta meta;
    meta.name = table.name;
    meta.rows = table.rows;
    meta.encoding = "utf-8";
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      Variable variable;
      variable.name = table.columns[c];
      variable.type = table.type(c);
      meta.variables.push_back(std::move(variable));
    }
    datasets_.push_back(std::move(meta));
  }

  void read_some(std::size_t wanted, const std::function<bool(std::size_t, const Batch&)>& consume) {
    std::vector<TextBatch> batches;
    for (const auto& table : tables_) batches.emplace_back(table.columns.size());
    bool more = true;
    const auto give = [&](std::size_t d) {
      if (more) more = batches[d].give([&](const Batch& batch) { return consume(d, batch); });
    };
    std::string problem;
    each([&](const std::string& dataset, std::string_view object) {
      const auto known = by_name_.find(dataset);
      if (known == by_name_.end()) refuse("the file changed while it was read");
      const std::size_t d = known->second;
      if (wanted != SIZE_MAX && wanted != d) return true;
      batches[d].start_row();
      for (const auto& field : flattener_.flatten(object, problem)) {
        const auto place = tables_[d].places.find(field.name);
        if (place == tables_[d].places.end()) refuse("the file changed while it was read");
        if (field.kind != JsonKind::null) batches[d].set(place->second, field.text);
      }
      if (batches[d].is_full()) give(d);
      return more;
    });
    for (std::size_t d = 0; d < batches.size(); ++d) give(d);
  }

  fs::path file_;
  std::string place_, stem_;
  Shape shape_ = Shape::elements;
  JsonFlattener flattener_;
  std::vector<Table> tables_;
  std::map<std::string, std::size_t> by_name_;
  std::vector<DatasetMeta> datasets_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_json_tables(const fs::path& file) {
  return std::make_unique<JsonTables>(file);
}

bool looks_like_dataset_json(std::string_view start) {
  return start.find("\"datasetJSON") != std::string_view::npos ||
         start.find("\"itemGroupOID\"") != std::string_view::npos;
}

}  // namespace trialmill::formats
