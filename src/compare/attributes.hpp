#pragma once

#include <string>
#include <vector>

#include "compare/compare.hpp"

namespace trialmill::compare {

/// Labels, types, lengths, formats and order of two datasets. What one side's format cannot say (a CSV file
/// has neither types nor labels) is no difference. Variables in `ignore` are left out.
std::vector<AttributeDifference> attribute_differences(const formats::DatasetMeta& base,
                                                       const formats::DatasetMeta& other,
                                                       const std::vector<std::string>& ignore);

}  // namespace trialmill::compare
