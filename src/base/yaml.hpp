// Reading YAML that people wrote: every value knows its line and column, every key must be known.
//
//   YamlMap study = read_yaml_file("study.yaml");
//   std::string id = study.text("study");            // required
//   std::string lake = study.text_or("lake", "./lake");
//   for (auto& [name, node] : study.map("sources").entries()) …
//   study.finish();                                  // an unread key is an error with a did-you-mean
//
// Built on yaml-cpp; its nodes do not leave this folder except through node().
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace trialmill::base {

class YamlMap;

/// Any YAML value together with the file it comes from and a path for messages ("sources.edc_dm.files").
class YamlValue {
 public:
  YamlValue() = default;
  YamlValue(YAML::Node node, std::string file, std::string path);

  bool is_text() const { return node_.IsScalar(); }
  bool is_list() const { return node_.IsSequence(); }
  bool is_map() const { return node_.IsMap(); }
  bool is_null() const { return !node_.IsDefined() || node_.IsNull(); }
  /// True if the scalar was written in quotes, so that "1" and 1, "yes" and yes can be told apart.
  bool is_quoted() const { return node_.Tag() == "!"; }

  // Conversions; a wrong shape is Error TM1005 at this place.
  std::string text() const;
  bool boolean() const;
  long long integer() const;
  double number() const;
  std::vector<YamlValue> list() const;
  std::vector<std::string> texts() const;  ///< a list of texts, or one text as a list of one
  YamlMap map() const;

  Place place() const;
  const std::string& path() const { return path_; }
  const YAML::Node& node() const { return node_; }

  /// Error TM1005 "… must be a …, not a …" at this place.
  Error wrong_type(const std::string& expected) const;

 private:
  YAML::Node node_;
  std::string file_, path_;
};

/// A YAML mapping that remembers which keys were read. Copies share that memory.
class YamlMap {
 public:
  explicit YamlMap(YamlValue value);

  bool has(const std::string& key);       ///< also marks the key as known
  YamlValue get(const std::string& key);  ///< required: Error TM1006 if absent
  std::optional<YamlValue> find(const std::string& key);

  std::string text(const std::string& key);
  std::string text_or(const std::string& key, std::string fallback);
  bool boolean_or(const std::string& key, bool fallback);
  long long integer_or(const std::string& key, long long fallback);
  std::vector<std::string> texts_or(const std::string& key, std::vector<std::string> fallback);
  /// One of a few words; anything else is Error TM1007 listing them.
  std::string choice_or(const std::string& key, const std::vector<std::string>& choices,
                        std::string fallback);

  /// All entries in the order written; reading them marks every key as known.
  std::vector<std::pair<std::string, YamlValue>> entries();

  /// Error TM1004 for the first key that nobody asked for.
  void finish() const;

  const YamlValue& value() const { return value_; }
  Place place() const { return value_.place(); }

 private:
  struct Known;
  YamlValue value_;
  std::shared_ptr<Known> known_;
};

/// The value as JSON: scalars as text, but true and false (not in quotes) as booleans; null as null.
Json json_of(const YamlValue& value);

/// Reads one YAML document. Errors: TM1001 (unreadable), TM1003 (not YAML), TM1009 (too large or deep),
/// TM1010 (a key twice in one mapping). `name` is the path shown to the user.
/// With `twice`, keys that stand twice are added there instead; the first one then counts.
YamlValue parse_yaml(const std::string& text, const std::string& name, std::vector<Error>* twice = nullptr);
YamlValue read_yaml_file(const std::filesystem::path& file, const std::string& name);

}  // namespace trialmill::base
