// Derivations in words that are the same in all studies. Each is true if it understood the rule.
#pragma once

#include <string>

#include "specs/spec.hpp"

namespace trialmill::specs {

/// AESTDTC - RFSTDTC + 1, at --DY, --STDY and --ENDY.
bool read_study_day(SpecVariable& one, const std::string& dataset);
/// Sort by AESTDTC, AETERM, at --SEQ.
void read_sequence(SpecVariable& one);
/// Earliest EX.EXSTDTC; max(EXENDTC): a date of another dataset.
bool read_extreme(SpecVariable& one, const std::string& dataset);
/// 1 = MILD, 2 = MODERATE; "Yes" -> Y: raw values and their terms.
bool read_pairs(SpecVariable& one);
/// Same as RFSTDTC; VSORRES as numeric: another variable of the dataset.
bool read_same(SpecVariable& one, const std::string& dataset);
/// Convert to ISO 8601, with the formats that the rule names.
bool read_date(SpecVariable& one);
/// Epochs, baseline flags, ISO 8601, numbers, ages.
bool read_usual(SpecVariable& one);

}  // namespace trialmill::specs
