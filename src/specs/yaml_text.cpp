#include "specs/yaml_text.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"

namespace trialmill::specs {

std::string scalar(const std::string& text) {
  static const RE2 plain("[A-Za-z_][A-Za-z0-9_.]*");
  static const std::set<std::string> words{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const bool safe = RE2::FullMatch(text, plain) && words.count(base::to_lower(text)) == 0;
  // JSON text is YAML.
  return safe ? text : base::dump_json(base::Json(text), -1);
}

std::string flow_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const auto& text : texts) parts.push_back(scalar(text));
  return "[" + base::join(parts, ", ") + "]";
}

std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

}  // namespace trialmill::specs
