// All datasets of a study, each as soon as those it needs are there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "transform/dataset.hpp"

namespace trialmill::transform {

/// Builds `models` (in an order in which each comes after those it needs) into `folder`. Returns the records
/// of all datasets and adds their descriptions to `description`, in the order of the models. Where several
/// models fail, the Error of the first of them is thrown.
std::int64_t build_all(const std::vector<Model>& models, const std::filesystem::path& folder,
                       const Options& options, study::Context& context, base::Json& description);

}  // namespace trialmill::transform
