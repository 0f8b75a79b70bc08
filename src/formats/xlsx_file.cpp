#include "formats/xlsx_file.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "formats/xlsx_sheet.hpp"

namespace trialmill::formats {
namespace {

/// The rectangle of cells that are not empty.
struct Extent {
  std::size_t first_row = 0, last_row = 0, first_column = SIZE_MAX, last_column = 0;
  std::vector<std::string> names;
};

class XlsxDatasets : public DatasetFile {
 public:
  XlsxDatasets(const std::filesystem::path& file, const ReadOptions& options)
      : workbook_(file), raw_(options.raw_numbers) {
    for (const auto& sheet : workbook_.sheets()) survey(sheet);
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  std::vector<FormatNote> notes() const override { return notes_.notes(); }

  void read(std::size_t dataset, const BatchConsumer& consume) override {
    const Extent& extent = extents_[dataset];
    rows_.clear();
    bool more = true;
    std::size_t expected = extent.first_row + 1;
    const auto add = [&](const std::vector<XlsxCell>* cells) {
      std::vector<std::string> row(extent.last_column - extent.first_column + 1);
      if (cells != nullptr) {
        for (const auto& cell : *cells) row[cell.column - extent.first_column] = cell.text;
      }
      rows_.push_back(std::move(row));
      if (rows_.size() == batch_rows_max) more = give(consume);
      ++expected;
      return more;
    };
    read_xlsx_sheet(workbook_, *sheets_[dataset], raw_, [&](std::size_t row, const auto& cells) {
      if (row <= extent.first_row) return true;
      // Empty rows between others are records without values.
      while (expected < row) {
        if (!add(nullptr)) return false;
      }
      return add(&cells);
    });
    if (more && !rows_.empty()) give(consume);
  }

 private:
  void survey(const XlsxWorkbook::Sheet& sheet) {
    Extent extent;
    read_xlsx_sheet(workbook_, sheet, raw_, [&](std::size_t row, const auto& cells) {
      if (extent.first_row == 0) extent.first_row = row;
      extent.last_row = row;
      extent.first_column = std::min(extent.first_column, cells.front().column);
      extent.last_column = std::max(extent.last_column, cells.back().column);
      if (row == extent.first_row) {
        for (const auto& cell : cells) {
          extent.names.resize(cell.column + 1);
          extent.names[cell.column] = cell.text;
        }
      }
      note_cells(sheet.name, row, cells);
      return true;
    });
    if (extent.first_row == 0) {
      notes_.add({.kind = FormatNote::Kind::rows,
                  .dataset = sheet.name,
                  .message = "the sheet is empty; it is left out"});
      return;
    }
    extent.names.resize(extent.last_column + 1);
    extent.names.erase(extent.names.begin(),
                       extent.names.begin() + static_cast<std::ptrdiff_t>(extent.first_column));
    describe(sheet, extent);
    sheets_.push_back(&sheet);
    extents_.push_back(std::move(extent));
  }

  void note_cells(const std::string& sheet, std::size_t row, const std::vector<XlsxCell>& cells) {
    for (const auto& cell : cells) {
      if (!cell.failed && !cell.impossible) continue;
      notes_.add({.kind = FormatNote::Kind::value,
                  .dataset = sheet,
                  .variable = xlsx_column_name(cell.column),
                  .value = cell.text,
                  .message = cell.failed ? "a formula failed; the cell has no value"
                                         : "not a day of the calendar; it stays a number",
                  .row = static_cast<std::int64_t>(row)});
    }
  }

  void describe(const XlsxWorkbook::Sheet& sheet, const Extent& extent) {
    DatasetMeta meta;
    meta.name = sheet.name;
    meta.rows = static_cast<std::int64_t>(extent.last_row - extent.first_row);
    meta.encoding = "utf-8";
    if (sheet.hidden) {
      meta.attributes["hidden"] = "true";
      notes_.add(
          {.kind = FormatNote::Kind::attribute, .dataset = sheet.name, .message = "the sheet is hidden"});
    }
    std::set<std::string> taken;
    for (std::size_t c = 0; c < extent.names.size(); ++c) {
      Variable variable;
      variable.name = raw_ ? extent.names[c] : usable_name(extent, c, taken);
      if (!raw_ && variable.name != extent.names[c]) {
        notes_.add(
            {.kind = FormatNote::Kind::name,
             .dataset = sheet.name,
             .variable = variable.name,
             .value = extent.names[c],
             .message = extent.names[c].empty() ? "the column has no name" : "a name that came before"});
      }
      meta.variables.push_back(std::move(variable));
    }
    datasets_.push_back(std::move(meta));
  }

  /// Names that are missing or repeated get one: COLUMN_C, Name_2.
  static std::string usable_name(const Extent& extent, std::size_t c, std::set<std::string>& taken) {
    const std::string given(base::trim(extent.names[c]));
    const std::string first = given.empty() ? "COLUMN_" + xlsx_column_name(extent.first_column + c) : given;
    std::string name = first;
    for (int n = 2; !taken.insert(base::to_lower(name)).second; ++n) name = first + "_" + std::to_string(n);
    return name;
  }

  bool give(const BatchConsumer& consume) {
    Batch batch;
    batch.rows = rows_.size();
    batch.columns.resize(rows_[0].size());
    for (std::size_t c = 0; c < batch.columns.size(); ++c) {
      batch.columns[c].texts.reserve(rows_.size());
      for (const auto& row : rows_)
        batch.columns[c].texts.push_back(row[c].empty() ? std::string_view() : std::string_view(row[c]));
    }
    const bool more = consume(batch);
    rows_.clear();
    return more;
  }

  XlsxWorkbook workbook_;
  const bool raw_;
  std::vector<const XlsxWorkbook::Sheet*> sheets_;
  std::vector<Extent> extents_;
  std::vector<DatasetMeta> datasets_;
  NoteCollector notes_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_xlsx(const std::filesystem::path& file, const ReadOptions& options) {
  return std::make_unique<XlsxDatasets>(file, options);
}

}  // namespace trialmill::formats
