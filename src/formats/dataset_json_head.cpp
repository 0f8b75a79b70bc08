#include "formats/dataset_json_head.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::formats {
namespace {

using base::Json;

constexpr std::array<std::string_view, 14> known_members{"datasetJSONCreationDateTime",
                                                         "datasetJSONVersion",
                                                         "fileOID",
                                                         "dbLastModifiedDateTime",
                                                         "originator",
                                                         "sourceSystem",
                                                         "studyOID",
                                                         "metaDataVersionOID",
                                                         "metaDataRef",
                                                         "itemGroupOID",
                                                         "records",
                                                         "name",
                                                         "label",
                                                         "columns"};
constexpr std::array<std::string_view, 8> known_column_members{
    "itemOID", "name", "label", "dataType", "targetDataType", "length", "displayFormat", "keySequence"};
/// Kept under their own names.
constexpr std::array<const char*, 6> kept_attributes{"fileOID",     "originator",         "studyOID",
                                                     "metaDataRef", "metaDataVersionOID", "itemGroupOID"};

std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

int integer_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  const auto value = found->get<std::int64_t>();
  return value > 0 && value <= 1'000'000'000 ? static_cast<int>(value) : 0;
}

/// dataType, and targetDataType for numbers that travel as text.
void set_type(Variable& variable, const std::string& type, const std::string& target) {
  const auto number = [&](ValueType meaning) {
    variable.storage = Storage::number;
    variable.type = meaning;
  };
  if (type == "integer") number(ValueType::integer);
  if (type == "float" || type == "double") number(ValueType::floating);
  if (type == "boolean") number(ValueType::boolean);
  if (type == "decimal") variable.type = ValueType::decimal;
  if (type == "URI") variable.type = ValueType::uri;
  for (const ValueType meaning : {ValueType::date, ValueType::time, ValueType::datetime}) {
    if (type != name_of(meaning)) continue;
    variable.type = meaning;
    if (target == "integer") variable.storage = Storage::number;
  }
}

void note_attribute(const DatasetMeta& meta, const std::string& variable, const std::string& value,
                    const std::string& message, NoteCollector& notes) {
  notes.add({.kind = FormatNote::Kind::attribute,
             .dataset = meta.name,
             .variable = variable,
             .value = value,
             .message = message});
}

template <class Known>
void note_unknown_members(const Json& object, const Known& known, const DatasetMeta& meta,
                          const std::string& variable, NoteCollector& notes) {
  std::vector<std::string> unknown;
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, std::string_view(key)) == known.end() && key != "rows")
      unknown.push_back(key);
  }
  if (!unknown.empty())
    note_attribute(meta, variable, base::join(unknown, ", "), "members that the standard does not know",
                   notes);
}

Variable read_column(const Json& column, const DatasetMeta& meta, NoteCollector& notes) {
  Variable variable;
  variable.name = text_of(column, "name");
  if (variable.name.empty()) return variable;
  variable.label = text_of(column, "label");
  variable.item_oid = text_of(column, "itemOID");
  variable.length = integer_of(column, "length");
  variable.format = text_of(column, "displayFormat");
  variable.key_sequence = integer_of(column, "keySequence");
  variable.declared_type = text_of(column, "dataType");
  const std::string target = text_of(column, "targetDataType");
  set_type(variable, variable.declared_type, target);
  const bool counted = variable.storage == Storage::number && target == "integer";
  if (variable.declared_type.empty())
    note_attribute(meta, variable.name, "", "the column has no dataType; it is read as text", notes);
  else if (!target.empty() && !counted && !(target == "decimal" && variable.type == ValueType::decimal))
    note_attribute(meta, variable.name, target, "the targetDataType does not go with the dataType", notes);
  note_unknown_members(column, known_column_members, meta, variable.name, notes);
  return variable;
}

}  // namespace

DatasetJsonHead read_dataset_json_head(const Json& head, const std::string& file, NoteCollector& notes) {
  const auto refuse = [&](const std::string& what) {
    return base::Error("TM1330", "not Dataset-JSON 1.1: " + what, {file}, "see docs/formats/dataset-json.md");
  };
  if (!head.is_object()) throw refuse("it does not start with an object");
  if (!text_of(head, "datasetJSONVersion").starts_with("1.1")) throw refuse("datasetJSONVersion is not 1.1");
  const auto columns = head.find("columns");
  if (columns == head.end() || !columns->is_array()) throw refuse("`columns` is missing");
  DatasetJsonHead out;
  DatasetMeta& meta = out.meta;
  meta.name = text_of(head, "name");
  meta.label = text_of(head, "label");
  meta.encoding = "utf-8";
  meta.created = text_of(head, "datasetJSONCreationDateTime");
  meta.modified = text_of(head, "dbLastModifiedDateTime");
  if (const auto records = head.find("records"); records != head.end() && records->is_number_unsigned())
    meta.rows = records->get<std::int64_t>();
  for (const char* key : kept_attributes) {
    if (const auto value = text_of(head, key); !value.empty()) meta.attributes[key] = value;
  }
  if (const auto system = head.find("sourceSystem"); system != head.end()) {
    for (const char* key : {"name", "version"}) {
      if (const auto value = text_of(*system, key); !value.empty())
        meta.attributes[std::string("sourceSystem.") + key] = value;
    }
  }
  note_unknown_members(head, known_members, meta, "", notes);
  for (const Json& column : *columns) {
    meta.variables.push_back(read_column(column, meta, notes));
    if (meta.variables.back().name.empty()) throw refuse("a column has no name");
    out.untyped.push_back(meta.variables.back().declared_type.empty());
  }
  return out;
}

}  // namespace trialmill::formats
