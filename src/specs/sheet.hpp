// Tables of a CSV file or workbook as text, with the row numbers that a spreadsheet program shows.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace trialmill::specs {

using Names = std::initializer_list<const char*>;

struct Sheet {
  std::string name;                            ///< of the sheet, or the file's without extension
  std::vector<std::string> columns;            ///< as word_of() makes them; empty until find_header()
  std::vector<std::string> titles;             ///< the same as they stand in the file
  std::vector<std::vector<std::string>> rows;  ///< below the header; all as wide as the sheet, trimmed
  std::size_t first_row = 1;                   ///< number of rows[0], as a spreadsheet program counts
  bool alone = false;                          ///< the only one of its file

  /// Place of the first column that has one of the names, or npos. It counts as read from then on.
  std::size_t find(Names names) const;
  bool has(Names names) const;
  /// Text of that column; "" if there is none.
  std::string text(std::size_t row, Names names) const;
  /// The same of the first of them that holds something in this row.
  std::string filled_text(std::size_t row, Names names) const;
  bool is_blank(std::size_t row) const;
  std::size_t number(std::size_t row) const { return row + first_row; }
  /// "Variables, row 12"; only "row 12" if there is no other sheet.
  std::string place(std::size_t row) const;
  /// Titles of columns that hold something and that nothing has looked at.
  std::vector<std::string> unread_columns() const;

 private:
  mutable std::vector<bool> read_;
  mutable std::map<std::string, std::size_t, std::less<>> places_;  ///< of the columns; made by find()
};

/// Of a CSV file, a workbook, a folder of them, or any other file of datasets. Errors: those of the format.
/// Reads at most 200,000 rows of each sheet.
std::vector<Sheet> read_sheets(const std::filesystem::path& path);

/// Looks for the line of names among the first lines (titles and remarks may stand above) and makes it the
/// sheet's columns. False, and nothing is changed, if no line is `wanted`, which sees the columns only.
/// `rename` may give names that nobody foresaw the name of what they mean.
bool find_header(Sheet& sheet, bool (*wanted)(const Sheet& header),
                 void (*rename)(std::vector<std::string>& columns) = nullptr);

/// Letters and digits in lower case, everything else as one `_`: "Source Variable" → source_variable.
std::string word_of(const std::string& text);

/// What stands in a cell that is to say that there is nothing: N/A, NA, -, none, null …
bool is_nothing(const std::string& text);

}  // namespace trialmill::specs
