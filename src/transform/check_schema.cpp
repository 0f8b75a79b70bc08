#include "transform/check_schema.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "study/schemas.hpp"
#include "transform/check_yaml.hpp"

namespace trialmill::transform {

using base::Json;
using base::YamlValue;

namespace {

using Entries = std::vector<std::pair<std::string, YamlValue>>;

std::vector<std::string> words_of(const Json& list) {
  return list.get<std::vector<std::string>>();
}

/// Whether reading the value that way gives no Error.
template <typename Read>
bool reads(Read read) {
  try {
    read();
    return true;
  } catch (const base::Error&) {
    return false;
  }
}

/// The part of JSON Schema (draft 7) that the mapping's schema uses. YAML scalars are texts, which a type may
/// read as a number or boolean, as everywhere in the program.
class SchemaCheck {
 public:
  SchemaCheck(const Json& schema, std::vector<base::Error>& faults) : root_(schema), faults_(faults) {}

  void check(const YamlValue& value, const Json& reference) {
    const Json& schema = resolved(reference);
    if (schema.contains("anyOf") && !schema.contains("type")) return check_shapes(value, schema.at("anyOf"));
    if (schema.contains("type") && !fits(value, schema)) {
      faults_.push_back(value.wrong_type(shape_of(schema)));
    } else if (value.is_map()) {
      check_map(value, schema);
    } else if (value.is_list()) {
      check_list(value, schema);
    } else {
      check_text(value, schema);
    }
  }

 private:
  const Json& resolved(const Json& schema) const {
    if (!schema.contains("$ref")) return schema;
    return root_.at("definitions").at(schema.at("$ref").get<std::string>().substr(14));
  }

  static std::vector<std::string> types_of(const Json& schema) {
    const Json& type = schema.at("type");
    return type.is_array() ? words_of(type) : std::vector<std::string>{type.get<std::string>()};
  }

  static bool fits(const YamlValue& value, const Json& schema) {
    return std::ranges::any_of(types_of(schema), [&value](const std::string& type) {
      if (type == "object") return value.is_map();
      if (type == "array") return value.is_list();
      if (type == "null") return value.is_null();
      if (type == "integer") return reads([&] { value.integer(); });
      if (type == "number") return reads([&] { value.number(); });
      if (type == "boolean") return reads([&] { value.boolean(); });
      return value.is_text();
    });
  }

  /// "a list of texts": what a value of the schema is for people.
  std::string shape_of(const Json& reference) const {
    const Json& schema = resolved(reference);
    if (schema.contains("enum")) return "one of: " + base::join(words_of(schema.at("enum")), ", ");
    if (schema.contains("const")) return "the word " + schema.at("const").get<std::string>();
    if (!schema.contains("type")) return "something else";
    const std::string type = types_of(schema)[0];
    if (type == "object") return "a mapping";
    if (type == "integer") return "a whole number";
    if (type == "number") return "a number";
    if (type == "boolean") return "true or false";
    if (type != "array") return "a text";
    const Json items = schema.contains("items") ? resolved(schema.at("items")) : Json::object();
    return items.value("type", "") == "object" ? "a list of mappings" : "a list of texts";
  }

  /// Alternatives of different shapes: those of the value's shape count.
  void check_shapes(const YamlValue& value, const Json& alternatives) {
    std::vector<base::Error> first;
    std::vector<std::string> shapes;
    for (const Json& one : alternatives) {
      const Json& schema = resolved(one);
      if (const auto shape = shape_of(schema); std::ranges::find(shapes, shape) == shapes.end())
        shapes.push_back(shape);
      if (schema.contains("type") ? !fits(value, schema) : !value.is_text()) continue;
      std::vector<base::Error> found;
      SchemaCheck(root_, found).check(value, schema);
      if (found.empty()) return;
      if (first.empty()) first = std::move(found);
    }
    if (first.empty()) first.push_back(value.wrong_type(base::join(shapes, " or ")));
    faults_.insert(faults_.end(), first.begin(), first.end());
  }

  void check_text(const YamlValue& value, const Json& schema) {
    if (!value.is_text()) return;
    const std::string text = value.text(), subject = "'" + value.path() + "' is '" + text + "', but must be ";
    std::vector<std::string> words;
    if (schema.contains("enum")) words = words_of(schema.at("enum"));
    if (schema.contains("const")) words = {schema.at("const").get<std::string>()};
    if (!words.empty() && std::ranges::find(words, text) == words.end())
      add("TM1007", subject + "one of: " + base::join(words, ", "), value.place(),
          base::did_you_mean(text, words));
    if (schema.contains("pattern") && !RE2::PartialMatch(text, schema.at("pattern").get<std::string>()))
      add("TM1007", "'" + value.path() + "' cannot be '" + text + "'", value.place(),
          schema.value("description", "it must begin with DM., or be {sql: …}"));
    const bool low = schema.contains("minimum") && value.integer() < schema.at("minimum").get<long long>();
    if (low || (schema.contains("maximum") && value.integer() > schema.at("maximum").get<long long>())) {
      add("TM1007",
          subject + "at least " + schema.at("minimum").dump() +
              (schema.contains("maximum") ? " and at most " + schema.at("maximum").dump() : ""),
          value.place());
    }
  }

  void check_list(const YamlValue& value, const Json& schema) {
    const auto items = value.list();
    const std::size_t least = schema.value("minItems", 0U), most = schema.value("maxItems", 1U << 30);
    if (items.size() < least || items.size() > most) {
      const bool exact = least == most;
      add("TM1005",
          "'" + value.path() + "' must have " +
              (items.size() < least ? (exact ? "" : "at least ") + std::to_string(least)
                                    : (exact ? "" : "at most ") + std::to_string(most)) +
              " entries, not " + std::to_string(items.size()),
          value.place(), schema.value("description", ""));
    }
    if (!schema.contains("items")) return;
    for (const auto& item : items) check(item, schema.at("items"));
  }

  void check_map(const YamlValue& value, const Json& schema) {
    Entries entries;
    try {
      entries = value.map().entries();
    } catch (const base::Error& error) {  // a key that is no text
      return faults_.push_back(error);
    }
    if (schema.contains("properties")) check_keys(value, entries, schema);
    const Json none = Json::object();
    const Json& properties = schema.contains("properties") ? schema.at("properties") : none;
    for (const auto& [key, child] : entries) {
      if (properties.contains(key))
        check(child, properties.at(key));
      else if (schema.contains("additionalProperties") && schema.at("additionalProperties").is_object())
        check(child, schema.at("additionalProperties"));
    }
    const std::size_t least = schema.value("minProperties", 0U),
                      most = schema.value("maxProperties", 1U << 30);
    if (entries.size() < least || entries.size() > most)
      add("TM1005",
          "'" + value.path() + "' must have " + (least == most ? "" : "at least ") + std::to_string(least) +
              " entries, not " + std::to_string(entries.size()),
          value.place(), schema.value("description", ""));
  }

  static bool has(const Entries& entries, const std::string& key) {
    return std::ranges::any_of(entries, [&key](const auto& one) { return one.first == key; });
  }

  /// Conditions on which keys there are.
  static bool holds(const Entries& entries, const Json& condition) {
    if (condition.contains("required")) {
      for (const auto& key : words_of(condition.at("required"))) {
        if (!has(entries, key)) return false;
      }
    }
    if (condition.contains("not") && holds(entries, condition.at("not"))) return false;
    if (condition.contains("properties")) {
      for (const auto& [key, inner] : condition.at("properties").items()) {
        for (const auto& [name, child] : entries) {
          if (name == key && !holds_in_list(child, inner.at("contains"))) return false;
        }
      }
    }
    if (!condition.contains("anyOf")) return true;
    const Json& any = condition.at("anyOf");
    return std::any_of(any.begin(), any.end(), [&](const Json& one) { return holds(entries, one); });
  }

  static bool holds_in_list(const YamlValue& list, const Json& condition) {
    if (!list.is_list()) return false;
    return std::ranges::any_of(list.list(), [&condition](const YamlValue& item) {
      Entries entries;
      return item.is_map() && reads([&] { entries = item.map().entries(); }) && holds(entries, condition);
    });
  }

  /// Keys that are not known, and keys that are missing.
  void check_keys(const YamlValue& value, const Entries& entries, const Json& schema) {
    std::vector<std::string> known, mains, verbs;
    for (const auto& [key, inner] : schema.at("properties").items()) known.push_back(key);
    std::string verb;
    if (schema.contains("allOf")) {
      for (const Json& rule : schema.at("allOf")) {
        verbs.push_back(rule.at("if").at("required")[0]);
        if (!verb.empty() || !holds(entries, rule.at("if"))) continue;
        // The verb that is looked for first says which keys there may be.
        verb = verbs.back();
        known.clear();
        for (const Json& part : rule.at("then").at("propertyNames").at("anyOf")) {
          for (const auto& key : words_of(resolved(part).at("enum"))) known.push_back(key);
          if (mains.empty()) mains = known;
        }
      }
    }
    const std::string where = value.path().empty() ? "" : " in '" + value.path() + "'";
    const bool open = schema.contains("allOf") && verb.empty();
    if (open && add_without_verb(value, entries, verbs)) return;
    std::vector<std::string> unknown;
    if (schema.value("additionalProperties", Json(true)) == Json(false)) {
      for (const auto& [key, child] : entries) {
        if (std::ranges::find(known, key) != known.end()) continue;
        unknown.push_back(key);
        std::string hint = base::did_you_mean(key, known);
        if (hint.empty() && !verb.empty() && schema.at("properties").contains(key))
          hint = "`" + verb + "` takes no `" + key + "`" +
                 (mains.size() > 1 ? "; its keys are " + base::join(mains, ", ") : "");
        if (hint.empty()) hint = "known keys here: " + base::join(known, ", ");
        add("TM1004", "unknown key '" + key + "'" + where, place_of_key(value, key), hint);
      }
    }
    check_required(value, entries, schema, unknown);
  }

  void check_required(const YamlValue& value, const Entries& entries, const Json& schema,
                      const std::vector<std::string>& unknown) {
    if (schema.contains("required")) {
      for (const auto& key : words_of(schema.at("required"))) {
        if (!has(entries, key)) add_missing(value, key, unknown);
      }
    }
    if (schema.contains("dependencies")) {
      for (const auto& [key, others] : schema.at("dependencies").items()) {
        for (const auto& other : words_of(others)) {
          if (has(entries, key) && !has(entries, other)) add_without(value, key, other, unknown);
        }
      }
    }
    if (!schema.contains("anyOf") || schema.contains("allOf") ||
        holds(entries, Json{{"anyOf", schema.at("anyOf")}}))
      return;
    std::vector<std::string> choices;
    for (const Json& one : schema.at("anyOf")) {
      if (one.contains("required")) choices.push_back(one.at("required")[0]);
    }
    if (choices.size() == 1) return add_missing(value, choices[0], unknown);
    // A misspelt one has been named as an unknown key already.
    for (const auto& key : unknown) {
      if (!base::nearest_word(key, choices).empty()) return;
    }
    add("TM1006", "'" + value.path() + "' needs one of: " + base::join(choices, ", "), value.place());
  }

  /// True if a key that is misspelt is to blame: the other keys cannot be judged then.
  bool add_without_verb(const YamlValue& value, const Entries& entries,
                        const std::vector<std::string>& verbs) {
    const std::string name = value.path().substr(value.path().rfind('.') + 1);
    const Json& rules = root_.at("definitions").at("rule").at("properties");
    for (const auto& [key, child] : entries) {
      if (rules.contains(key)) continue;
      const std::string hint = base::did_you_mean(key, verbs);
      if (hint.empty()) continue;
      add("TM2304", "'" + name + "' has no verb, but '" + key + "'", place_of_key(value, key), hint);
      return true;
    }
    add("TM2304", "'" + name + "' has no verb", value.place(),
        "for example {from: COLUMN}, {constant: text}, {sql: \"...\"}; see docs/mapping-language.md");
    return false;
  }

  /// A key that must be there. One that is misspelt has been named as an unknown key.
  void add_missing(const YamlValue& value, const std::string& key, const std::vector<std::string>& unknown) {
    if (!base::nearest_word(key, unknown).empty()) return;
    if (key == "why")
      return add("TM2303", "rows are left out without a reason", value.place(),
                 "say why in `why: text`; the reconciliation prints it");
    add("TM1006",
        "required key '" + key + "' is missing" + (value.path().empty() ? "" : " in '" + value.path() + "'"),
        value.place());
  }

  void add_without(const YamlValue& value, const std::string& key, const std::string& other,
                   const std::vector<std::string>& unknown) {
    if (!base::nearest_word(other, unknown).empty()) return;
    if (other == "why") return add_missing(value, other, unknown);
    add(key == "why" ? "TM2303" : "TM1006", "`" + key + "` without `" + other + "`", place_of_key(value, key),
        key == "why" ? "remove it, or add the predicate" : "");
  }

  void add(std::string code, std::string message, base::Place place, std::string hint = "") {
    faults_.push_back(
        base::usage_error(std::move(code), std::move(message), std::move(place), std::move(hint)));
  }

  const Json& root_;
  std::vector<base::Error>& faults_;
};

}  // namespace

const Json& mapping_schema() {
  static const Json schema = [] {
    for (const auto& one : study::schema_texts()) {
      if (one.path == "mapping.schema.json") return base::parse_json(one.content, std::string(one.path));
    }
    throw std::logic_error("the program holds no schema of mappings");
  }();
  return schema;
}

std::string verb_of(const YamlValue& rule) {
  for (const Json& one : mapping_schema().at("definitions").at("rule").at("allOf")) {
    const std::string verb = one.at("if").at("required")[0];
    if (entry_of(rule, verb)) return verb;
  }
  return "";
}

void check_schema(const YamlValue& mapping, std::vector<base::Error>& faults) {
  SchemaCheck(mapping_schema(), faults).check(mapping, mapping_schema());
}

}  // namespace trialmill::transform
