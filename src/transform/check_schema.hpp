// Checks YAML against schemas/mapping.schema.json, the one list of what mappings may hold: keys, the keys
// that each verb takes, shapes and words.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/yaml.hpp"

namespace trialmill::transform {

/// The schema of mappings/*.yaml, as the program holds it.
const base::Json& mapping_schema();

/// Adds every place of `mapping` that is not as the schema says: TM1004 to TM1007, TM2303 (rows left out
/// without a reason), TM2304 (no verb). Patterns of names are left to whoever knows what they name.
void check_schema(const base::YamlValue& mapping, std::vector<base::Error>& faults);

/// The verb of a rule: the first, in the order in which the builder looks for them, that it has; "" if none.
std::string verb_of(const base::YamlValue& rule);

}  // namespace trialmill::transform
