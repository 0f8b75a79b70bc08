#include "formats/json_cut.hpp"

#include <algorithm>

namespace trialmill::formats {

namespace {

constexpr std::size_t record_bytes_max = 16u << 20;
constexpr auto npos = std::string_view::npos;

/// What breaks the structure; ends in the last record.
struct Broken {
  std::string why;
};

/// The position after the string that opens at `at`, or npos.
std::size_t string_end(std::string_view text, std::size_t at) {
  while (true) {
    at = text.find_first_of("\"\\", at + 1);
    if (at == npos || at + 1 >= text.size()) return at != npos && text[at] == '"' ? at + 1 : npos;
    if (text[at] == '"') return at + 1;
    ++at;
  }
}

/// The position after the value at the start of `text`, or npos if it does not end there. Brackets are only
/// counted.
std::size_t value_end(std::string_view text) {
  std::size_t depth = 0, at = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = string_end(text, at);
        if (at == npos) return npos;
        break;
      case '{':
      case '[':
        ++depth;
        ++at;
        break;
      case '}':
      case ']':
        if (depth == 0) return at;
        --depth;
        ++at;
        break;
      default:
        if (depth == 0 && at > 0 && std::string_view(", \t\r\n:").find(text[at]) != npos) return at;
        ++at;
        continue;
    }
    if (depth == 0) return at;
  }
  return npos;
}

class Cutter {
 public:
  Cutter(ByteWindow& window, const std::function<void(const JsonCut&)>& take)
      : window_(window), take_(take) {}

  void run(JsonShape shape) {
    skip_bom();
    if (shape == JsonShape::lines) return lines();
    if (peek() < 0) return;
    try {
      if (shape == JsonShape::sections) {
        sections();
      } else if (peek() == '[') {
        elements("");
      } else {
        object_with_data();
      }
      if (peek() >= 0) throw Broken{"text after the end of the JSON"};
    } catch (const Broken& broken) {
      take_rest(broken.why);
    }
  }

 private:
  std::string_view rest() const { return window_.rest(); }
  bool available() { return !rest().empty() || !window_.grow().empty(); }

  void skip_bom() {
    while (rest().size() < 3 && !window_.grow().empty()) {
    }
    if (rest().starts_with("\xEF\xBB\xBF")) window_.consume(3);
  }

  void consume(std::size_t bytes) {
    const std::string_view done = rest().substr(0, bytes);
    line_ += std::count(done.begin(), done.end(), '\n');
    window_.consume(bytes);
  }

  /// The next byte that is not white space; -1 at the end of the file.
  int peek() {
    while (available()) {
      const std::size_t at = rest().find_first_not_of(" \t\r\n");
      if (at != npos) {
        consume(at);
        return static_cast<unsigned char>(rest().front());
      }
      consume(rest().size());
    }
    return -1;
  }

  bool skip(char wanted) {
    if (peek() != wanted) return false;
    consume(1);
    return true;
  }

  /// The value at the front, not consumed; valid until the next call.
  std::string_view value() {
    if (peek() < 0) throw Broken{"the file breaks off"};
    while (true) {
      const std::size_t end = value_end(rest());
      if (end != npos && end > 0) return rest().substr(0, end);
      if (end == 0) throw Broken{"a value is missing"};
      if (rest().size() > record_bytes_max)
        throw Broken{"a value longer than 16 MiB, or a quote is never closed"};
      if (window_.grow().empty()) throw Broken{"the file breaks off"};
    }
  }

  void emit(std::string_view text, const std::string& section, const std::string& problem = "") {
    take_({++row_, line_, text, section, problem});
  }

  void lines() {
    while (available()) {
      std::size_t end = rest().find('\n');
      while (end == npos && rest().size() <= record_bytes_max && !window_.grow().empty())
        end = rest().find('\n');
      if (end == npos && rest().size() > record_bytes_max) {
        long_line();
        continue;
      }
      const std::string_view line = rest().substr(0, end);
      if (line.find_first_not_of(" \t\r") != npos) {
        emit(line, "", line.size() > record_bytes_max ? "a line longer than 16 MiB" : "");
      }
      consume(end == npos ? rest().size() : end + 1);
    }
  }

  void long_line() {
    emit(rest(), "", "a line longer than 16 MiB");
    while (available()) {
      const std::size_t end = rest().find('\n');
      consume(end == npos ? rest().size() : end + 1);
      if (end != npos) return;
    }
  }

  /// An array whose elements are records; the window stands at its bracket.
  void elements(const std::string& section) {
    consume(1);
    if (skip(']')) return;
    while (true) {
      const std::string_view text = value();
      emit(text, section);
      consume(text.size());
      if (skip(']')) return;
      if (!skip(','))
        throw Broken{peek() < 0 ? "the file breaks off" : "a comma or ] is missing after an element"};
    }
  }

  /// Calls member(key) with the window at each value of an object; member consumes the value.
  template <class Member>
  void object(const Member& member) {
    if (!skip('{')) throw Broken{"neither an array nor an object"};
    if (skip('}')) return;
    while (true) {
      if (peek() >= 0 && peek() != '"') throw Broken{"a key is missing"};
      const std::string key(value());
      consume(key.size());
      if (!skip(':')) throw Broken{peek() < 0 ? "the file breaks off" : "a colon is missing after a key"};
      member(key);
      if (skip('}')) return;
      if (!skip(','))
        throw Broken{peek() < 0 ? "the file breaks off" : "a comma or } is missing after a value"};
    }
  }

  void object_with_data() {
    bool found = false;
    object([&](const std::string& key) {
      if (key == "\"data\"" && peek() == '[') {
        found = true;
        return elements("");
      }
      consume(value().size());
    });
    if (!found) emit("", "", "neither an array nor an object with an array 'data'");
  }

  void sections() {
    object([&](const std::string& quoted) {
      const std::string name = quoted.substr(1, quoted.size() - 2);
      if (peek() != '{') {
        const std::string_view text = value();
        emit(text, name, "the section '" + name + "' is not an object");
        return consume(text.size());
      }
      bool found = false;
      std::string single = "{";
      object([&](const std::string& key) {
        if (key == "\"data\"" && peek() == '[') {
          found = true;
          return elements(name);
        }
        const std::string_view text = value();
        if (single.size() + key.size() + text.size() > record_bytes_max)
          throw Broken{"a section longer than 16 MiB"};
        single += (single.size() > 1 ? "," : "") + key + ":" + std::string(text);
        consume(text.size());
      });
      if (!found) emit(single + "}", name);
    });
  }

  void take_rest(const std::string& why) {
    emit(rest().substr(0, record_bytes_max), "", why + "; nothing after it was read");
    while (available()) consume(rest().size());
  }

  ByteWindow& window_;
  const std::function<void(const JsonCut&)>& take_;
  std::int64_t row_ = 0, line_ = 1;
};

}  // namespace

void cut_json(ByteWindow& window, JsonShape shape, const std::function<void(const JsonCut&)>& take) {
  Cutter(window, take).run(shape);
}

}  // namespace trialmill::formats
