// Raw tables to SDTM datasets by the study's mappings (docs/mapping-language.md). Each dataset is one chain
// of SQL; every record keeps the file and row it came from, every left-out row the reason.
#pragma once

#include <string>

#include "study/stage.hpp"
#include "transform/options.hpp"

namespace trialmill::transform {

/// Hash over program version, study, mappings, code lists and raw tables.
std::string fingerprint(const Options& options, study::Context& context);

/// Builds all datasets and switches stage/current to them. Errors TM2301 to TM2308.
study::Outcome run(const Options& options, study::Context& context);

}  // namespace trialmill::transform
