#include "formats/csv_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/csv_scan.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

/// A file that goes with its owner.
struct ScratchFile {
  fs::path path;
  ScratchFile() {
    static std::atomic<int> number{0};
    path = fs::temp_directory_path() /
           ("trialmill-" + std::to_string(::getpid()) + "-" + std::to_string(number++) + ".csv");
  }
  ~ScratchFile() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
};

constexpr std::size_t first_record_bytes_max = 16u << 20;

struct Stopped {};

class CsvDataset : public DatasetFile {
 public:
  CsvDataset(const fs::path& file, const ReadOptions& options) : file_(file), name_(file.string()) {
    const std::string start = base::read_file(file, 4);
    std::string encoding = base::to_upper(options.encoding);
    if (encoding.empty() && (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")))
      encoding = "UTF-16";
    if (encoding == "UTF-8") encoding.clear();
    std::vector<std::string> labels;
    if (!encoding.empty()) convert(encoding);
    if (options.header_lines == 2 || (options.header_lines == 0 && has_label_line(options.delimiter)))
      labels = take_labels(options.delimiter);
    scan_ = scan_csv(file_, options.delimiter, name_);
    if (encoding.empty() && !scan_.valid_utf8) {
      encoding = "WINDOWS-1252";
      notes_.add({.kind = FormatNote::Kind::attribute,
                  .message = "the file is not UTF-8; it was read as windows-1252"});
      convert(encoding);
      scan_ = scan_csv(file_, options.delimiter, name_);
    }
    refuse_bad_records();
    describe(encoding, labels);
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  std::vector<FormatNote> notes() const override { return notes_.notes(); }

  void read(std::size_t, const BatchConsumer& consume) override {
    const std::size_t columns = scan_.header.size();
    std::vector<std::vector<std::string>> rows;
    const auto give = [&] {
      if (rows.empty()) return;
      Batch batch;
      batch.rows = rows.size();
      batch.columns.resize(columns);
      for (std::size_t c = 0; c < columns; ++c) {
        batch.columns[c].texts.reserve(rows.size());
        for (const auto& row : rows) batch.columns[c].texts.emplace_back(row[c]);
      }
      if (!consume(batch)) throw Stopped{};
      rows.clear();
    };
    try {
      scan_csv(file_, scan_.delimiter, name_, [&](std::int64_t, std::string_view text, const CsvRecord&) {
        rows.push_back(split_csv_record(text, scan_.delimiter));
        if (rows.size() == batch_rows_max) give();
      });
      give();
    } catch (const Stopped&) {
    }
  }

 private:
  void convert(const std::string& encoding) {
    convert_to_utf8(file_, scratch_.path, encoding, name_);
    file_ = scratch_.path;
  }

  /// A line of labels above one of names, as Viedoc and others write: the first line has texts with blanks,
  /// the second as many different names without, and the third line (values) is no line of names.
  bool has_label_line(char delimiter) {
    std::string text = base::read_file(file_, 1U << 20U);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    std::string_view rest = text;
    if (delimiter == '\0') delimiter = likely_delimiter(rest);
    std::vector<std::vector<std::string>> lines;
    while (lines.size() < 3 && !rest.empty()) {
      const CsvRecord record = read_csv_record(rest, delimiter, false);
      if (record.state != CsvRecord::State::complete) break;
      lines.push_back(split_csv_record(rest.substr(0, record.size), delimiter));
      rest.remove_prefix(record.length);
    }
    if (lines.size() < 2 || lines[0].size() < 2 || lines[0].size() != lines[1].size()) return false;
    const bool blanks = std::ranges::any_of(
        lines[0], [](const std::string& cell) { return cell.find(' ') != std::string::npos; });
    const bool found =
        blanks && !are_names(lines[0]) && are_names(lines[1]) && (lines.size() < 3 || !are_names(lines[2]));
    if (found) {
      notes_.add(
          {.kind = FormatNote::Kind::attribute,
           .message =
               "the first line has labels, the second names; --header-lines 1 takes the first as names"});
    }
    return found;
  }

  /// Different words that can be names of variables.
  static bool are_names(const std::vector<std::string>& cells) {
    std::set<std::string> seen;
    return std::ranges::all_of(cells, [&](const std::string& cell) {
      const bool word = !cell.empty() && !std::isdigit(static_cast<unsigned char>(cell[0])) &&
                        std::ranges::all_of(cell, [](char c) {
                          return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
                        });
      return word && seen.insert(base::to_lower(cell)).second;
    });
  }

  static char likely_delimiter(std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const auto count = [&](char c) { return std::ranges::count(line, c); };
    return *std::ranges::max_element(std::string_view(",;\t|"),
                                     [&](char a, char b) { return count(a) < count(b); });
  }

  /// Takes the first of two header lines away. Labels may repeat and be empty, names may not.
  std::vector<std::string> take_labels(char delimiter) {
    std::string text = base::read_file(file_);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    const std::string_view start = std::string_view(text).substr(0, first_record_bytes_max);
    if (delimiter == '\0') delimiter = likely_delimiter(start);
    const CsvRecord record = read_csv_record(start, delimiter, start.size() == text.size());
    if (record.state != CsvRecord::State::complete) {
      throw base::Error("TM1316", "the line of labels is malformed", {name_, 1, 1},
                        "is it one line of labels above one of names?");
    }
    auto labels = split_csv_record(start.substr(0, record.size), delimiter);
    base::write_file_atomically(scratch_.path, text.substr(record.length));
    file_ = scratch_.path;
    return labels;
  }

  void refuse_bad_records() const {
    if (scan_.bad.empty()) return;
    const CsvBadRecord& first = scan_.bad.front();
    throw base::Error("TM1316",
                      std::to_string(scan_.bad.size()) + " malformed record(s), the first: " + first.reason,
                      {name_, static_cast<int>(std::min<std::int64_t>(first.line, 2'000'000'000)), 1},
                      "nothing was read; mend the file or ask for it again");
  }

  void describe(const std::string& encoding, const std::vector<std::string>& labels) {
    DatasetMeta meta;
    meta.name = fs::path(name_).stem().string();
    meta.rows = scan_.records;
    meta.encoding = encoding.empty() ? "utf-8" : base::to_lower(encoding);
    for (std::size_t c = 0; c < scan_.header.size(); ++c) {
      Variable variable;
      variable.name = scan_.header[c];
      if (c < labels.size()) variable.label = labels[c];
      meta.variables.push_back(std::move(variable));
    }
    datasets_.push_back(std::move(meta));
  }

  ScratchFile scratch_;
  fs::path file_;
  std::string name_;
  CsvScan scan_;
  std::vector<DatasetMeta> datasets_;
  NoteCollector notes_;
};

class CsvWriter : public DatasetWriter {
 public:
  CsvWriter(const fs::path& file, DatasetMeta meta, const WriteOptions& options, char delimiter)
      : meta_(std::move(meta)), raw_(options.raw_numbers), delimiter_(delimiter), out_(file) {
    std::string line;
    for (std::size_t c = 0; c < meta_.variables.size(); ++c) {
      if (c > 0) line += delimiter_;
      base::append_csv_field(line, meta_.variables[c].name, delimiter_);
    }
    out_.write(line + "\n");
  }

  void write(const Batch& batch) override {
    std::string text;
    for (std::size_t row = 0; row < batch.rows; ++row, ++rows_) {
      for (std::size_t c = 0; c < meta_.variables.size(); ++c) {
        if (c > 0) text += delimiter_;
        append_value(text, batch.columns[c], meta_.variables[c], row);
      }
      // A line without anything would be read as a blank line: a lone missing value is written as "".
      if (meta_.variables.size() == 1 && (text.empty() || text.back() == '\n')) text += "\"\"";
      text += '\n';
    }
    out_.write(text);
  }

  std::vector<FormatNote> commit() override {
    if (!notes_.refused()) out_.commit();
    return notes_.notes();
  }

 private:
  void append_value(std::string& text, const Batch::Column& column, const Variable& variable,
                    std::size_t row) {
    if (variable.storage == Storage::text) {
      base::append_csv_field(text, column.texts[row], delimiter_);
      return;
    }
    if (const char code = column.missing.empty() ? '\0' : column.missing[row]; code != '\0') {
      if (raw_) {
        text += '.';
        if (code != '.') text += code;
      } else if (code != '.') {
        notes_.add({.kind = FormatNote::Kind::missing,
                    .dataset = meta_.name,
                    .variable = variable.name,
                    .value = std::string(".") + code,
                    .message = "a special missing code became an empty value",
                    .row = rows_ + 1});
      }
      return;
    }
    const double value = column.numbers[row];
    if (!raw_ && variable.type == ValueType::boolean) {
      text += value != 0 ? "true" : "false";
      return;
    }
    if (!raw_) {
      if (const auto iso = iso_of_sas(value, variable.type)) {
        text += *iso;
        return;
      }
    }
    text += number_text(value, raw_);
  }

  DatasetMeta meta_;
  bool raw_;
  char delimiter_;
  base::AtomicFile out_;
  NoteCollector notes_;
  std::int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<DatasetFile> open_csv(const fs::path& file, const ReadOptions& options) {
  return std::make_unique<CsvDataset>(file, options);
}

std::unique_ptr<DatasetWriter> create_csv(const fs::path& file, const DatasetMeta& meta,
                                          const WriteOptions& options, char delimiter) {
  return std::make_unique<CsvWriter>(file, meta, options, delimiter);
}

}  // namespace trialmill::formats
