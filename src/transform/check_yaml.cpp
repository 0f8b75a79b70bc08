#include "transform/check_yaml.hpp"

namespace trialmill::transform {

using base::YamlValue;

std::optional<YamlValue> entry_of(const YamlValue& value, const std::string& key) {
  if (!value.is_map()) return std::nullopt;
  return value.map().find(key);
}

std::vector<std::pair<std::string, YamlValue>> entries_of(const YamlValue& value) {
  std::vector<std::pair<std::string, YamlValue>> out;
  if (!value.is_map()) return out;
  for (const auto& entry : value.node()) {
    if (!entry.first.IsScalar()) continue;
    const std::string name = entry.first.Scalar();
    out.emplace_back(name, YamlValue(entry.second, value.place().file,
                                     value.path().empty() ? name : value.path() + "." + name));
  }
  return out;
}

std::vector<YamlValue> items_of(const YamlValue& value) {
  return value.is_list() ? value.list() : std::vector<YamlValue>{value};
}

std::string text_of(const YamlValue& value) {
  return value.is_text() ? value.text() : "";
}

base::Place place_of_key(const YamlValue& map, const std::string& key) {
  base::Place place = map.place();
  if (!map.is_map()) return place;
  for (const auto& entry : map.node()) {
    if (!entry.first.IsScalar() || entry.first.Scalar() != key) continue;
    place.line = entry.first.Mark().line + 1;
    place.column = entry.first.Mark().column + 1;
    break;
  }
  return place;
}

}  // namespace trialmill::transform
