#include "specs/sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/dataset_file.hpp"
#include "table/session.hpp"

namespace trialmill::specs {

std::string word_of(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)))
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

std::size_t Sheet::find(std::initializer_list<const char*> names) const {
  for (const char* wanted : names) {
    const auto found = std::find(columns.begin(), columns.end(), wanted);
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  }
  return std::string::npos;
}

std::string Sheet::text(std::size_t row, std::initializer_list<const char*> names) const {
  const std::size_t column = find(names);
  return column == std::string::npos ? "" : rows[row][column];
}

std::string Sheet::place(std::size_t row) const {
  return (name.empty() ? "" : name + ", ") + "row " + std::to_string(row + first_row);
}

namespace {

constexpr std::size_t rows_max = 200000;

/// A CSV file whose first line is no line of names: every line is a row.
Sheet read_lines(const std::filesystem::path& file) {
  table::Session session;
  const auto all = session.query_text("SELECT * FROM read_csv(" + base::sql_literal(file.string()) +
                                      ", header = false, all_varchar = true, null_padding = true) LIMIT " +
                                      std::to_string(rows_max));
  Sheet sheet;
  sheet.first_row = 1;
  for (std::size_t c = 0; c < all.columns(); ++c) sheet.columns.push_back("column_" + std::to_string(c + 1));
  for (std::size_t r = 0; r < all.rows(); ++r) {
    std::vector<std::string> row;
    for (std::size_t c = 0; c < all.columns(); ++c) row.emplace_back(base::trim(all.text(r, c)));
    sheet.rows.push_back(std::move(row));
  }
  return sheet;
}

std::unique_ptr<formats::DatasetFile> open_spec(const std::filesystem::path& file) {
  try {
    return formats::open_dataset_file(file);
  } catch (const base::Error& error) {
    if (error.code() != "TM1353") throw;
    return nullptr;
  }
}

}  // namespace

std::vector<Sheet> read_sheets(const std::filesystem::path& file) {
  const auto opened = open_spec(file);
  if (!opened) return {read_lines(file)};
  std::vector<Sheet> sheets;
  for (std::size_t d = 0; d < opened->datasets().size(); ++d) {
    const auto& meta = opened->datasets()[d];
    Sheet sheet;
    sheet.name = opened->datasets().size() > 1 ? meta.name : "";
    for (const auto& variable : meta.variables)
      sheet.columns.push_back(word_of(variable.label.empty() ? variable.name : variable.label));
    opened->read(d, [&sheet, &meta](const formats::Batch& batch) {
      for (std::size_t r = 0; r < batch.rows && sheet.rows.size() < rows_max; ++r) {
        std::vector<std::string> row;
        for (std::size_t c = 0; c < meta.variables.size(); ++c) {
          if (batch.is_missing(r, c))
            row.emplace_back();
          else if (meta.variables[c].storage == formats::Storage::number)
            row.push_back(fmt::format("{}", batch.columns[c].numbers[r]));
          else
            row.emplace_back(base::trim(batch.columns[c].texts[r]));
        }
        sheet.rows.push_back(std::move(row));
      }
      return sheet.rows.size() < rows_max;
    });
    sheets.push_back(std::move(sheet));
  }
  return sheets;
}

}  // namespace trialmill::specs
