#include "base/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"

namespace trialmill::base {

namespace {

constexpr std::size_t bytes_max = 16u << 20;
constexpr int depth_max = 100;
constexpr int nodes_max = 500'000;  // with every alias written out

const char* shape_of(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return "empty";
  if (node.IsScalar()) return "a single value";
  if (node.IsSequence()) return "a list";
  return "a mapping";
}

Place place_of(const YAML::Mark& mark, const std::string& file) {
  if (mark.is_null()) return {file};
  return {file, mark.line + 1, mark.column + 1};
}

// yaml-cpp recurses per level: refuse deep nesting before it can exhaust the stack. Indentation gives
// block levels, brackets flow levels; both are bounded from above by this simple scan.
void refuse_deep(const std::string& text, const std::string& name) {
  int flow = 0, line = 1, dashes = 0;
  bool line_start = true;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      line_start = true;
      dashes = 0;
    } else if (line_start && (c == '-' || c == '?')) {
      ++dashes;
    } else if (c != ' ') {
      line_start = false;
    }
    if (c == '[' || c == '{') ++flow;
    if ((c == ']' || c == '}') && flow > 0) --flow;
    if (flow > depth_max || dashes > depth_max) {
      throw usage_error("TM1009", "YAML is nested deeper than 100 levels", {name, line});
    }
  }
}

void check_node(const YAML::Node& node, const std::string& name, int depth, int& nodes,
                std::vector<Error>* twice) {
  if (++nodes > nodes_max) {  // aliases of aliases can make a short file stand for billions of values
    throw usage_error("TM1009", "YAML stands for more than 500,000 values", place_of(node.Mark(), name),
                      "aliases (*name) that repeat other aliases multiply");
  }
  if (depth > depth_max) {
    throw usage_error("TM1009", "YAML is nested deeper than 100 levels", place_of(node.Mark(), name));
  }
  if (node.IsSequence()) {
    for (const auto& item : node) check_node(item, name, depth + 1, nodes, twice);
  } else if (node.IsMap()) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (entry.first.IsScalar() && !seen.insert(entry.first.Scalar()).second) {
        Error error =
            usage_error("TM1010", "key '" + entry.first.Scalar() + "' stands twice in the same mapping",
                        place_of(entry.first.Mark(), name), "keep one of the two");
        if (twice == nullptr) throw error;
        twice->push_back(std::move(error));
      }
      check_node(entry.second, name, depth + 1, nodes, twice);
    }
  }
}

/// Whether a line is indented with a tab.
bool has_tabs(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1) {
    const std::size_t first = text.find_first_not_of(' ', at);
    if (first != std::string::npos && text[first] == '\t') return true;
  }
  return false;
}

}  // namespace

YamlValue::YamlValue(YAML::Node node, std::string file, std::string path)
    : node_(std::move(node)), file_(std::move(file)), path_(std::move(path)) {}

Place YamlValue::place() const {
  if (!node_.IsDefined()) return {file_};
  return place_of(node_.Mark(), file_);
}

Error YamlValue::wrong_type(const std::string& expected) const {
  const std::string subject = path_.empty() ? "the document" : "'" + path_ + "'";
  return usage_error("TM1005", subject + " must be " + expected + ", not " + shape_of(node_), place());
}

std::string YamlValue::text() const {
  if (!node_.IsScalar()) throw wrong_type("a text");
  return node_.Scalar();
}

bool YamlValue::boolean() const {
  const std::string word = node_.IsScalar() ? to_lower(node_.Scalar()) : "";
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  throw wrong_type("true or false");
}

long long YamlValue::integer() const {
  long long value = 0;
  const std::string word = node_.IsScalar() ? node_.Scalar() : "";
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || status != std::errc{} || end != word.data() + word.size())
    throw wrong_type("a whole number");
  return value;
}

double YamlValue::number() const {
  double value = 0;
  const std::string word = node_.IsScalar() ? node_.Scalar() : "";
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || status != std::errc{} || end != word.data() + word.size()) throw wrong_type("a number");
  return value;
}

std::vector<YamlValue> YamlValue::list() const {
  if (!node_.IsSequence()) throw wrong_type("a list");
  std::vector<YamlValue> items;
  for (const auto& item : node_) {
    items.emplace_back(item, file_, path_ + "[" + std::to_string(items.size()) + "]");
  }
  return items;
}

std::vector<std::string> YamlValue::texts() const {
  if (node_.IsScalar()) return {node_.Scalar()};
  if (!node_.IsSequence()) throw wrong_type("a text or a list of texts");
  std::vector<std::string> out;
  for (const auto& item : list()) out.push_back(item.text());
  return out;
}

YamlMap YamlValue::map() const {
  return YamlMap(*this);
}

struct YamlMap::Known {
  std::vector<std::string> asked;
  void add(const std::string& key) {
    if (std::find(asked.begin(), asked.end(), key) == asked.end()) asked.push_back(key);
  }
  bool contains(const std::string& key) const {
    return std::find(asked.begin(), asked.end(), key) != asked.end();
  }
};

YamlMap::YamlMap(YamlValue value) : value_(std::move(value)), known_(std::make_shared<Known>()) {
  if (!value_.is_map()) throw value_.wrong_type("a mapping");
}

std::optional<YamlValue> YamlMap::find(const std::string& key) {
  known_->add(key);
  const YAML::Node child = value_.node()[key];
  if (!child.IsDefined()) return std::nullopt;
  return YamlValue(child, value_.place().file, value_.path().empty() ? key : value_.path() + "." + key);
}

bool YamlMap::has(const std::string& key) {
  return find(key).has_value();
}

YamlValue YamlMap::get(const std::string& key) {
  auto found = find(key);
  if (found && !found->is_null()) return *found;
  const std::string where = value_.path().empty() ? "" : " in '" + value_.path() + "'";
  Place place = value_.place();
  std::string hint;
  std::vector<std::string> written;
  for (const auto& entry : value_.node()) {
    const auto name = entry.first.as<std::string>("");
    if (!known_->contains(name)) written.push_back(name);
  }
  if (const std::string near = nearest_word(key, written); !found && !near.empty()) {
    hint = "is '" + near + "' a misspelling of '" + key + "'?";
    for (const auto& entry : value_.node()) {
      if (entry.first.as<std::string>("") == near) place = place_of(entry.first.Mark(), value_.place().file);
    }
  }
  throw usage_error("TM1006", "required key '" + key + "' is missing" + where, place, hint);
}

std::string YamlMap::text(const std::string& key) {
  return get(key).text();
}

std::string YamlMap::text_or(const std::string& key, std::string fallback) {
  const auto found = find(key);
  return found ? found->text() : std::move(fallback);
}

bool YamlMap::boolean_or(const std::string& key, bool fallback) {
  const auto found = find(key);
  return found ? found->boolean() : fallback;
}

long long YamlMap::integer_or(const std::string& key, long long fallback) {
  const auto found = find(key);
  return found ? found->integer() : fallback;
}

std::vector<std::string> YamlMap::texts_or(const std::string& key, std::vector<std::string> fallback) {
  const auto found = find(key);
  return found ? found->texts() : std::move(fallback);
}

std::string YamlMap::choice_or(const std::string& key, const std::vector<std::string>& choices,
                               std::string fallback) {
  const auto found = find(key);
  if (!found) return fallback;
  const std::string word = found->text();
  if (std::find(choices.begin(), choices.end(), word) != choices.end()) return word;
  throw usage_error("TM1007",
                    "'" + found->path() + "' is '" + word + "', but must be one of: " + join(choices, ", "),
                    found->place(), did_you_mean(word, choices));
}

std::vector<std::pair<std::string, YamlValue>> YamlMap::entries() {
  std::vector<std::pair<std::string, YamlValue>> out;
  for (const auto& entry : value_.node()) {
    const YamlValue key(entry.first, value_.place().file, value_.path());
    const std::string name = key.text();
    known_->add(name);
    out.emplace_back(name, YamlValue(entry.second, value_.place().file,
                                     value_.path().empty() ? name : value_.path() + "." + name));
  }
  return out;
}

void YamlMap::finish() const {
  for (const auto& entry : value_.node()) {
    const YamlValue key(entry.first, value_.place().file, value_.path());
    const std::string name = key.text();
    if (known_->contains(name)) continue;
    std::string hint = did_you_mean(name, known_->asked);
    if (hint.empty()) hint = "known keys here: " + join(known_->asked, ", ");
    const std::string where = value_.path().empty() ? "" : " in '" + value_.path() + "'";
    throw usage_error("TM1004", "unknown key '" + name + "'" + where, key.place(), hint);
  }
}

Json json_of(const YamlValue& value) {
  if (value.is_null()) return nullptr;
  if (value.is_list()) {
    Json out = Json::array();
    for (const auto& one : value.list()) out.push_back(json_of(one));
    return out;
  }
  if (value.is_map()) {
    Json out = Json::object();
    for (const auto& [key, one] : value.map().entries()) out[key] = json_of(one);
    return out;
  }
  const std::string text = value.text();
  if (!value.is_quoted() && (text == "true" || text == "false")) return text == "true";
  return text;
}

YamlValue parse_yaml(const std::string& text, const std::string& name, std::vector<Error>* twice) {
  if (text.size() > bytes_max) throw usage_error("TM1009", "YAML file is larger than 16 MiB", {name});
  if (!is_valid_utf8(text)) {
    throw usage_error("TM1003", "the file is not UTF-8 text", {name}, "save it with UTF-8 encoding");
  }
  refuse_deep(text, name);
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      throw usage_error("TM1003", "the file holds " + std::to_string(documents.size()) + " YAML documents",
                        {name}, "a line `---` begins a new one; write one file for each");
    const YAML::Node node = documents.empty() ? YAML::Node() : documents[0];
    int nodes = 0;
    check_node(node, name, 0, nodes, twice);
    return YamlValue(node, name, "");
  } catch (const YAML::Exception& error) {
    throw usage_error("TM1003", "not valid YAML: " + error.msg, place_of(error.mark, name),
                      has_tabs(text) ? "lines are indented with blanks; the file has tabs" : "");
  }
}

YamlValue read_yaml_file(const std::filesystem::path& file, const std::string& name) {
  return parse_yaml(read_file(file, bytes_max + 1), name);
}

}  // namespace trialmill::base
