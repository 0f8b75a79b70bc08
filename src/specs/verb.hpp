// The verb of the mapping language that a line of a specification becomes.
#pragma once

#include <string>
#include <vector>

#include "specs/spec.hpp"

namespace trialmill::specs {

/// "from: AETERM", "datetime: [AESTDAT, AESTTIM], formats: [D-MON-Y]" …; "" if the line does not say enough.
std::string verb_of(const SpecVariable& one, const SpecDataset& dataset);

/// A constant that differs from one table to the next: the row sets give it.
bool is_given_by_table(const SpecVariable& one);
/// The columns of a date that has another name in each table; {datetime} takes them from a step (_CMSTDTC).
/// Empty for other variables. `of_time`: the columns of the time (_CMSTDTC_TIME).
std::vector<std::string> date_columns_by_table(const SpecVariable& one, bool of_time = false);

/// "DD-MON-YYYY", "dd/mm/yyyy", "date9." as tokens of {datetime}; "" if it is no such format.
std::string date_format(const std::string& text);
/// True for formats that {datetime} reads without being told: ISO 8601.
bool is_iso_format(const std::string& text);

}  // namespace trialmill::specs
