#include <unistd.h>
#include <xlsxwriter.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/xlsx_file.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t rows_max = 1048575;
constexpr std::size_t columns_max = 16384, characters_max = 32767, sheet_name_max = 31;

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) == 0x80U ? 0 : 1;
  return count;
}

lxw_datetime time_of(const std::string& iso) {
  lxw_datetime out{2020, 1, 1, 0, 0, 0};
  int second = 0;
  if (std::sscanf(iso.c_str(), "%d-%d-%dT%d:%d:%d", &out.year, &out.month, &out.day, &out.hour, &out.min,
                  &second) > 5)
    out.sec = second;
  return out;
}

/// A workbook on its way. It appears when every sheet is committed, and not at all if one was refused.
class Workbook {
 public:
  Workbook(fs::path file, std::string title, const WriteOptions& options, std::size_t sheets)
      : file_(std::move(file)),
        aside_(file_.string() + ".tmp-" + std::to_string(::getpid())),
        open_sheets_(sheets) {
    lxw_workbook_options settings{};
    settings.constant_memory = LXW_TRUE;
    book_ = workbook_new_opt(aside_.c_str(), &settings);
    if (book_ == nullptr) throw base::Error("TM1002", "cannot write the file", {file_.string()});
    lxw_doc_properties properties{};
    properties.title = title.data();
    properties.created = static_cast<time_t>(unix_time(options.created));
    workbook_set_properties(book_, &properties);
    bold_ = workbook_add_format(book_);
    format_set_bold(bold_);
    for (const char* code : {"yyyy-mm-dd", "hh:mm:ss", "yyyy-mm-dd hh:mm:ss"}) {
      lxw_format* format = workbook_add_format(book_);
      format_set_num_format(format, code);
      formats_.push_back(format);
    }
  }
  ~Workbook() {
    if (book_ != nullptr) workbook_close(book_);
    std::error_code ignored;
    fs::remove(aside_, ignored);
  }
  Workbook(const Workbook&) = delete;
  Workbook& operator=(const Workbook&) = delete;

  /// A sheet for the dataset: its name has 31 characters and none of []:*?/\, and differs from others in more
  /// than case. `name` becomes what the sheet is called.
  lxw_worksheet* add_sheet(std::string& name) {
    for (char& c : name) {
      if (std::string_view("[]:*?/\\").find(c) != std::string_view::npos) c = '_';
    }
    if (name.empty()) name = "Sheet1";
    const std::string whole = name;
    name = first_characters(whole, sheet_name_max);
    for (int i = 2; !names_.insert(base::to_lower(name)).second; ++i) {
      const std::string suffix = "~" + std::to_string(i);
      name = first_characters(whole, sheet_name_max - suffix.size()) + suffix;
    }
    return workbook_add_worksheet(book_, name.c_str());
  }
  lxw_format* bold() const { return bold_; }
  /// For dates (0), times (1) and date-times (2).
  lxw_format* format(std::size_t kind) const { return formats_[kind]; }

  void commit_sheet(bool good) {
    refused_ = refused_ || !good;
    if (--open_sheets_ > 0 || refused_) return;
    const lxw_error status = workbook_close(book_);
    book_ = nullptr;
    if (status != LXW_NO_ERROR)
      throw base::Error("TM1002", std::string("cannot write the file: ") + lxw_strerror(status),
                        {file_.string()});
    std::error_code problem;
    fs::rename(aside_, file_, problem);
    if (problem) throw base::Error("TM1002", "cannot write the file: " + problem.message(), {file_.string()});
  }

 private:
  static std::string first_characters(const std::string& text, std::size_t count) {
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
      const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
      if (starts && seen++ == count) break;
    }
    return text.substr(0, end);
  }

  /// For the document's properties: UTC, so that the bytes do not depend on where they are made.
  static std::int64_t unix_time(const std::string& iso) {
    const lxw_datetime time = time_of(iso);
    const auto days = sas_of_iso(iso.substr(0, 10), ValueType::date);
    const std::int64_t day = static_cast<std::int64_t>(days.value_or(21915)) - sas_epoch_days;
    return day * 86400 + time.hour * 3600 + time.min * 60 + static_cast<std::int64_t>(time.sec);
  }

  fs::path file_, aside_;
  std::size_t open_sheets_;
  bool refused_ = false;
  lxw_workbook* book_ = nullptr;
  lxw_format* bold_ = nullptr;
  std::vector<lxw_format*> formats_;
  std::set<std::string> names_;
};

class SheetWriter : public DatasetWriter {
 public:
  SheetWriter(std::shared_ptr<Workbook> book, const DatasetMeta& meta) : book_(std::move(book)), meta_(meta) {
    if (meta_.variables.size() > columns_max)
      refuse(FormatNote::Kind::name, "", "a sheet holds at most 16,384 columns");
    if (!notes_.refused()) start();
  }

  void write(const Batch& batch) override {
    if (notes_.refused()) return;
    if (row_ + static_cast<std::int64_t>(batch.rows) > rows_max) {
      refuse(FormatNote::Kind::rows, "", "a sheet holds at most 1,048,575 records", row_);
      return;
    }
    for (std::size_t r = 0; r < batch.rows; ++r) {
      ++row_;
      for (std::size_t c = 0; c < batch.columns.size(); ++c) cell(batch, r, c);
    }
  }

  std::vector<FormatNote> commit() override {
    book_->commit_sheet(!notes_.refused());
    return notes_.notes();
  }

 private:
  void refuse(FormatNote::Kind kind, const std::string& variable, const std::string& message,
              std::int64_t row = 0) {
    notes_.add({.kind = kind,
                .refused = true,
                .dataset = meta_.name,
                .variable = variable,
                .message = message,
                .row = row});
  }

  void start() {
    std::string name = meta_.name;
    sheet_ = book_->add_sheet(name);
    if (name != meta_.name)
      notes_.add({.kind = FormatNote::Kind::name,
                  .dataset = meta_.name,
                  .value = name,
                  .message = "the sheet has another name than the dataset"});
    for (std::size_t c = 0; c < meta_.variables.size(); ++c) {
      worksheet_write_string(sheet_, 0, static_cast<lxw_col_t>(c), meta_.variables[c].name.c_str(),
                             book_->bold());
    }
    worksheet_freeze_panes(sheet_, 1, 0);
    for (const auto& variable : meta_.variables) {
      if (variable.label.empty() && variable.format.empty()) continue;
      notes_.add({.kind = FormatNote::Kind::attribute,
                  .dataset = meta_.name,
                  .message = "labels and formats of variables have no place in a sheet"});
      break;
    }
  }

  void cell(const Batch& batch, std::size_t r, std::size_t c) {
    const Variable& variable = meta_.variables[c];
    const auto row = static_cast<lxw_row_t>(row_);
    const auto column = static_cast<lxw_col_t>(c);
    if (batch.is_missing(r, c)) {
      if (variable.storage == Storage::number && batch.columns[c].missing[r] != '.') {
        notes_.add({.kind = FormatNote::Kind::missing,
                    .dataset = meta_.name,
                    .variable = variable.name,
                    .value = std::string(".") + batch.columns[c].missing[r],
                    .message = "a special missing code became an empty cell",
                    .row = row_});
      }
      return;
    }
    if (variable.storage == Storage::text) {
      const std::string text(batch.columns[c].texts[r]);
      if (text.empty()) return;
      if (characters(text) > characters_max)
        return refuse(FormatNote::Kind::value, variable.name, "a cell holds at most 32,767 characters", row_);
      worksheet_write_string(sheet_, row, column, text.c_str(), nullptr);
      return;
    }
    number(variable, batch.columns[c].numbers[r], row, column);
  }

  void number(const Variable& variable, double value, lxw_row_t row, lxw_col_t column) {
    constexpr double days_to_1960 = 21916;
    switch (variable.type) {
      case ValueType::boolean:
        worksheet_write_boolean(sheet_, row, column, value != 0 ? 1 : 0, nullptr);
        return;
      case ValueType::date:
        if (value + days_to_1960 < 61) break;
        worksheet_write_number(sheet_, row, column, value + days_to_1960, book_->format(0));
        return;
      case ValueType::time:
        if (value < 0 || value >= 86400) break;
        worksheet_write_number(sheet_, row, column, value / 86400, book_->format(1));
        return;
      case ValueType::datetime:
        if (value / 86400 + days_to_1960 < 61) break;
        worksheet_write_number(sheet_, row, column, value / 86400 + days_to_1960, book_->format(2));
        return;
      default:
        worksheet_write_number(sheet_, row, column, value, nullptr);
        return;
    }
    // Sheets know no days before March 1900: those are text.
    const auto iso = iso_of_sas(value, variable.type);
    worksheet_write_string(sheet_, row, column, iso ? iso->c_str() : number_text(value).c_str(), nullptr);
  }

  std::shared_ptr<Workbook> book_;
  DatasetMeta meta_;
  lxw_worksheet* sheet_ = nullptr;
  std::int64_t row_ = 0;
  NoteCollector notes_;
};

}  // namespace

std::vector<std::unique_ptr<DatasetWriter>> create_xlsx(const fs::path& file,
                                                        const std::vector<const DatasetMeta*>& sheets,
                                                        const WriteOptions& options) {
  const std::string title = sheets.size() == 1 ? sheets[0]->label : "";
  const auto book = std::make_shared<Workbook>(file, title, options, sheets.size());
  std::vector<std::unique_ptr<DatasetWriter>> out;
  for (const DatasetMeta* meta : sheets) out.push_back(std::make_unique<SheetWriter>(book, *meta));
  return out;
}

}  // namespace trialmill::formats
