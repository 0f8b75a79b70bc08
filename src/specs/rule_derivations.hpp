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
/// Epochs, baseline flags, ISO 8601, numbers, ages.
bool read_usual(SpecVariable& one);

}  // namespace trialmill::specs
