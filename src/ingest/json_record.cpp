#include "ingest/json_record.hpp"

#include <simdjson.h>

#include <algorithm>

#include "base/text.hpp"

namespace trialmill::ingest {

namespace ondemand = simdjson::ondemand;

namespace {

constexpr int depth_max = 100;

/// What is wrong with the record.
struct Problem {
  const char* why;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// RFC 8259, section 6. The library leaves numbers unread unless they are converted, and converting would
/// change text.
bool is_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const bool zero = at < text.size() && text[at] == '0';
  if (zero ? (++at, false) : !digits()) return false;
  if (at < text.size() && text[at] == '.' && (++at, !digits())) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

std::string_view checked_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) throw Problem{"a NUL character"};
  return text;
}

std::string scalar_text(ondemand::value value) {
  switch (value.type()) {
    case ondemand::json_type::string:
      return std::string(checked_text(value.get_string()));
    case ondemand::json_type::boolean:
      return value.get_bool() ? "true" : "false";
    case ondemand::json_type::null:
      if (!value.is_null()) throw Problem{"not valid JSON"};
      return "";
    default: {
      const std::string_view number = base::trim(value.raw_json_token());
      if (!is_number(number)) throw Problem{"not valid JSON: a malformed number"};
      return std::string(number);
    }
  }
}

/// The value as JSON without white space, every part of it checked.
void append_json(ondemand::value value, int depth, std::string& out) {
  if (depth > depth_max) throw Problem{"nested deeper than 100 levels"};
  bool first = true;
  switch (value.type()) {
    case ondemand::json_type::object:
      out += '{';
      for (auto field : value.get_object()) {
        if (!first) out += ',';
        first = false;
        const char* key = field.key().raw();
        checked_text(field.unescaped_key());
        const char* end = key;
        for (; *end != '"'; ++end) end += *end == '\\';
        out.append(key - 1, end + 1).append(":");
        append_json(field.value(), depth + 1, out);
      }
      out += '}';
      return;
    case ondemand::json_type::array:
      out += '[';
      for (auto element : value.get_array()) {
        if (!first) out += ',';
        first = false;
        append_json(element.value(), depth + 1, out);
      }
      out += ']';
      return;
    default:
      out += base::trim(value.raw_json_token());
      scalar_text(value);
  }
}

/// The value of a field as a raw table holds it.
std::string field_text(ondemand::value value, int depth) {
  const auto type = value.type().value();
  if (type != ondemand::json_type::object && type != ondemand::json_type::array) return scalar_text(value);
  std::string text;
  append_json(value, depth, text);
  return text;
}

void read_fields(ondemand::object record, JsonFields& out) {
  for (auto field : record) {
    std::string name(checked_text(field.unescaped_key()));
    if (name.empty()) throw Problem{"a key without a name"};
    ondemand::value value = field.value();
    if (value.type() != ondemand::json_type::object) {
      out.values.emplace_back(std::move(name), field_text(value, 2));
      continue;
    }
    for (auto inner : value.get_object()) {
      std::string joined = name + "_" + std::string(checked_text(inner.unescaped_key()));
      out.values.emplace_back(std::move(joined), field_text(inner.value(), 3));
    }
  }
}

}  // namespace

struct JsonRecordReader::State {
  ondemand::parser parser;
  std::string padded;
  JsonFields fields;
};

JsonRecordReader::JsonRecordReader() : state_(std::make_unique<State>()) {}
JsonRecordReader::~JsonRecordReader() = default;

const JsonFields& JsonRecordReader::read(std::string_view text) {
  JsonFields& out = state_->fields;
  out.values.clear();
  out.problem.clear();
  state_->padded.assign(text);
  state_->padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  try {
    ondemand::document document = state_->parser.iterate(state_->padded);
    if (document.type() != ondemand::json_type::object) {
      out.problem = "not a JSON object";
    } else {
      read_fields(document.get_object(), out);
      if (!document.current_location().error()) out.problem = "text after the end of the JSON";
    }
  } catch (const simdjson::simdjson_error& error) {
    out.problem = std::string("not valid JSON: ") + error.what();
  } catch (const Problem& problem) {
    out.problem = problem.why;
  }
  if (!out.problem.empty()) out.values.clear();
  return out;
}

}  // namespace trialmill::ingest
