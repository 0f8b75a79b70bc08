// All datasets of a study, each as soon as those it needs are there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/stage.hpp"
#include "transform/model.hpp"
#include "transform/options.hpp"

namespace trialmill::transform {

/// Builds the groups (in an order in which each comes after those it needs) into `folder`. Returns the
/// records of all datasets and adds their descriptions to `description`, in the order of the groups. Where
/// several groups fail, the Error of the first of them is thrown. Error TM2305: variables need each other in
/// a circle.
std::int64_t build_all(const std::vector<ModelGroup>& groups, const std::filesystem::path& folder,
                       const Options& options, study::Context& context, base::Json& description);

}  // namespace trialmill::transform
