#include "workflow/asl_value.hpp"

#include <cctype>
#include <stdexcept>

#include "base/text.hpp"
#include "workflow/asl_error.hpp"
#include "workflow/asl_intrinsics.hpp"
#include "workflow/asl_path.hpp"

namespace trialmill::workflow::asl {

namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// Splits "$$.a", "$.a", "$name.a" into root ("$$", "$", "name") and the rest.
std::pair<std::string, std::string> split_root(const std::string& path) {
  if (path.rfind("$$", 0) == 0) return {"$$", path.substr(2)};
  std::size_t end = 1;
  while (end < path.size() && is_word(path[end])) ++end;
  if (end == 1) return {"$", path.substr(1)};
  return {path.substr(1, end - 1), path.substr(end)};
}

Path parsed(const std::string& rest, const std::string& whole) {
  try {
    return parse_path(rest);
  } catch (const std::invalid_argument& problem) {
    throw runtime_error("Invalid path '" + whole + "': " + problem.what());
  }
}

/// Reads one expression; with a null scope it only checks.
class Reader {
 public:
  Reader(const std::string& text, const Scope* scope) : text_(text), scope_(scope) {}

  Json read_all() {
    Json out = argument();
    skip();
    if (at_ != text_.size()) fail("text after the end");
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw runtime_error("The expression '" + text_ + "' cannot be read: " + why + " at character " +
                        std::to_string(at_ + 1));
  }
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  Json argument() {
    skip();
    if (peek() == '\'') return literal();
    if (peek() == '$') return path();
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (is_word(text_[at_]) || std::string_view("+-.").find(text_[at_]) != std::string_view::npos)) {
      ++at_;
    }
    const std::string word = text_.substr(start, at_ - start);
    skip();
    if (peek() == '(') return call(word);
    const Json value = Json::parse(word, nullptr, false);
    if (value.is_discarded()) fail("'" + word + "' is neither a path, a literal nor a function");
    return value;
  }

  Json literal() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
      // \{ and \} stay escaped: States.Format tells them from placeholders.
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        if (text_[at_] == '{' || text_[at_] == '}') out += '\\';
      }
      out += text_[at_];
    }
    if (peek() != '\'') fail("a quote is not closed");
    ++at_;
    return out;
  }

  Json path() {
    const std::size_t start = at_;
    int depth = 0;
    char quote = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quote) {
        if (c == quote) quote = 0;
      } else if ((c == '\'' || c == '"') && depth > 0) {
        quote = c;
      } else if (c == '[' || c == '(') {
        ++depth;
      } else if (depth > 0 && (c == ']' || c == ')')) {
        --depth;
      } else if (depth == 0 && (c == ',' || c == ')' || std::isspace(static_cast<unsigned char>(c)))) {
        break;
      }
    }
    const std::string text = text_.substr(start, at_ - start);
    if (!scope_) {
      parsed(split_root(text).second, text);
      return nullptr;
    }
    return get(text, *scope_);
  }

  Json call(const std::string& name) {
    if (!is_intrinsic(name)) fail("there is no function '" + name + "'");
    if (++depth_ > 10) fail("functions are nested more than 10 deep");
    std::vector<Json> arguments;
    ++at_;
    skip();
    while (peek() != ')') {
      arguments.push_back(argument());
      skip();
      if (peek() == ',')
        ++at_;
      else if (peek() != ')')
        fail("a comma or ) is missing");
    }
    ++at_;
    --depth_;
    return scope_ ? call_intrinsic(name, arguments) : Json(nullptr);
  }

  const std::string& text_;
  const Scope* scope_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<Json> find(const std::string& path, const Scope& scope) {
  if (path.empty() || path[0] != '$')
    throw runtime_error("Invalid path '" + path + "': a path starts with $");
  const auto [root, rest] = split_root(path);
  const Path steps = parsed(rest, path);
  if (root == "$") return select(steps, scope.input);
  if (root == "$$") return select(steps, scope.context);
  if (!scope.variables.contains(root)) throw runtime_error("The variable '$" + root + "' is not defined");
  return select(steps, scope.variables.at(root));
}

Json get(const std::string& path, const Scope& scope) {
  auto value = find(path, scope);
  if (value) return std::move(*value);
  const auto [root, rest] = split_root(path);
  std::string shown = root == "$$" ? "$" : (root == "$" ? "$" : "$" + root);
  for (const auto& step : parse_path(rest).steps) {
    shown += step.kind == PathStep::Kind::name ? "['" + step.name + "']"
                                               : "[" + std::to_string(step.numbers.front()) + "]";
  }
  throw runtime_error("Invalid path '" + path + "' : No results for path: " + shown);
}

Json evaluate(const std::string& expression, const Scope& scope) {
  return Reader(expression, &scope).read_all();
}

Json fill(const Json& payload, const Scope& scope) {
  if (payload.is_array()) {
    Json out = Json::array();
    for (const auto& item : payload) out.push_back(fill(item, scope));
    return out;
  }
  if (!payload.is_object()) return payload;
  Json out = Json::object();
  for (const auto& [key, value] : payload.items()) {
    if (key.size() > 2 && key.ends_with(".$")) {
      if (!value.is_string())
        throw runtime_error("The value of '" + key + "' must be a path or a function call");
      out[key.substr(0, key.size() - 2)] = evaluate(value.get<std::string>(), scope);
    } else {
      out[key] = fill(value, scope);
    }
  }
  return out;
}

std::string check_expression(const std::string& expression) {
  try {
    Reader(expression, nullptr).read_all();
    return "";
  } catch (const TaskError& problem) {
    return problem.cause();
  }
}

}  // namespace trialmill::workflow::asl
