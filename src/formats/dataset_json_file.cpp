#include "formats/dataset_json_file.hpp"

#include <simdjson.h>

#include <array>
#include <cmath>
#include <deque>

#include "base/error.hpp"
#include "base/json.hpp"
#include "formats/dataset_json_head.hpp"
#include "formats/dataset_json_rows.hpp"
#include "formats/mapped_file.hpp"

namespace trialmill::formats {
namespace {

using base::Json;
using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr double exact_integers = 9007199254740992.0;  // 2^53

class DatasetJson : public DatasetFile {
 public:
  explicit DatasetJson(const std::filesystem::path& file) : file_(file), name_(file.string()) {
    form_ = form_of_dataset_json(file_.bytes());
    Json head;
    try {
      head = base::parse_json(dataset_json_metadata(file_, form_, name_), name_);
    } catch (const base::Error& error) {
      if (error.code() != "TM1008") throw;
      throw damaged(0, "the metadata are no JSON: " + error.message());
    }
    DatasetJsonHead read = read_dataset_json_head(head, name_, notes_);
    datasets_.push_back(std::move(read.meta));
    untyped_ = std::move(read.untyped);
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  std::vector<FormatNote> notes() const override { return notes_.notes(); }

  void read(std::size_t, const BatchConsumer& consume) override {
    Batch batch;
    reset(batch);
    std::int64_t rows = 0;
    bool stopped = false;
    const auto give = [&] {
      const bool go_on = consume(batch);
      reset(batch);
      return go_on;
    };
    dataset_json_rows(file_, form_, name_, [&](std::string_view text, std::int64_t number) {
      add_row(text, number, batch);
      rows = number;
      if (batch.rows < batch_rows_max) return true;
      stopped = !give();
      return !stopped;
    });
    if (stopped || (batch.rows > 0 && !give())) return;
    check_count(rows);
  }

 private:
  base::Error damaged(std::int64_t row, const std::string& what) const {
    const std::string place = row > 0 ? "row " + std::to_string(row) + ": " : "";
    return base::Error("TM1331", "damaged Dataset-JSON: " + place + what, {name_}, "ask for the file again");
  }

  void reset(Batch& batch) {
    texts_.clear();
    batch.rows = 0;
    batch.columns.assign(datasets_[0].variables.size(), {});
  }

  void add_row(std::string_view text, std::int64_t number, Batch& batch) {
    element row;
    if (const auto error = parser_.parse(text.data(), text.size()).get(row))
      throw damaged(number, std::string("no valid JSON: ") + simdjson::error_message(error));
    simdjson::dom::array values;
    if (row.get(values)) throw damaged(number, "it is not an array");
    const auto& variables = datasets_[0].variables;
    if (values.size() != variables.size()) {
      throw damaged(number, std::to_string(values.size()) + " values where there are " +
                                std::to_string(variables.size()) + " columns");
    }
    std::size_t c = 0;
    for (const element value : values) {
      add_value(value, c, number, batch);
      ++c;
    }
    ++batch.rows;
  }

  void add_value(element value, std::size_t c, std::int64_t row, Batch& batch) {
    const Variable& variable = datasets_[0].variables[c];
    Batch::Column& column = batch.columns[c];
    if (variable.storage == Storage::number) return add_number(value, variable, column, row);
    if (value.is_null()) {
      column.texts.emplace_back();
    } else if (std::string_view text; !value.get(text)) {
      column.texts.emplace_back(texts_.emplace_back(text));
    } else if (untyped_[c]) {
      column.texts.emplace_back(texts_.emplace_back(simdjson::minify(value)));
    } else {
      throw wrong_type(value, variable, row);
    }
  }

  base::Error wrong_type(element value, const Variable& variable, std::int64_t row) const {
    return damaged(row, simdjson::minify(value).substr(0, 100) + " in " + variable.name + " is not of type " +
                            std::string(name_of(variable.type)));
  }

  void add_number(element value, const Variable& variable, Batch::Column& column, std::int64_t row) {
    double number = std::nan("");
    std::string_view text;
    const bool empty_text = !value.get(text) && text.empty();
    if (empty_text) note_empty(variable, row);
    if (value.is_null() || empty_text) {
      column.missing.resize(column.numbers.size(), 0);
      column.missing.push_back('.');
    } else {
      number = number_of(value, variable, row);
      if (!column.missing.empty()) column.missing.push_back(0);
    }
    column.numbers.push_back(number);
  }

  double number_of(element value, const Variable& variable, std::int64_t row) {
    if (variable.type == ValueType::boolean) {
      bool truth = false;
      if (value.get(truth)) throw wrong_type(value, variable, row);
      return truth ? 1 : 0;
    }
    if (variable.type == ValueType::integer || variable.type == ValueType::floating) {
      double number = 0;
      if (value.get(number)) throw wrong_type(value, variable, row);
      if (value.type() != element_type::DOUBLE && std::fabs(number) > exact_integers)
        note_rounded(variable, value, row);
      return number;
    }
    std::string_view text;
    if (value.get(text)) throw wrong_type(value, variable, row);
    const auto counted = sas_of_iso(text, variable.type);
    if (!counted)
      throw damaged(row, "'" + std::string(text) + "' in " + variable.name + " is not a complete " +
                             std::string(name_of(variable.type)));
    return *counted;
  }

  /// Seen in published examples: an empty text where a missing number is meant.
  void note_empty(const Variable& variable, std::int64_t row) {
    FormatNote note;
    note.kind = FormatNote::Kind::value;
    note.dataset = datasets_[0].name;
    note.variable = variable.name;
    note.message = "an empty text is read as a missing number";
    note.row = row;
    notes_.add(std::move(note));
  }

  void note_rounded(const Variable& variable, element value, std::int64_t row) {
    FormatNote note;
    note.kind = FormatNote::Kind::number;
    note.dataset = datasets_[0].name;
    note.variable = variable.name;
    note.value = simdjson::minify(value);
    note.message = "an integer beyond 2^53 is held as the nearest number";
    note.row = row;
    notes_.add(std::move(note));
  }

  /// A document shows by its brackets that it is whole; lines do not, so there the stated count decides.
  void check_count(std::int64_t rows) {
    const auto stated = datasets_[0].rows;
    if (!stated || *stated == rows) return;
    const std::string what = std::to_string(rows) + " rows, but `records` states " + std::to_string(*stated);
    if (form_ != DatasetJsonForm::document) throw damaged(0, what);
    FormatNote note;
    note.kind = FormatNote::Kind::rows;
    note.dataset = datasets_[0].name;
    note.message = what;
    notes_.add(std::move(note));
  }

  MappedFile file_;
  std::string name_;
  DatasetJsonForm form_ = DatasetJsonForm::document;
  std::vector<DatasetMeta> datasets_;
  std::vector<bool> untyped_;
  simdjson::dom::parser parser_;
  std::deque<std::string> texts_;
  NoteCollector notes_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_dataset_json(const std::filesystem::path& file, const ReadOptions&) {
  return std::make_unique<DatasetJson>(file);
}

}  // namespace trialmill::formats
