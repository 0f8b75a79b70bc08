// One JSON object as named texts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::formats {

/// How a value was written.
enum class JsonKind { null, boolean, integer, number, text, nested };

struct JsonField {
  std::string name;  ///< keys of nested objects joined by "_"
  std::string_view text;
  JsonKind kind = JsonKind::null;
};

/// Two values may end up with one name: a key that stands twice, or "a_b" beside {"a": {"b": …}}. The later
/// ones are called NAME_2, NAME_3 …, so that none is lost.
void rename_duplicates(std::vector<JsonField>& fields);

/// Flattens objects one after the other and keeps its memory between them.
class JsonFlattener {
 public:
  JsonFlattener();
  ~JsonFlattener();
  JsonFlattener(const JsonFlattener&) = delete;
  JsonFlattener& operator=(const JsonFlattener&) = delete;

  /// Texts are unescaped, numbers stay as they are written, arrays and objects deeper than 16 levels stay
  /// JSON; empty objects are "{}". Names are unique
  /// (rename_duplicates). Valid until the next call. `problem` is "" or says why it is no object.
  const std::vector<JsonField>& flatten(std::string_view object, std::string& problem);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::formats
