#include "formats/json_table_file.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "formats/json_cut.hpp"
#include "formats/json_document.hpp"
#include "formats/json_lists.hpp"
#include "formats/text_batch.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t document_bytes_max = 256U << 20U;

/// A dataset while its records are counted.
struct Table {
  std::string name, parent;
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

class JsonTables : public DatasetFile {
 public:
  explicit JsonTables(const fs::path& file)
      : file_(file), place_(file.string()), stem_(file.stem().string()) {
    choose_shape();
    each_row(true, [&](const std::string& dataset, const std::string& parent,
                       const std::vector<JsonField>& fields) {
      Table& table = table_of(dataset);
      table.parent = parent;
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
      JsonFlattener().flatten(line, problem);
      const bool next = end != std::string_view::npos && base::trim(text.substr(end)).starts_with("{");
      const std::string extension = base::to_lower(file_.extension().string());
      const bool named = extension == ".ndjson" || extension == ".jsonl";
      shape_ = (problem.empty() && next) || named ? Shape::lines : Shape::document;
    }
  }

  /// Every record and, if `with_lists`, every item of a list inside of one.
  void each_row(bool with_lists, const JsonLists::Take& take) {
    std::map<std::string, std::int64_t> rows;
    std::string problem;
    each([&](const std::string& dataset, std::string_view object) {
      const std::int64_t row = ++rows[dataset];
      const bool more = lists_.give(dataset, object, row, with_lists, take, problem);
      if (!problem.empty()) refuse("record " + std::to_string(row) + " of " + dataset + ": " + problem);
      return more;
    });
  }

  void each(const TakeJsonRecord& take) {
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

  void each_of_document(const TakeJsonRecord& take) {
    if (fs::file_size(file_) > document_bytes_max) {
      throw base::Error("TM1336", "the document is larger than 256 MiB", {place_},
                        "an array of records, or a record a line, may have any size");
    }
    const std::string problem = walk_json_document(place_, stem_, take);
    if (!problem.empty()) refuse("no valid JSON: " + problem);
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
    if (!table.parent.empty()) meta.attributes[std::string(parent_attribute)] = table.parent;
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
    const bool with_lists =
        wanted == SIZE_MAX || datasets_[wanted].attributes.contains(std::string(parent_attribute));
    each_row(with_lists,
             [&](const std::string& dataset, const std::string&, const std::vector<JsonField>& fields) {
               const auto known = by_name_.find(dataset);
               if (known == by_name_.end()) refuse("the file changed while it was read");
               const std::size_t d = known->second;
               if (wanted != SIZE_MAX && wanted != d) return true;
               batches[d].start_row();
               for (const auto& field : fields) {
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
  JsonLists lists_;
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
