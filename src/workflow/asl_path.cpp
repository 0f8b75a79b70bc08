#include "workflow/asl_path.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "base/text.hpp"
#include "workflow/asl_error.hpp"

namespace trialmill::workflow::asl {

namespace {

using Kind = PathStep::Kind;

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Path parse() {
    Path out;
    out.text = std::string(text_);
    while (at_ < text_.size()) out.steps.push_back(step());
    for (const auto& item : out.steps) {
      if (item.kind != Kind::name && item.kind != Kind::index) out.definite = false;
    }
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::invalid_argument(what + " at character " + std::to_string(at_ + 1));
  }

  PathStep step() {
    if (text_[at_] == '[') return bracket();
    if (text_[at_] != '.') fail(std::string("unexpected '") + text_[at_] + "'");
    ++at_;
    if (at_ < text_.size() && text_[at_] == '.') {
      PathStep out;
      out.kind = Kind::descend;
      // In "..name" the second dot belongs to the name, in "..[0]" it belongs to nothing.
      if (at_ + 1 < text_.size() && text_[at_ + 1] == '[') ++at_;
      return out;
    }
    PathStep out;
    if (at_ < text_.size() && text_[at_] == '*') {
      ++at_;
      out.kind = Kind::wildcard;
      return out;
    }
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    if (at_ == start) fail("a name is missing");
    out.name = std::string(text_.substr(start, at_ - start));
    return out;
  }

  PathStep bracket() {
    const std::size_t close = closing();
    const std::string inside(base::trim(text_.substr(at_ + 1, close - at_ - 1)));
    if (inside.empty()) fail("empty brackets");
    PathStep out;
    if (inside == "*") {
      out.kind = Kind::wildcard;
    } else if (inside.front() == '?') {
      const auto body = base::trim(std::string_view(inside).substr(1));
      if (body.size() < 2 || body.front() != '(' || body.back() != ')') fail("a filter is written [?( … )]");
      out.kind = Kind::filter;
      out.name = std::string(body.substr(1, body.size() - 2));
    } else if (inside.front() == '\'' || inside.front() == '"') {
      out.names = quoted_names(inside);
      out.kind = out.names.size() == 1 ? Kind::name : Kind::names;
      out.name = out.names.front();
    } else if (inside.find(':') != std::string::npos) {
      out.kind = Kind::slice;
      const auto parts = base::split(inside, ':');
      if (parts.size() > 3) fail("a slice has at most three parts");
      out.from = maybe(parts[0]);
      out.to = maybe(parts[1]);
      if (parts.size() == 3) out.by = maybe(parts[2]);
    } else {
      for (const auto& part : base::split(inside, ',')) out.numbers.push_back(number(part));
      out.kind = out.numbers.size() == 1 ? Kind::index : Kind::indexes;
    }
    at_ = close + 1;
    return out;
  }

  std::size_t closing() const {
    int depth = 0;
    char quote = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote) {
        if (c == '\\')
          ++i;
        else if (c == quote)
          quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '[') {
        ++depth;
      } else if (c == ']' && --depth == 0) {
        return i;
      }
    }
    fail("a ] is missing");
  }

  std::vector<std::string> quoted_names(const std::string& inside) const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < inside.size();) {
      const char quote = inside[i];
      if (quote != '\'' && quote != '"') fail("a quoted name is missing");
      std::string name;
      for (++i; i < inside.size() && inside[i] != quote; ++i) {
        // A backslash escapes the quote and itself; before anything else it is a character of the name.
        if (inside[i] == '\\' && i + 1 < inside.size() && (inside[i + 1] == quote || inside[i + 1] == '\\'))
          ++i;
        name += inside[i];
      }
      if (i >= inside.size()) fail("a quote is not closed");
      out.push_back(std::move(name));
      ++i;
      while (i < inside.size() && (inside[i] == ' ' || inside[i] == ',')) ++i;
    }
    return out;
  }

  long number(std::string_view part) const {
    const std::string text(base::trim(part));
    std::size_t used = 0;
    long out = 0;
    try {
      out = std::stol(text, &used);
    } catch (const std::exception&) {
      fail("'" + text + "' is not an index");
    }
    if (used != text.size()) fail("'" + text + "' is not an index");
    return out;
  }
  std::optional<long> maybe(std::string_view part) const {
    if (base::trim(part).empty()) return std::nullopt;
    return number(part);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Evaluates the inside of [?( … )] for one item. Grammar: or := and ('||' and)*; and := unary ('&&' unary)*;
/// unary := '!' unary | '(' or ')' | operand (op operand)?
class Filter {
 public:
  Filter(std::string_view text, const Json& item, const Json& root) : text_(text), item_(item), root_(root) {}

  bool holds() {
    const bool out = any();
    skip();
    if (at_ != text_.size()) throw runtime_error("the filter '" + std::string(text_) + "' cannot be read");
    return out;
  }

 private:
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool eat(std::string_view token) {
    skip();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  bool any() {
    bool out = all();
    while (eat("||")) {
      const bool right = all();
      out = out || right;
    }
    return out;
  }
  bool all() {
    bool out = unary();
    while (eat("&&")) {
      const bool right = unary();
      out = out && right;
    }
    return out;
  }
  bool unary() {
    skip();
    if (text_.substr(at_, 2) != "!=" && eat("!")) return !unary();
    if (eat("(")) {
      const bool out = any();
      if (!eat(")")) throw runtime_error("a ) is missing in the filter '" + std::string(text_) + "'");
      return out;
    }
    const auto left = operand();
    for (const char* op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (eat(op)) return compare(left, op, operand());
    }
    return left.has_value();  // a lone path asks for presence
  }
  static bool compare(const std::optional<Json>& a, std::string_view op, const std::optional<Json>& b) {
    if (!a || !b) return op == "!=" && a.has_value() != b.has_value();
    if (op == "==") return same_value(*a, *b);
    if (op == "!=") return !same_value(*a, *b);
    const bool comparable = (a->is_number() && b->is_number()) || (a->is_string() && b->is_string());
    if (!comparable) return false;
    if (op == "<") return *a < *b;
    if (op == "<=") return *a <= *b;
    if (op == ">") return *a > *b;
    return *a >= *b;
  }
  std::optional<Json> operand() {
    skip();
    const std::size_t start = at_;
    if (at_ >= text_.size()) throw runtime_error("the filter '" + std::string(text_) + "' ends too early");
    const char first = text_[at_];
    if (first == '\'' || first == '"') {
      std::string out;
      for (++at_; at_ < text_.size() && text_[at_] != first; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        out += text_[at_];
      }
      ++at_;
      return Json(out);
    }
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '[') ++depth;
      if (c == ']') --depth;
      const bool ends = std::string_view(" \t\n=!<>&|()").find(c) != std::string_view::npos;
      if (depth == 0 && ends) break;
      ++at_;
    }
    const std::string_view word = text_.substr(start, at_ - start);
    try {
      if (first == '@') return select(parse_path(word.substr(1)), item_);
      if (first == '$') return select(parse_path(word.substr(1)), root_);
    } catch (const std::invalid_argument& problem) {
      throw runtime_error("the filter '" + std::string(text_) + "': " + problem.what());
    }
    const Json value = Json::parse(word, nullptr, false);
    if (value.is_discarded()) throw runtime_error("the filter '" + std::string(text_) + "' cannot be read");
    return value;
  }

  std::string_view text_;
  const Json& item_;
  const Json& root_;
  std::size_t at_ = 0;
};

using Matches = std::vector<const Json*>;

const Json* element(const Json& value, long index) {
  if (!value.is_array()) return nullptr;
  const long size = static_cast<long>(value.size());
  if (index < 0) index += size;
  return index >= 0 && index < size ? &value[static_cast<std::size_t>(index)] : nullptr;
}

void descend(const Json& value, Matches& out) {
  out.push_back(&value);
  if (!value.is_structured()) return;
  for (const auto& child : value) descend(child, out);
}

void slice(const PathStep& step, const Json& value, Matches& out) {
  if (!value.is_array()) return;
  const long size = static_cast<long>(value.size());
  const long by = step.by.value_or(1);
  if (by <= 0) return;
  const auto clamp = [size](long i) { return std::min(std::max(i < 0 ? i + size : i, 0L), size); };
  const long last = clamp(step.to.value_or(size));
  for (long i = clamp(step.from.value_or(0)); i < last; i += by)
    out.push_back(&value[static_cast<std::size_t>(i)]);
}

void apply(const PathStep& step, const Json& value, const Json& root, Matches& out) {
  const auto by_name = [&](const std::string& name) {
    if (value.is_object() && value.contains(name)) out.push_back(&value.at(name));
  };
  const auto by_index = [&](long index) {
    if (const Json* found = element(value, index)) out.push_back(found);
  };
  switch (step.kind) {
    case Kind::name:
      by_name(step.name);
      break;
    case Kind::names:
      for (const auto& name : step.names) by_name(name);
      break;
    case Kind::index:
      by_index(step.numbers.front());
      break;
    case Kind::indexes:
      for (const long index : step.numbers) by_index(index);
      break;
    case Kind::wildcard:
      if (value.is_structured()) {
        for (const auto& child : value) out.push_back(&child);
      }
      break;
    case Kind::slice:
      slice(step, value, out);
      break;
    case Kind::descend:
      descend(value, out);
      break;
    case Kind::filter:
      if (value.is_object() && Filter(step.name, value, root).holds()) out.push_back(&value);
      if (value.is_array()) {
        for (const auto& child : value) {
          if (Filter(step.name, child, root).holds()) out.push_back(&child);
        }
      }
      break;
  }
}

}  // namespace

Path parse_path(std::string_view text) {
  return Parser(text).parse();
}

std::optional<Json> select(const Path& path, const Json& root) {
  Matches current{&root};
  for (const auto& step : path.steps) {
    Matches next;
    for (const Json* value : current) apply(step, *value, root, next);
    current = std::move(next);
  }
  if (path.definite) {
    if (current.empty()) return std::nullopt;
    return *current.front();
  }
  Json out = Json::array();
  for (const Json* value : current) out.push_back(*value);
  return out;
}

void put(const Path& path, Json& root, Json value) {
  const auto fail = [&](const std::string& why) {
    return TaskError("States.ResultPathMatchFailure",
                     "Unable to apply step \"$" + path.text + "\" to the input: " + why);
  };
  Json* place = &root;
  for (const auto& step : path.steps) {
    if (step.kind == Kind::name) {
      if (place->is_null()) *place = Json::object();
      if (!place->is_object()) throw fail("'" + step.name + "' is not inside an object");
      place = &(*place)[step.name];
    } else if (step.kind == Kind::index) {
      const long index = step.numbers.front();
      if (!place->is_array() || index < 0 || index >= static_cast<long>(place->size())) {
        throw fail("there is no element " + std::to_string(index));
      }
      place = &(*place)[static_cast<std::size_t>(index)];
    } else {
      throw fail("only names and indexes may be used here");
    }
  }
  *place = std::move(value);
}

bool same_value(const Json& a, const Json& b) {
  if (a.is_object() && b.is_object()) {
    if (a.size() != b.size()) return false;
    for (const auto& [key, value] : a.items()) {
      if (!b.contains(key) || !same_value(value, b.at(key))) return false;
    }
    return true;
  }
  if (a.is_array() && b.is_array()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!same_value(a[i], b[i])) return false;
    }
    return true;
  }
  return a == b;
}

}  // namespace trialmill::workflow::asl
