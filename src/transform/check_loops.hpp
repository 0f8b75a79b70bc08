// Datasets that wait for each other, as far as the mappings tell it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace trialmill::transform {

struct Loop {
  std::string dataset;            ///< the first one in the alphabet
  std::vector<std::string> path;  ///< ends with what it begins with
};

/// One loop of each set of things that wait for each other. `needs`: what → what it waits for; see
/// check_mapping.hpp.
std::vector<Loop> loops_of(const std::map<std::string, std::set<std::string>>& needs);

/// Error TM2305.
base::Error loop_error(const std::vector<std::string>& path, base::Place place);

}  // namespace trialmill::transform
