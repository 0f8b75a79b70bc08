// Any bytes as YAML: read or refused with an Error, never a crash.
#include "base/yaml.hpp"

#include <cstdint>
#include <string>

namespace {

void visit(const trialmill::base::YamlValue& value) {
  if (value.is_map()) {
    for (const auto& [key, inner] : value.map().entries()) visit(inner);
  } else if (value.is_list()) {
    for (const auto& inner : value.list()) visit(inner);
  } else if (value.is_text()) {
    value.text();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    visit(trialmill::base::parse_yaml(std::string(reinterpret_cast<const char*>(data), size), "input"));
  } catch (const trialmill::base::Error&) {
  }
  return 0;
}
