// Datasets into Dataset-JSON 1.1. The metadata state the number of records and stand first, so rows are
// written aside and put behind them at the end.
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/dataset_json_file.hpp"
#include "formats/dataset_json_head.hpp"
#include "formats/json_text.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1U << 20U;

/// The rows until the number of them is known; the file goes with its owner.
class StagedRows {
 public:
  explicit StagedRows(const fs::path& target) : target_(target) {
    static std::atomic<int> number{0};
    path_ = target.string() + ".rows-" + std::to_string(::getpid()) + "-" + std::to_string(number++);
    if (target.has_parent_path()) base::make_folders(target.parent_path());
    file_.open(path_, std::ios::in | std::ios::out | std::ios::binary | std::ios::trunc);
    if (!file_) throw base::Error("TM1002", "cannot write the file", {target.string()});
  }
  ~StagedRows() {
    file_.close();
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  StagedRows(const StagedRows&) = delete;
  StagedRows& operator=(const StagedRows&) = delete;

  void write(std::string_view bytes) {
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes_ += bytes.size();
    check();
  }
  /// All of it from the start, in pieces. Error TM1002 if what was written does not come back whole: the last
  /// bytes reach the disk only here.
  template <class Take>
  void read(Take take) {
    file_.flush();
    check();
    file_.seekg(0);
    std::string piece(piece_bytes, '\0');
    for (std::size_t left = bytes_; left > 0;) {
      const std::size_t wanted = std::min(left, piece.size());
      file_.read(piece.data(), static_cast<std::streamsize>(wanted));
      check();
      take(std::string_view(piece).substr(0, wanted));
      left -= wanted;
    }
  }

 private:
  void check() const {
    if (!file_) throw base::Error("TM1002", "cannot write the file: is the disk full?", {target_.string()});
  }

  fs::path target_, path_;
  std::fstream file_;
  std::size_t bytes_ = 0;
};

/// Plain, or zlib (DSJC 1.1).
class Output {
 public:
  Output(const fs::path& target, bool compressed) : file_(target), compressed_(compressed) {
    if (compressed_ && deflateInit(&stream_, Z_DEFAULT_COMPRESSION) != Z_OK) throw std::bad_alloc();
  }
  ~Output() {
    if (compressed_) deflateEnd(&stream_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view bytes) {
    if (compressed_)
      pack(bytes, Z_NO_FLUSH);
    else
      file_.write(bytes);
  }
  void commit() {
    if (compressed_) pack({}, Z_FINISH);
    file_.commit();
  }

 private:
  void pack(std::string_view bytes, int flush) {
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::string out(piece_bytes, '\0');
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
      deflate(&stream_, flush);
      file_.write(std::string_view(out).substr(0, out.size() - stream_.avail_out));
    } while (stream_.avail_out == 0);
  }

  base::AtomicFile file_;
  z_stream stream_{};
  bool compressed_;
};

class DatasetJsonWriter : public DatasetWriter {
 public:
  DatasetJsonWriter(const fs::path& file, DatasetMeta meta, WriteOptions options, DatasetJsonForm form)
      : file_(file), meta_(std::move(meta)), options_(std::move(options)), form_(form), rows_(file) {
    check_dataset_json_times(options_);
    fractions_.resize(meta_.variables.size(), false);
    for (const auto& variable : meta_.variables) {
      if (!variable.informat.empty())
        note(FormatNote::Kind::attribute, variable, variable.informat,
             "the informat has no place in Dataset-JSON", false);
    }
  }

  void write(const Batch& batch) override {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      ++count_;
      if (form_ == DatasetJsonForm::document && count_ > 1) buffer_ += ",\n";
      buffer_ += '[';
      for (std::size_t c = 0; c < meta_.variables.size(); ++c) {
        if (c > 0) buffer_ += ',';
        value(batch, row, c);
      }
      buffer_ += form_ == DatasetJsonForm::document ? "]" : "]\n";
      if (buffer_.size() >= piece_bytes) flush();
    }
  }

  std::vector<FormatNote> commit() override {
    if (notes_.refused()) return notes_.notes();
    flush();
    Output out(file_, form_ == DatasetJsonForm::compressed);
    std::string head = dataset_json_head(meta_, options_, count_, fractions_, notes_);
    if (form_ == DatasetJsonForm::document)
      head.replace(head.size() - 1, 1, ",\"rows\":[\n");
    else
      head += '\n';
    out.write(head);
    rows_.read([&](std::string_view piece) { out.write(piece); });
    if (form_ == DatasetJsonForm::document) out.write("\n]}\n");
    out.commit();
    return notes_.notes();
  }

 private:
  void flush() {
    rows_.write(buffer_);
    buffer_.clear();
  }

  void note(FormatNote::Kind kind, const Variable& variable, std::string value, std::string message,
            bool refused) {
    notes_.add({.kind = kind,
                .refused = refused,
                .dataset = meta_.name,
                .variable = variable.name,
                .value = std::move(value),
                .message = std::move(message),
                .row = count_});
  }

  void value(const Batch& batch, std::size_t row, std::size_t c) {
    const Variable& variable = meta_.variables[c];
    const Batch::Column& column = batch.columns[c];
    if (batch.is_missing(row, c)) {
      buffer_ += "null";
      if (variable.storage == Storage::number && column.missing[row] != '.') {
        note(FormatNote::Kind::missing, variable, std::string(".") + column.missing[row],
             "a special missing code becomes null", false);
      }
    } else if (variable.storage == Storage::text) {
      if (!is_plain_json_text(column.texts[row]) && !base::is_valid_utf8(column.texts[row])) {
        note(FormatNote::Kind::value, variable, std::string(column.texts[row]), "the text is not UTF-8",
             true);
        buffer_ += "null";
      } else {
        append_json_text(buffer_, column.texts[row]);
      }
    } else {
      number(variable, column.numbers[row], c);
    }
  }

  void number(const Variable& variable, double number, std::size_t c) {
    switch (variable.type) {
      case ValueType::boolean:
        buffer_ += number != 0 ? "true" : "false";
        return;
      case ValueType::date:
      case ValueType::time:
      case ValueType::datetime:
        if (const auto iso = iso_of_sas(number, variable.type)) {
          buffer_ += '"' + *iso + '"';
        } else {
          note(FormatNote::Kind::number, variable, number_text(number),
               "not a " + std::string(name_of(variable.type)) + " that ISO 8601 can say", true);
          buffer_ += "null";
        }
        return;
      default:
        if (number != std::trunc(number) || std::fabs(number) > 9007199254740992.0) fractions_[c] = true;
        append_json_number(buffer_, number);
    }
  }

  fs::path file_;
  DatasetMeta meta_;
  WriteOptions options_;
  DatasetJsonForm form_;
  StagedRows rows_;
  std::string buffer_;
  std::vector<bool> fractions_;
  std::int64_t count_ = 0;
  NoteCollector notes_;
};

}  // namespace

std::unique_ptr<DatasetWriter> create_dataset_json(const fs::path& file, const DatasetMeta& meta,
                                                   const WriteOptions& options, DatasetJsonForm form) {
  return std::make_unique<DatasetJsonWriter>(file, meta, options, form);
}

}  // namespace trialmill::formats
