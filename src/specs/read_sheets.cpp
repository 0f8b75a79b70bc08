// Spreadsheets are read cell by cell, not as datasets: titles above the names, names that stand twice and
// lines of different width are usual in them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/csv_scan.hpp"
#include "formats/dataset_file.hpp"
#include "formats/xlsx_sheet.hpp"
#include "specs/sheet.hpp"

namespace trialmill::specs {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t rows_max = 200000, bytes_max = 256U << 20U;

std::string extension_of(const fs::path& file) {
  return base::to_lower(file.extension().string());
}

/// What word processors put in place of plain quotes, blanks and dashes. In rules they mean the plain ones.
std::string plain_text(std::string_view text) {
  std::string out(text);
  if (std::ranges::all_of(out, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return std::string(base::trim(out));
  for (const auto& [from, to] : {std::pair{"\u2018", "'"},
                                 {"\u2019", "'"},
                                 {"\u201C", "\""},
                                 {"\u201D", "\""},
                                 {"\u00A0", " "},
                                 {"\u2010", "-"},
                                 {"\u2011", "-"},
                                 {"\u2013", "-"},
                                 {"\u2260", "<>"},
                                 {"\u2264", "<="},
                                 {"\u2265", ">="},
                                 {"\u0085", "\n"},
                                 {"\u2028", "\n"},
                                 {"\u2029", "\n"}})
    out = base::replace_all(out, from, to);
  return std::string(base::trim(out));
}

/// Rows of one width.
void finish(Sheet& sheet) {
  std::size_t width = 0;
  for (const auto& row : sheet.rows) width = std::max(width, row.size());
  for (auto& row : sheet.rows) row.resize(width);
}

std::vector<Sheet> read_workbook(const fs::path& file) {
  const formats::XlsxWorkbook workbook(file);
  std::vector<Sheet> sheets;
  for (const auto& one : workbook.sheets()) {
    Sheet sheet;
    sheet.name = one.name;
    formats::read_xlsx_sheet(workbook, one, false, [&](std::size_t row, const auto& cells) {
      if (row > rows_max) return false;
      sheet.rows.resize(row);  // rows that are not there are blank
      auto& texts = sheet.rows.back();
      for (const auto& cell : cells) {
        if (texts.size() <= cell.column) texts.resize(cell.column + 1);
        texts[cell.column] = plain_text(cell.text);
      }
      return true;
    });
    finish(sheet);
    sheets.push_back(std::move(sheet));
  }
  return sheets;
}

/// The file as UTF-8, whatever it is in.
std::string utf8_text(const fs::path& file) {
  std::string text = base::read_file(file, bytes_max);
  const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  if (utf16 || !base::is_valid_utf8(text)) {
    struct Scratch {
      fs::path path = fs::temp_directory_path() / ("trialmill-spec-" + std::to_string(::getpid()) + ".csv");
      ~Scratch() {
        std::error_code ignored;
        fs::remove(path, ignored);
      }
    } scratch;
    formats::convert_to_utf8(file, scratch.path, utf16 ? "UTF-16" : "WINDOWS-1252", file.string());
    text = base::read_file(scratch.path, bytes_max);
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (text.find('\0') != std::string::npos)
    throw base::Error("TM1351", "the file holds NUL bytes; it is no text", {file.string()}, "");
  return text;
}

/// The delimiter that stands most often in the first lines.
char delimiter_of(const std::string& text) {
  const std::string_view start = std::string_view(text).substr(0, 4000);
  return std::ranges::max({',', ';', '\t', '|'}, {}, [&](char c) { return std::ranges::count(start, c); });
}

std::vector<Sheet> read_delimited(const fs::path& file) {
  const std::string text = utf8_text(file);
  const char delimiter = delimiter_of(text);
  Sheet sheet;
  sheet.name = file.stem().string();
  for (std::string_view rest = text; !rest.empty() && sheet.rows.size() < rows_max;) {
    const auto record = formats::read_csv_record(rest, delimiter, true);
    if (record.state != formats::CsvRecord::State::complete || record.length == 0) {
      throw base::Error("TM1353", "a quote in this line is never closed or not doubled",
                        {file.string(), static_cast<int>(sheet.rows.size() + 1), 1},
                        "save the sheet as CSV from a spreadsheet program, or give the .xlsx");
    }
    auto cells = formats::split_csv_record(rest.substr(0, record.size), delimiter);
    std::ranges::transform(cells, cells.begin(), [](const std::string& cell) { return plain_text(cell); });
    sheet.rows.push_back(std::move(cells));
    rest.remove_prefix(record.length);
  }
  finish(sheet);
  return {std::move(sheet)};
}

/// Datasets of other formats: a specification kept as a SAS dataset, say.
std::vector<Sheet> read_datasets(const fs::path& file) {
  const auto opened = formats::open_dataset_file(file);
  std::vector<Sheet> sheets;
  for (std::size_t d = 0; d < opened->datasets().size(); ++d) {
    const auto& meta = opened->datasets()[d];
    Sheet sheet;
    sheet.name = meta.name;
    auto& names = sheet.rows.emplace_back();
    for (const auto& variable : meta.variables)
      names.push_back(variable.label.empty() ? variable.name : variable.label);
    opened->read(d, [&sheet, &meta](const formats::Batch& batch) {
      for (std::size_t r = 0; r < batch.rows && sheet.rows.size() < rows_max; ++r) {
        auto& row = sheet.rows.emplace_back();
        for (std::size_t c = 0; c < meta.variables.size(); ++c) {
          if (batch.is_missing(r, c))
            row.emplace_back();
          else if (meta.variables[c].storage == formats::Storage::number)
            row.push_back(fmt::format("{}", batch.columns[c].numbers[r]));
          else
            row.push_back(plain_text(batch.columns[c].texts[r]));
        }
      }
      return sheet.rows.size() < rows_max;
    });
    sheets.push_back(std::move(sheet));
  }
  return sheets;
}

std::vector<Sheet> read_file(const fs::path& file) {
  const std::string extension = extension_of(file);
  const bool zip = base::read_file(file, 4) == "PK\x03\x04";
  if (zip && (extension == ".xlsx" || extension == ".xlsm")) return read_workbook(file);
  if (!zip && (extension == ".csv" || extension == ".tsv" || extension == ".txt"))
    return read_delimited(file);
  return read_datasets(file);
}

}  // namespace

std::vector<Sheet> read_sheets(const fs::path& path) {
  std::vector<fs::path> files{path};
  if (fs::is_directory(path)) {
    files.clear();
    for (const auto& entry : fs::directory_iterator(path)) {
      const std::string extension = extension_of(entry.path());
      if (entry.is_regular_file() && (extension == ".csv" || extension == ".tsv" || extension == ".xlsx"))
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
  }
  std::vector<Sheet> sheets;
  for (const auto& file : files) {
    for (auto& sheet : read_file(file)) sheets.push_back(std::move(sheet));
  }
  if (sheets.size() == 1) sheets[0].alone = true;
  return sheets;
}

}  // namespace trialmill::specs
