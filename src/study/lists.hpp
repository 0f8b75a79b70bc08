// Lists of the study: CSV files of codes, visits, units, criteria beside the mappings.
#pragma once

#include <filesystem>
#include <string>

namespace trialmill::study {

/// SQL for the rows of a CSV file (UTF-8, RFC 4180, a line of names first), all columns as text. Between the
/// fields stands what the line of names has most of: comma, semicolon or tab. Nothing else is guessed: a code
/// #1 or a text in apostrophes is what it is. Lines may end in different ways. `name` is how messages call
/// the file. Errors TM1506: not UTF-8, a quote without an end, a line with another number of fields, a name
/// twice, no line of names.
std::string list_sql(const std::filesystem::path& file, const std::string& name);

}  // namespace trialmill::study
