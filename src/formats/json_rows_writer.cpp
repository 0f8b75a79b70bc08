#include "formats/json_rows_writer.hpp"

#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/json_text.hpp"

namespace trialmill::formats {
namespace {

class JsonRowsWriter : public DatasetWriter {
 public:
  JsonRowsWriter(const std::filesystem::path& file, const DatasetMeta& meta, bool lines)
      : file_(file), meta_(meta), lines_(lines) {
    for (const auto& variable : meta_.variables) {
      std::string name;
      append_json_text(name, variable.name);
      names_.push_back(name + ":");
      if (!variable.label.empty() || !variable.format.empty()) has_attributes_ = true;
    }
    if (!lines_) file_.write("[\n");
  }

  void write(const Batch& batch) override {
    std::string out;
    for (std::size_t row = 0; row < batch.rows; ++row) {
      ++row_;
      if (!lines_ && row_ > 1) out += ",\n";
      out += '{';
      for (std::size_t c = 0; c < names_.size(); ++c) {
        out += (c > 0 ? "," : "") + names_[c];
        value(out, batch, row, c);
      }
      out += lines_ ? "}\n" : "}";
    }
    file_.write(out);
  }

  std::vector<FormatNote> commit() override {
    if (has_attributes_) {
      notes_.add({.kind = FormatNote::Kind::attribute,
                  .dataset = meta_.name,
                  .message = "labels and formats of variables have no place in plain JSON"});
    }
    if (notes_.refused()) return notes_.notes();
    if (!lines_) file_.write("\n]\n");
    file_.commit();
    return notes_.notes();
  }

 private:
  void value(std::string& out, const Batch& batch, std::size_t row, std::size_t c) {
    const Variable& variable = meta_.variables[c];
    const Batch::Column& column = batch.columns[c];
    if (batch.is_missing(row, c)) {
      out += "null";
      if (variable.storage == Storage::number && column.missing[row] != '.')
        note(FormatNote::Kind::missing, variable, std::string(".") + column.missing[row],
             "a special missing code becomes null", false);
    } else if (variable.storage == Storage::text) {
      if (!base::is_valid_utf8(column.texts[row]))
        note(FormatNote::Kind::value, variable, std::string(column.texts[row]), "the text is not UTF-8",
             true);
      append_json_text(out, column.texts[row]);
    } else if (variable.type == ValueType::boolean) {
      out += column.numbers[row] != 0 ? "true" : "false";
    } else if (const auto iso = iso_of_sas(column.numbers[row], variable.type);
               iso && is_date(variable.type)) {
      append_json_text(out, *iso);
    } else {
      append_json_number(out, column.numbers[row]);
    }
  }

  static bool is_date(ValueType type) {
    return type == ValueType::date || type == ValueType::time || type == ValueType::datetime;
  }

  void note(FormatNote::Kind kind, const Variable& variable, std::string value, std::string message,
            bool refused) {
    notes_.add({.kind = kind,
                .refused = refused,
                .dataset = meta_.name,
                .variable = variable.name,
                .value = std::move(value),
                .message = std::move(message),
                .row = row_});
  }

  base::AtomicFile file_;
  DatasetMeta meta_;
  bool lines_;
  std::vector<std::string> names_;
  bool has_attributes_ = false;
  std::int64_t row_ = 0;
  NoteCollector notes_;
};

}  // namespace

std::unique_ptr<DatasetWriter> create_json_rows(const std::filesystem::path& file, const DatasetMeta& meta,
                                                bool lines) {
  return std::make_unique<JsonRowsWriter>(file, meta, lines);
}

}  // namespace trialmill::formats
