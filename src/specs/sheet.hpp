// Tables of a CSV file or workbook as text.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

namespace trialmill::specs {

struct Sheet {
  std::string name;
  std::vector<std::string> columns;  ///< as word_of() makes them: "source_variable"
  std::vector<std::vector<std::string>> rows;
  std::size_t first_row = 2;  ///< number of the first row, as a spreadsheet program counts

  /// Place of the first column that has one of the names, or npos.
  std::size_t find(std::initializer_list<const char*> names) const;
  bool has(std::initializer_list<const char*> names) const { return find(names) != std::string::npos; }
  /// Trimmed text of that column; "" if there is none.
  std::string text(std::size_t row, std::initializer_list<const char*> names) const;
  /// "Variables, row 12" as a spreadsheet program counts.
  std::string place(std::size_t row) const;
};

/// Errors: those of the format. Reads at most 200,000 rows of each sheet.
std::vector<Sheet> read_sheets(const std::filesystem::path& file);

/// Letters and digits in lower case, everything else as one `_`: "Source Variable(s)" → source_variable_s.
std::string word_of(const std::string& text);

}  // namespace trialmill::specs
