// Comparing what the mappings made with what another program made: expected/ of a study, at each run.
#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "study/stage.hpp"

namespace trialmill::transform {

/// Compares the datasets in `release`/parquet with the files of expected/ (any format that is read), pairs
/// records by the keys of study.yaml's `expected`, else of the mapping. Differences become findings TM2360 to
/// TM2362; `release`/expected.json and .html have them in full. `description`: datasets.json of the release.
/// Returns what goes into the stage's detail, null if the study has no expected/. Errors: those of
/// compare::compare.
base::Json compare_expected(const std::filesystem::path& release, const base::Json& description,
                            study::Context& context);

}  // namespace trialmill::transform
