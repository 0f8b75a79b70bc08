#include "conform/python_regex.hpp"

#include <cctype>
#include <map>
#include <memory>
#include <mutex>

namespace trialmill::conform {

namespace {

/// Rewrites a pattern for RE2, left to right; stops at the first construct RE2 does not have.
class Translation {
 public:
  explicit Translation(const std::string& pattern) : in_(pattern) {}

  std::string run() {
    while (problem.empty() && at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        escape();
      } else if (in_class_) {
        class_character(c);
      } else {
        character(c);
      }
    }
    return out_;
  }

  std::string problem;

 private:
  bool next_is(std::string_view text) const { return in_.compare(at_, text.size(), text) == 0; }
  void take(std::size_t count, std::string_view instead) {
    out_ += instead;
    at_ += count;
  }

  /// Python's classes cover all of Unicode, RE2's only ASCII.
  void escape() {
    if (at_ + 1 >= in_.size()) return fail("it ends in a backslash");
    const char c = in_[at_ + 1];
    if (c == 'u' && at_ + 6 <= in_.size()) return take(6, "\\x{" + in_.substr(at_ + 2, 4) + "}");
    if (c == 'd') return take(2, "\\p{Nd}");
    if (c == 'D') return take(2, "\\P{Nd}");
    if (c == 'w') return take(2, in_class_ ? "\\p{L}\\p{N}_" : "[\\p{L}\\p{N}_]");
    if (c == 's') return take(2, in_class_ ? spaces : "[" + spaces + "]");
    if (c == 'W' && !in_class_) return take(2, "[^\\p{L}\\p{N}_]");
    if (c == 'S' && !in_class_) return take(2, "[^" + spaces + "]");
    if (c == 'Z' && !in_class_) return take(2, "\\z");
    if (!in_class_ && c >= '1' && c <= '9') return fail("a reference back to a group");
    take(2, in_.substr(at_, 2));
  }

  void class_character(char c) {
    if (c == ']' && at_ != class_start_) in_class_ = false;
    if (c == '[') return take(1, "\\[");  // RE2 would look for [:alpha:]
    take(1, std::string(1, c));
  }

  void character(char c) {
    if (c == '[') {
      const bool negated = at_ + 1 < in_.size() && in_[at_ + 1] == '^';
      take(negated ? 2 : 1, negated ? "[^" : "[");
      in_class_ = true;
      class_start_ = at_;  // a ] here is the character itself
      return;
    }
    if (c == '$') return take(1, "(?:\\n?\\z)");  // also before a line end that closes the text
    if (c == '{' && next_is("{,")) return take(2, "{0,");
    if (next_is("(?#")) {
      const std::size_t end = in_.find(')', at_);
      return take((end == std::string::npos ? in_.size() : end + 1) - at_, "");
    }
    if (next_is("(?=") || next_is("(?!")) return fail("a look-ahead");
    if (next_is("(?<=") || next_is("(?<!")) return fail("a look-behind");
    if (next_is("(?P=")) return fail("a reference back to a group");
    if (next_is("(?(")) return fail("a condition");
    if (next_is("(?>")) return fail("an atomic group");
    const bool quantifier = c == '*' || c == '+' || c == '?' || c == '}';
    if (quantifier && at_ + 1 < in_.size() && in_[at_ + 1] == '+') return fail("a possessive quantifier");
    take(1, std::string(1, c));
  }

  void fail(const std::string& construct) { problem = construct + " (RE2 has none)"; }

  inline static const std::string spaces = "\\s\\x0b\\x1c-\\x1f\\x{85}\\p{Z}";
  const std::string& in_;
  std::string out_;
  std::size_t at_ = 0, class_start_ = 0;
  bool in_class_ = false;
};

struct Compiled {
  std::unique_ptr<RE2> pattern;
  std::string problem;
};

const Compiled& compiled(const std::string& text) {
  static std::map<std::string, Compiled> cache;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const auto [place, made] = cache.try_emplace(text);
  if (made) {
    Translation translation(text);
    const std::string translated = translation.run();
    place->second.problem = translation.problem;
    place->second.pattern = std::make_unique<RE2>(translation.problem.empty() ? translated : "", RE2::Quiet);
    if (!place->second.pattern->ok()) place->second.problem = place->second.pattern->error();
  }
  return place->second;
}

bool match(const RE2& pattern, std::string_view text, RE2::Anchor anchor) {
  return pattern.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), anchor, nullptr, 0);
}

bool continues(char c) {
  return (c & 0xC0) == 0x80;
}

}  // namespace

std::string regex_problem(const std::string& pattern) {
  return compiled(pattern).problem;
}

const RE2& python_regex(const std::string& pattern) {
  return *compiled(pattern).pattern;
}

bool matches_at_start(const RE2& pattern, std::string_view text) {
  return match(pattern, text, RE2::ANCHOR_START);
}

bool matches_anywhere(const RE2& pattern, std::string_view text) {
  return match(pattern, text, RE2::UNANCHORED);
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!continues(text[at]) && count-- == 0) break;
  }
  return text.substr(0, at);
}

std::string_view last_characters(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  while (at > 0 && count > 0) {
    --at;
    if (!continues(text[at])) --count;
  }
  return text.substr(at);
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += continues(c) ? 0 : 1;
  return count;
}

}  // namespace trialmill::conform
