// JSON values (nlohmann, keys keep their order) and a reader whose errors are our Errors.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace trialmill::base {

using Json = nlohmann::ordered_json;

/// Parses `text`; `name` (a file or what the text is) is used in the Error TM1008. Depth is limited to 100
/// levels.
Json parse_json(std::string_view text, const std::string& name);

/// Text of a value; invalid UTF-8 is replaced by U+FFFD instead of throwing. indent < 0: one line.
std::string dump_json(const Json& value, int indent = 2);

class Error;

/// Adds `error` (code, message, place, hint) to an object and, where several were found together, the list of
/// all as `errors`.
void add_error(Json& out, const Error& error);

/// Adds a text as a JSON string, quotes included; the same bytes as dump_json. For long lists, where building
/// values first would take most of the time.
void append_json_text(std::string& out, std::string_view text);

}  // namespace trialmill::base
