#include "formats/json_lists.hpp"

#include <simdjson.h>

#include <map>

namespace trialmill::formats {
namespace {

namespace dom = simdjson::dom;
constexpr std::size_t depth_max = 4;

/// Keys of a record that tell it from others: id, logId, session_id.
bool is_id(std::string_view name) {
  if (name == "id" || name == "ID") return true;
  return name.ends_with("Id") || name.ends_with("ID") || name.ends_with("_id");
}

}  // namespace

/// What is in use while the lists of one depth are walked.
struct JsonLists::Level {
  JsonFlattener flattener;
  dom::parser parser;
  std::map<std::string, std::int64_t, std::less<>> rows;  ///< given so far, by dataset
  std::string item_number, parent_row, scalar;
  std::vector<JsonField> fields;
};

JsonLists::JsonLists() = default;
JsonLists::~JsonLists() = default;

JsonLists::Level& JsonLists::level(std::size_t depth) {
  while (levels_.size() <= depth) levels_.push_back(std::make_unique<Level>());
  return *levels_[depth];
}

bool JsonLists::give(const std::string& dataset, std::string_view object, std::int64_t row, bool with_lists,
                     const Take& take, std::string& problem) {
  if (row == 1) levels_.clear();  // another pass: items are counted anew
  const auto& fields = level(0).flattener.flatten(object, problem);
  if (!problem.empty()) return true;
  if (!take(dataset, "", fields)) return false;
  return !with_lists || give_items(dataset, fields, row, 1, take, problem);
}

bool JsonLists::give_items(const std::string& dataset, const std::vector<JsonField>& record, std::int64_t row,
                           std::size_t depth, const Take& take, std::string& problem) {
  if (depth > depth_max) return true;
  Level& here = level(depth);
  for (const auto& list : record) {
    if (list.kind != JsonKind::nested || !list.text.starts_with('[')) continue;
    dom::array items;
    if (const auto error = here.parser.parse(list.text.data(), list.text.size()).get_array().get(items)) {
      problem = "the list in " + list.name + " is no JSON: " + simdjson::error_message(error);
      return true;
    }
    const std::string name = dataset + "." + list.name;
    std::int64_t number = 0;
    for (const dom::element item : items) {
      here.item_number = std::to_string(++number);
      here.parent_row = std::to_string(row);
      here.scalar = simdjson::minify(item);
      here.fields = {{"parent_row", here.parent_row, JsonKind::integer}};
      for (const auto& field : record) {
        if (is_id(field.name) && field.kind != JsonKind::nested)
          here.fields.push_back({"parent_" + field.name, field.text, field.kind});
      }
      here.fields.push_back({"item", here.item_number, JsonKind::integer});
      // A value is flattened as the object {"value": …}, so texts and numbers are treated in one place.
      const std::string object = item.is_object() ? here.scalar : "{\"value\":" + here.scalar + "}";
      for (const auto& field : here.flattener.flatten(object, problem)) here.fields.push_back(field);
      if (!problem.empty()) return true;
      rename_duplicates(here.fields);
      if (!take(name, dataset, here.fields)) return false;
      const std::int64_t own_row = ++here.rows[name];
      if (!give_items(name, here.fields, own_row, depth + 1, take, problem)) return false;
    }
  }
  return true;
}

}  // namespace trialmill::formats
