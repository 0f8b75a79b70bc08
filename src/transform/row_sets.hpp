// Row sets that are made from finished datasets instead of being read from raw tables.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "findings/finding.hpp"
#include "study/stage.hpp"
#include "transform/scope.hpp"

namespace trialmill::transform {

struct MadeRows {
  std::string sql;
  /// Column → the variables that it is made from, e.g. START_DATE → DM.RFICDTC, DM.RFXSTDTC.
  std::map<std::string, std::vector<std::string>> origins;
  std::vector<findings::Finding> findings;  ///< what is noteworthy about them
};

/// The SELECT of a row set with `visits`, `elements` or `relate` (docs/mapping-language.md); nullopt if it
/// has none of them. Throws Waiting for datasets that are not finished; Errors TM2301, TM2302.
std::optional<MadeRows> made_rows(base::YamlMap& map, const Scope& scope, study::Context& context);

}  // namespace trialmill::transform
