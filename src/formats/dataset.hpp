// The one shape in which every tabular format is read and written: datasets with variables, rows in batches.
// A reader of a format is a DatasetFile, its writer a DatasetWriter; `dataset_file.hpp` picks them by format.
//
//   auto in = open_dataset_file("dm.xpt");
//   for (std::size_t d = 0; d < in->datasets().size(); ++d)
//     in->read(d, [&](const Batch& batch) { …; return true; });
//
// How values are held, whatever the file does:
// - text: bytes in UTF-8, without padding; null ("the file says nothing") and "" are different where the
//   format can tell them apart;
// - numbers: double, or a missing code ('.', '_', 'A' to 'Z': SAS special missing);
// - dates, times and date-times that the file holds as such: numbers as SAS counts them (days, seconds of the
//   day, seconds since 1960-01-01), with `type` saying so. ISO 8601 text such as --DTC stays text;
// - integers beyond ±2^53 and decimals with more than 15 digits: text, with `type` integer or decimal.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::formats {

/// What values mean. The names are those of Dataset-JSON 1.1 (dataType).
enum class ValueType { text, integer, decimal, floating, boolean, date, time, datetime, uri };

/// How values travel in a Batch.
enum class Storage { text, number };

struct Variable {
  std::string name;
  std::string label;
  Storage storage = Storage::text;
  ValueType type = ValueType::text;
  int length = 0;        ///< bytes as declared; 0 = not declared
  std::string format;    ///< SAS display format as people write it: "DATE9.", "8.2", "$20."; "" = none
  std::string informat;  ///< same for reading
  std::string item_oid;  ///< Dataset-JSON, ODM: "IT.DM.USUBJID"; "" = none
  int key_sequence = 0;  ///< place in the sort key, from 1; 0 = not a key
  /// The file's own word for the type where `type` says less: Dataset-JSON's float and double; "" = none.
  std::string declared_type{};
};

struct DatasetMeta {
  std::string name;  ///< "DM"; a sheet's or form's name
  std::string label;
  std::vector<Variable> variables;
  std::optional<std::int64_t> rows;  ///< when the file declares it or it is known without reading
  std::string created, modified;     ///< ISO 8601, "" = the file does not say
  std::string encoding;              ///< as the file was written: "utf-8", "windows-1252" …; "" = unknown
  /// What else the format says about the dataset, under the format's own names (e.g. studyOID).
  std::map<std::string, std::string> attributes;
};

/// Attribute of datasets that hold the lists inside of another dataset's records: that dataset's name.
inline constexpr std::string_view parent_attribute = "parent";

/// Some rows of a dataset, column-wise. Texts are views: valid until the batch is given back.
class Batch {
 public:
  struct Column {
    std::vector<std::string_view> texts;  ///< Storage::text; data() == nullptr = null
    std::vector<double> numbers;          ///< Storage::number; NaN where missing
    std::vector<char> missing;  ///< code of each missing number, 0 = present; empty = none in this batch
  };

  std::size_t rows = 0;
  std::vector<Column> columns;  ///< as many as the dataset has variables

  bool is_missing(std::size_t row, std::size_t column) const {
    const Column& c = columns[column];
    if (!c.texts.empty()) return c.texts[row].data() == nullptr;
    return !c.missing.empty() && c.missing[row] != 0;
  }
};

/// The most rows a reader puts into one batch.
inline constexpr std::size_t batch_rows_max = 8192;

/// Takes a batch; false = no more wanted.
using BatchConsumer = std::function<bool(const Batch&)>;

/// Something about a file that its reader saw, or that a writer cannot hold. Nothing is ever cut, rounded or
/// dropped without one.
struct FormatNote {
  enum class Kind {
    name,  ///< a dataset's or variable's name
    label,
    length,     ///< a declared length
    value,      ///< a text value
    number,     ///< a number out of range
    missing,    ///< a special missing code that becomes plain missing
    attribute,  ///< a format, key, time stamp … that the target has no place for
    rows        ///< rows that the format cannot say are rows (blank ones at the end), or a wrong row count
  };
  Kind kind = Kind::attribute;
  bool refused = false;  ///< the file could not be written (or not be trusted) because of it
  std::string dataset{}, variable{};
  std::string value{};     ///< as given, at most 200 bytes
  std::string message{};   ///< one sentence
  std::int64_t row = 0;    ///< the first one, from 1; 0 = not about a row
  std::int64_t count = 1;  ///< how often; notes of one kind about one variable are counted, not repeated
};

/// A file (or folder) that holds datasets. Made by the open functions of each format.
class DatasetFile {
 public:
  virtual ~DatasetFile() = default;
  /// In file order. Known after opening; reading does not change them.
  virtual const std::vector<DatasetMeta>& datasets() const = 0;
  /// Reads all rows of one dataset, with memory that does not grow with the file. Error: the format's code
  /// when the file turns out to be damaged (what was consumed before must then be thrown away).
  virtual void read(std::size_t dataset, const BatchConsumer& consume) = 0;
  /// Reads every dataset in one pass; batches of different datasets may alternate. The default calls read()
  /// for one after the other; formats whose datasets are interleaved (ODM, Apple Health) do better.
  virtual void read_all(const std::function<bool(std::size_t dataset, const Batch&)>& consume);
  /// What reading noticed; complete after reading.
  virtual std::vector<FormatNote> notes() const { return {}; }
};

/// Writes one dataset; the file appears only with commit().
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;
  /// Columns as in the DatasetMeta it was made for.
  virtual void write(const Batch& batch) = 0;
  /// Completes the file and puts it in place. If a note was `refused`, nothing is put in place.
  virtual std::vector<FormatNote> commit() = 0;
};

/// Collects notes: one per kind, dataset and variable, with a count and the first row and value.
class NoteCollector {
 public:
  void add(FormatNote note);
  const std::vector<FormatNote>& notes() const { return notes_; }
  bool refused() const { return refused_; }

 private:
  std::vector<FormatNote> notes_;
  std::map<std::string, std::size_t> places_;
  bool refused_ = false;
};

/// Days from 1960-01-01 (SAS dates) to 1970-01-01 (Unix dates).
inline constexpr std::int64_t sas_epoch_days = 3653;

/// What a SAS display format says about a number: date, time, datetime, or floating for everything else.
/// `format` with or without width: "DATE9.", "E8601DT", "MMDDYY10.".
ValueType type_of_sas_format(std::string_view format);

/// A SAS date, time or datetime as ISO 8601 text ("2020-01-31", "08:15:00", "2020-01-31T08:15:00"; fractions
/// of a second shown when there are any). Days that are not whole numbers and values beyond the years 1 to
/// 9999 give nullopt.
std::optional<std::string> iso_of_sas(double value, ValueType type);

/// The inverse, for complete values only; nullopt if the text is not such a date, time or datetime.
std::optional<double> sas_of_iso(std::string_view text, ValueType type);

/// Shortest text that reads back as the same double: "63", "0.1", "1e+300". With `raw`: 17 significant
/// digits, as C's %.17g.
std::string number_text(double value, bool raw = false);

/// A value as people read it: ISO 8601 for dates, true and false, missing codes as "." and ".A", null as "".
std::string value_text(const Batch& batch, std::size_t row, std::size_t column, const Variable& variable);

std::string_view name_of(ValueType type);  ///< "string", "integer", … as Dataset-JSON spells it

}  // namespace trialmill::formats
