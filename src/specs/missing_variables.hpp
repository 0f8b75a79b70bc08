// What a specification does not mention and the SDTMIG asks for.
#pragma once

#include <string>
#include <vector>

#include "specs/spec.hpp"

namespace trialmill::specs {

/// Required and expected variables of the dataset by that SDTMIG, in its order. Where the standard leaves no
/// choice (STUDYID, --SEQ), a line is proposed. DOMAIN needs none. Empty for custom domains.
std::vector<MissingVariable> missing_variables(const SpecDataset& dataset, const std::string& sdtmig);

/// "AEDECOD, AESEQ (required); AESOC (expected)"
std::string missing_text(const std::vector<MissingVariable>& missing);

}  // namespace trialmill::specs
