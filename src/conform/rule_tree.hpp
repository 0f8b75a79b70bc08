// The source of a rule as a tree: what its YAML says, with the place of every value, but without the YAML
// parser. A rule is read from such a tree, whether the tree comes from a YAML file (slow: parsing is nearly
// all of the time) or from a rule set that was compiled before (rule_cache.hpp).
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::conform {

/// One value of the source. Asking a mapping for a key it does not have gives the absent node, and so does
/// asking anything that is not a mapping: node["Core"]["Id"] is safe everywhere.
class RuleNode {
 public:
  /// The numbers are part of the rule set's file format.
  enum class Kind : std::uint8_t { absent = 0, null = 1, plain = 2, quoted = 3, list = 4, map = 5 };

  RuleNode() = default;
  explicit RuleNode(Kind kind, int line = 0, int column = 0, std::string text = {})
      : text_(std::move(text)), line_(line), column_(column), kind_(kind) {}

  Kind kind() const { return kind_; }
  bool defined() const { return kind_ != Kind::absent; }
  bool is_null() const { return kind_ == Kind::null || kind_ == Kind::absent; }
  bool is_text() const { return kind_ == Kind::plain || kind_ == Kind::quoted; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_map() const { return kind_ == Kind::map; }
  bool quoted() const { return kind_ == Kind::quoted; }  ///< "1" and 1, "yes" and yes are not the same

  const std::string& text() const { return text_; }  ///< "" unless is_text()
  const std::string& key() const { return key_; }    ///< of an entry of a mapping
  int line() const { return line_; }                 ///< counted from 1; 0 = unknown
  int column() const { return column_; }

  const RuleNode& operator[](std::string_view key) const;
  std::size_t size() const { return children_.size(); }  ///< of a list or mapping
  std::vector<RuleNode>::const_iterator begin() const { return children_.begin(); }
  std::vector<RuleNode>::const_iterator end() const { return children_.end(); }

  RuleNode& add(RuleNode child);  ///< of a list
  RuleNode& add(std::string key, RuleNode child);
  void reserve(std::size_t children) { children_.reserve(children); }

 private:
  std::string key_, text_;
  std::vector<RuleNode> children_;
  int line_ = 0, column_ = 0;
  Kind kind_ = Kind::absent;
};

/// The tree of a YAML document that base::parse_yaml accepted; aliases are written out.
RuleNode rule_tree(const YAML::Node& node);

/// One line of JSON: [kind, line, column, text | child, …]; a mapping has key, child, key, child, ….
std::string tree_to_json(const RuleNode& node);
/// A line of a rule set: [source, tree] and a line end.
std::string rule_line(const std::string& source, const RuleNode& tree);

}  // namespace trialmill::conform
