// The verb of the mapping language that a line of a specification becomes.
#pragma once

#include <string>

#include "specs/spec.hpp"

namespace trialmill::specs {

/// "from: AETERM", "datetime: [AESTDAT, AESTTIM], formats: [D-MON-Y]" …; "" if the line does not say enough.
std::string verb_of(const SpecVariable& one, const SpecDataset& dataset);

/// "DD-MON-YYYY", "dd/mm/yyyy", "date9." as tokens of {datetime}; "" if it is no such format.
std::string date_format(const std::string& text);
/// True for formats that {datetime} reads without being told: ISO 8601.
bool is_iso_format(const std::string& text);

}  // namespace trialmill::specs
