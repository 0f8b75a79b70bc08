#include "conform/rule_tree.hpp"

#include "base/json.hpp"

namespace trialmill::conform {

const RuleNode& RuleNode::operator[](std::string_view key) const {
  static const RuleNode absent;
  if (kind_ != Kind::map) return absent;
  for (const RuleNode& child : children_) {
    if (child.key_ == key) return child;
  }
  return absent;
}

RuleNode& RuleNode::add(RuleNode child) {
  return children_.emplace_back(std::move(child));
}

RuleNode& RuleNode::add(std::string key, RuleNode child) {
  child.key_ = std::move(key);
  return children_.emplace_back(std::move(child));
}

RuleNode rule_tree(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  const int line = mark.is_null() ? 0 : mark.line + 1, column = mark.is_null() ? 0 : mark.column + 1;
  if (!node.IsDefined()) return RuleNode();
  if (node.IsNull()) return RuleNode(RuleNode::Kind::null, line, column);
  if (node.IsScalar()) {
    const bool quoted = node.Tag() == "!";
    return RuleNode(quoted ? RuleNode::Kind::quoted : RuleNode::Kind::plain, line, column, node.Scalar());
  }
  RuleNode out(node.IsMap() ? RuleNode::Kind::map : RuleNode::Kind::list, line, column);
  out.reserve(node.size());
  for (const auto& entry : node) {
    if (node.IsMap()) {
      out.add(entry.first.IsScalar() ? entry.first.Scalar() : "", rule_tree(entry.second));
    } else {
      out.add(rule_tree(entry));
    }
  }
  return out;
}

namespace {

void append_json(const RuleNode& node, std::string& out) {
  const auto quote = [](const std::string& text) { return base::dump_json(base::Json(text), -1); };
  out += "[" + std::to_string(static_cast<int>(node.kind())) + "," + std::to_string(node.line()) + "," +
         std::to_string(node.column());
  if (node.is_text()) out += "," + quote(node.text());
  for (const RuleNode& child : node) {
    out += ",";
    if (node.is_map()) out += quote(child.key()) + ",";
    append_json(child, out);
  }
  out += "]";
}

}  // namespace

std::string tree_to_json(const RuleNode& node) {
  std::string out;
  append_json(node, out);
  return out;
}

std::string rule_line(const std::string& source, const RuleNode& tree) {
  return "[" + base::dump_json(base::Json(source), -1) + "," + tree_to_json(tree) + "]\n";
}

}  // namespace trialmill::conform
