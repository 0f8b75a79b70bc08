#include "formats/json_document.hpp"

#include <simdjson.h>

#include <algorithm>

namespace trialmill::formats {
namespace {

namespace dom = simdjson::dom;

/// Walks a document that is no plain array: every array of objects below its keys is a dataset called by the
/// keys; what stands in objects beside them is a dataset of one record.
class DocumentWalk {
 public:
  DocumentWalk(const std::string& root, const TakeJsonRecord& take) : root_(root), take_(take) {}

  bool walk(dom::element document) { return object(document, ""); }

 private:
  static bool is_records(dom::element value) {
    dom::array array;
    if (value.get(array) != simdjson::SUCCESS || array.size() == 0) return false;
    return std::ranges::all_of(array, [](dom::element one) { return one.is_object(); });
  }
  static bool holds_records(dom::element value, int depth) {
    if (is_records(value)) return true;
    dom::object object;
    if (depth > 8 || value.get(object) != simdjson::SUCCESS) return false;
    return std::ranges::any_of(object,
                               [&](const auto& field) { return holds_records(field.value, depth + 1); });
  }
  /// Keys that only say "here come the records" give no part of a name.
  static std::string named(const std::string& path, std::string_view key) {
    if (!path.empty() && (key == "data" || key == "dataset" || key == "records" || key == "items"))
      return path;
    return path.empty() ? std::string(key) : path + "_" + std::string(key);
  }

  bool object(dom::element from, const std::string& path) {
    dom::object members;
    if (from.get(members) != simdjson::SUCCESS) return true;
    std::string rest;
    bool any_value = false, same_name = false;
    for (const auto field : members) {
      if (is_records(field.value)) {
        same_name = same_name || named(path, field.key) == path;
        if (!records(field.value, named(path, field.key))) return false;
      } else if (holds_records(field.value, 0) || (path.empty() && field.value.is_object())) {
        if (!object(field.value, named(path, field.key))) return false;
      } else {
        rest += (rest.empty() ? "{" : ",") +
                simdjson::minify(dom::element(field.value)).insert(0, quoted(field.key) + ":");
        any_value = any_value || !(field.value.is_null() || is_empty_array(field.value));
      }
    }
    // {"data": [...], "interval": 1}: the records have the name of the object.
    return !any_value || take_(path.empty() ? root_ : same_name ? path + "_info" : path, rest + "}");
  }

  static bool is_empty_array(dom::element value) {
    dom::array array;
    return value.get(array) == simdjson::SUCCESS && array.size() == 0;
  }

  static std::string quoted(std::string_view key) {
    std::string out = "\"";
    for (const char c : key) {
      if (c == '"' || c == '\\') out += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out + "\"";
  }

  bool records(dom::element array, const std::string& name) {
    for (const dom::element one : dom::array(array)) {
      if (!take_(name, simdjson::minify(one))) return false;
    }
    return true;
  }

  std::string root_;
  const TakeJsonRecord& take_;
};

}  // namespace

std::string walk_json_document(const std::string& file, const std::string& root, const TakeJsonRecord& take) {
  dom::parser parser;
  dom::element document;
  if (const auto error = parser.load(file).get(document)) return simdjson::error_message(error);
  DocumentWalk(root, take).walk(document);
  return "";
}

}  // namespace trialmill::formats
