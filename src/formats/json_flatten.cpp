#include "formats/json_flatten.hpp"

#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <set>

#include "base/text.hpp"

namespace trialmill::formats {
namespace {

namespace ondemand = simdjson::ondemand;
constexpr int depth_max = 16;

}  // namespace

void rename_duplicates(std::vector<JsonField>& fields) {
  // Hashes first: records are many, duplicates are rare.
  thread_local std::vector<std::size_t> hashes;
  hashes.clear();
  for (const auto& field : fields) hashes.push_back(std::hash<std::string>{}(field.name));
  std::ranges::sort(hashes);
  if (std::ranges::adjacent_find(hashes) == hashes.end()) return;
  std::set<std::string> names;
  for (const auto& field : fields) names.insert(field.name);
  std::set<std::string> used;
  for (auto& field : fields) {
    std::string name = field.name;
    for (int i = 2; used.contains(name) || (name != field.name && names.contains(name)); ++i)
      name = field.name + "_" + std::to_string(i);
    used.insert(name);
    field.name = name;
  }
}

struct JsonFlattener::State {
  ondemand::parser parser;
  std::string padded;
  std::deque<std::string> texts;
  std::vector<JsonField> fields;

  std::string_view kept(std::string_view text) { return texts.emplace_back(text); }

  /// The text of an array or object as it stands in the record.
  static std::string_view raw(ondemand::value from) {
    return base::trim(std::string_view(simdjson::to_json_string(from)));
  }

  void object(ondemand::object from, const std::string& prefix, int depth) {
    bool any = false;
    for (auto field : from) {
      any = true;
      const std::string key(std::string_view(field.unescaped_key()));
      value(field.value(), prefix.empty() ? key : prefix + "_" + key, depth);
    }
    if (!any && !prefix.empty()) fields.push_back({prefix, "{}", JsonKind::nested});
  }

  void value(ondemand::value from, const std::string& name, int depth) {
    switch (ondemand::json_type(from.type())) {
      case ondemand::json_type::object:
        if (depth >= depth_max)
          fields.push_back({name, kept(raw(from)), JsonKind::nested});
        else
          object(from.get_object(), name, depth + 1);
        return;
      case ondemand::json_type::array:
        fields.push_back({name, kept(raw(from)), JsonKind::nested});
        return;
      case ondemand::json_type::string:
        fields.push_back({name, kept(std::string_view(from.get_string())), JsonKind::text});
        return;
      case ondemand::json_type::number: {
        const std::string_view raw = base::trim(from.raw_json_token());
        const bool whole = raw.find_first_of(".eE") == std::string_view::npos;
        // Checks that it is a number at all.
        if (double number = 0; from.get_double().get(number) != simdjson::SUCCESS && !whole)
          throw simdjson::simdjson_error(simdjson::NUMBER_ERROR);
        fields.push_back({name, kept(raw), whole ? JsonKind::integer : JsonKind::number});
        return;
      }
      case ondemand::json_type::boolean:
        fields.push_back({name, bool(from.get_bool()) ? "true" : "false", JsonKind::boolean});
        return;
      default:
        if (!from.is_null()) throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
        fields.push_back({name, {}, JsonKind::null});
    }
  }
};

JsonFlattener::JsonFlattener() : state_(std::make_unique<State>()) {}
JsonFlattener::~JsonFlattener() = default;

const std::vector<JsonField>& JsonFlattener::flatten(std::string_view text, std::string& problem) {
  State& state = *state_;
  state.fields.clear();
  state.texts.clear();
  problem.clear();
  state.padded.assign(text);
  state.padded.append(simdjson::SIMDJSON_PADDING, '\0');
  try {
    ondemand::document document = state.parser.iterate(state.padded.data(), text.size(), state.padded.size());
    if (ondemand::json_type(document.type()) != ondemand::json_type::object) {
      problem = "it is not an object";
      return state.fields;
    }
    state.object(document.get_object(), "", 0);
    if (!document.current_location().error()) problem = "something follows the object";
    rename_duplicates(state.fields);
  } catch (const simdjson::simdjson_error& error) {
    problem = std::string("no valid JSON: ") + error.what();
  }
  return state.fields;
}

}  // namespace trialmill::formats
