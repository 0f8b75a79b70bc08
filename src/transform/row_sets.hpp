// Row sets that are made from finished datasets instead of being read from raw tables.
#pragma once

#include <optional>
#include <string>

#include "base/yaml.hpp"
#include "study/stage.hpp"
#include "transform/scope.hpp"

namespace trialmill::transform {

/// The SELECT of a row set with `visits`, `elements` or `relate` (docs/mapping-language.md); nullopt if it
/// has none of them. Throws Waiting for datasets that are not finished; Errors TM2301, TM2302.
std::optional<std::string> made_rows(base::YamlMap& map, const Scope& scope, study::Context& context);

}  // namespace trialmill::transform
