#include "base/json.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace trialmill::base {

void add_error(Json& out, const Error& error) {
  const auto one = [](const Error& each) {
    return Json{{"code", each.code()},
                {"message", each.message()},
                {"place", each.place().text()},
                {"hint", each.hint()}};
  };
  out["error"] = one(error);
  for (const auto& each : error.all()) out["errors"].push_back(one(each));
}

Json parse_json(std::string_view text, const std::string& name) {
  constexpr int depth_max = 100;
  bool too_deep = false;
  const Json::parser_callback_t guard = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > depth_max) too_deep = true;
    return !too_deep;
  };
  try {
    Json value = Json::parse(text.begin(), text.end(), guard);
    if (too_deep) throw usage_error("TM1009", "JSON is nested deeper than 100 levels", {name});
    return value;
  } catch (const Json::parse_error& error) {
    int line = 1;
    const std::size_t end = std::min<std::size_t>(error.byte, text.size());
    for (std::size_t i = 0; i < end; ++i) line += text[i] == '\n';
    throw usage_error(
        "TM1008", "not valid JSON near byte " + std::to_string(error.byte), {name, line},
        "the part before that place is well-formed; look for a missing quote, comma or bracket");
  } catch (const Json::exception& error) {
    // A number beyond what a double holds is no parse error of the library's.
    throw usage_error("TM1008", std::string("not usable JSON: ") + error.what(), {name});
  }
}

std::string dump_json(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void append_json_text(std::string& out, std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c != '"' && c != '\\' && c != 0x7F; });
  if (!plain) {
    out += dump_json(Json(text), -1);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

}  // namespace trialmill::base
