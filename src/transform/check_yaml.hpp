// Looking into YAML that may be wrong: nothing here throws.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/yaml.hpp"

namespace trialmill::transform {

/// The entry of a mapping, whatever its shape: nullopt if `value` is no mapping or has no such key.
std::optional<base::YamlValue> entry_of(const base::YamlValue& value, const std::string& key);
/// All entries, those of no other shape than a mapping.
std::vector<std::pair<std::string, base::YamlValue>> entries_of(const base::YamlValue& value);
/// The items of a list, or the value itself.
std::vector<base::YamlValue> items_of(const base::YamlValue& value);
/// The text of a scalar, else "".
std::string text_of(const base::YamlValue& value);

/// Where the key of an entry stands; that of the mapping if there is no such key.
base::Place place_of_key(const base::YamlValue& map, const std::string& key);

}  // namespace trialmill::transform
