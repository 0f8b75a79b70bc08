// The metadata of Dataset-JSON 1.1, written in the order of the standard.
#include <algorithm>

#include "base/error.hpp"
#include "base/version.hpp"
#include "formats/dataset_json_head.hpp"
#include "formats/json_text.hpp"

namespace trialmill::formats {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Two digits from `low` to `high`.
bool has_number(std::string_view text, std::size_t at, int low, int high) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return false;
  const int value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return value >= low && value <= high;
}

bool has(std::string_view text, std::size_t at, char c) {
  return at < text.size() && text[at] == c;
}

void member(std::string& out, const char* name, const std::string& text) {
  out += out.back() == '{' ? "\"" : ",\"";
  out += std::string(name) + "\":";
  append_json_text(out, text);
}

void member_unless_empty(std::string& out, const char* name, const std::string& text) {
  if (!text.empty()) member(out, name, text);
}

void member(std::string& out, const char* name, std::int64_t number) {
  out += std::string(",\"") + name + "\":" + std::to_string(number);
}

std::string attribute(const DatasetMeta& meta, const std::string& name, const std::string& fallback) {
  const auto found = meta.attributes.find(name);
  return found == meta.attributes.end() ? fallback : found->second;
}

/// The type under which a number travels: as the source declares it where its values allow, else integer if
/// all values are.
std::string number_type(const Variable& variable, bool fractions, bool rows) {
  const std::string& declared = variable.declared_type;
  const bool whole = variable.type == ValueType::integer || variable.type == ValueType::floating;
  if (!whole) return std::string(name_of(variable.type));
  if (declared == "float" || declared == "double") return declared;
  if (fractions) return "float";
  return rows || variable.type == ValueType::integer ? "integer" : "float";
}

std::string column(const DatasetMeta& meta, const Variable& variable, bool fractions, bool rows,
                   NoteCollector& notes) {
  std::string out = "{";
  member(out, "itemOID",
         variable.item_oid.empty() ? "IT." + meta.name + "." + variable.name : variable.item_oid);
  member(out, "name", variable.name);
  member(out, "label", variable.label);
  const bool number = variable.storage == Storage::number;
  std::string type = number ? number_type(variable, fractions, rows) : std::string(name_of(variable.type));
  if (!number && (type == "integer" || type == "float" || type == "boolean")) {
    notes.add({.dataset = meta.name,
               .variable = variable.name,
               .value = type,
               .message = "values held as text travel as string"});
    type = "string";
  }
  member(out, "dataType", type);
  if (number && (type == "date" || type == "time" || type == "datetime"))
    member(out, "targetDataType", "integer");
  if (type == "decimal") member(out, "targetDataType", "decimal");
  // The bytes of a SAS number say nothing here; a length that Dataset-JSON states itself stays.
  if (variable.length > 0 && (!number || !variable.declared_type.empty()))
    member(out, "length", variable.length);
  member_unless_empty(out, "displayFormat", variable.format);
  if (variable.key_sequence > 0) member(out, "keySequence", variable.key_sequence);
  return out + "}";
}

/// The time that goes out: by the options, else the source's if the standard takes it.
std::string modified_of(const DatasetMeta& meta, const WriteOptions& options, NoteCollector& notes) {
  if (!options.modified.empty()) return options.modified;
  if (meta.modified.empty() || is_dataset_json_time(meta.modified)) return meta.modified;
  notes.add({.dataset = meta.name,
             .value = meta.modified,
             .message = "the time of modification is no date and time and is left out"});
  return "";
}

}  // namespace

bool is_dataset_json_time(std::string_view text) {
  if (!has_number(text, 0, 0, 99) || !has_number(text, 2, 0, 99) || !has(text, 4, '-') ||
      !has_number(text, 5, 1, 12) || !has(text, 7, '-') || !has_number(text, 8, 1, 31) ||
      !has(text, 10, 'T') || !has_number(text, 11, 0, 23) || !has(text, 13, ':') ||
      !has_number(text, 14, 0, 59) || !has(text, 16, ':') || !has_number(text, 17, 0, 59))
    return false;
  text.remove_prefix(19);
  if (has(text, 0, '.')) {
    const auto end = std::find_if_not(text.begin() + 1, text.end(), is_digit);
    if (end == text.begin() + 1) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  }
  if (text.empty() || text == "Z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && has_number(text, 1, 0, 23) &&
         text[3] == ':' && has_number(text, 4, 0, 59);
}

void check_dataset_json_times(const WriteOptions& options) {
  for (const std::string* time : {&options.created, &options.modified}) {
    if (is_dataset_json_time(*time) || (time->empty() && time == &options.modified)) continue;
    throw base::usage_error("TM1328", "'" + *time + "' is not a time that Dataset-JSON takes", {},
                            "write it like 2024-01-31T08:15:00, a time zone behind it if wanted");
  }
}

std::string dataset_json_head(const DatasetMeta& meta, const WriteOptions& options, std::int64_t records,
                              const std::vector<bool>& fractions, NoteCollector& notes) {
  std::string out = "{";
  member(out, "datasetJSONCreationDateTime", options.created);
  member(out, "datasetJSONVersion", "1.1.0");
  member_unless_empty(out, "fileOID", attribute(meta, "fileOID", ""));
  member_unless_empty(out, "dbLastModifiedDateTime", modified_of(meta, options, notes));
  member_unless_empty(out, "originator", attribute(meta, "originator", options.originator));
  const std::string version =
      options.source_version.empty() ? std::string(base::program_version) : options.source_version;
  // Name and version belong together: never one of the source with one of ours.
  const bool own = !meta.attributes.contains("sourceSystem.name");
  out += ",\"sourceSystem\":{";
  member(out, "name", attribute(meta, "sourceSystem.name", options.source_system));
  member(out, "version", own ? version : attribute(meta, "sourceSystem.version", ""));
  out += '}';
  for (const char* name : {"studyOID", "metaDataVersionOID", "metaDataRef"})
    member_unless_empty(out, name, attribute(meta, name, ""));
  member(out, "itemGroupOID", attribute(meta, "itemGroupOID", "IG." + meta.name));
  member(out, "records", records);
  member(out, "name", meta.name);
  member(out, "label", meta.label);
  out += ",\"columns\":[";
  for (std::size_t c = 0; c < meta.variables.size(); ++c) {
    if (c > 0) out += ',';
    out += column(meta, meta.variables[c], fractions[c], records > 0, notes);
  }
  return out + "]}";
}

}  // namespace trialmill::formats
