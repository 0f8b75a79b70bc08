// define.xml of a release, with its stylesheet, an HTML page made by it, and the study's documents.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "publish/dataset.hpp"
#include "publish/options.hpp"
#include "publish/release.hpp"
#include "study/stage.hpp"

namespace trialmill::publish {

/// What a define.xml depends on beside datasets and options, for the stage's fingerprint: dictionaries,
/// documents, codelists of the study, and the terminology installed on this machine.
std::string define_fingerprint(const study::Study& study);

/// Writes define.xml, define.xsl, define.html and the documents into `staging`, beside the XPT files if there
/// are any, else into the release's root. `detail` gets what was described and what was missing.
/// Errors: TM1432 (damaged terminology package), those of reading documents.
std::vector<ReleaseFile> write_define(study::Context& context, const Options& options,
                                      const std::vector<Dataset>& datasets, const base::Json& metadata,
                                      const StagingFolder& staging, base::Json& detail);

}  // namespace trialmill::publish
