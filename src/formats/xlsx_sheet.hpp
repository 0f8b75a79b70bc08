// The cells of a sheet, row by row, as text (ECMA-376 part 1, section 18.3).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/xlsx_workbook.hpp"

namespace trialmill::formats {

struct XlsxCell {
  std::size_t column = 0;  ///< from 0
  std::string text;
  bool failed = false;      ///< a formula's error (#N/A): no value
  bool impossible = false;  ///< a day that does not exist (29 February 1900), left as a number
};

/// Takes the cells of a row that are not empty, by column; `row` counts from 1. False = no more wanted.
using XlsxRowConsumer = std::function<bool(std::size_t row, const std::vector<XlsxCell>& cells)>;

/// Reads a sheet. With `raw`, numbers stay as the file spells them and dates are numbers; else numbers are as
/// short as they can be, and dates are ISO 8601. Errors: TM1320, TM1322, TM1323 (more columns or rows than a
/// sheet has).
void read_xlsx_sheet(const XlsxWorkbook& workbook, const XlsxWorkbook::Sheet& sheet, bool raw,
                     const XlsxRowConsumer& take);

/// "AB" of "AB12" → 27; SIZE_MAX if there are no letters.
std::size_t xlsx_column_of(std::string_view reference);
/// 27 → "AB".
std::string xlsx_column_name(std::size_t column);

/// A day number as ISO 8601 text; nullopt for days that do not exist and dates beyond 9999.
std::optional<std::string> iso_of_xlsx(double value, XlsxWorkbook::Shows shows, bool from_1904);

}  // namespace trialmill::formats
