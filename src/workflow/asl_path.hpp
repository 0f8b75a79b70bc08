// JSONPath as the States Language uses it (the Jayway dialect): names, indexes, slices, wildcards, unions,
// recursive descent and filters.
//
// A *definite* path ($.a.b[0]) names at most one place; any other one selects a list, possibly empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace trialmill::workflow::asl {

using base::Json;

struct PathStep {
  enum class Kind { name, index, slice, wildcard, names, indexes, filter, descend };
  Kind kind = Kind::name;
  std::string name;  ///< name; filter: the text between ?( and )
  std::vector<std::string> names;
  std::vector<long> numbers;         ///< index, indexes
  std::optional<long> from, to, by;  ///< slice
};

struct Path {
  std::string text;
  std::vector<PathStep> steps;
  bool definite = true;
};

/// Parses the part after the root symbol, e.g. ".a[0]" of "$.a[0]". Throws std::invalid_argument with a
/// sentence.
Path parse_path(std::string_view text);

/// Definite: the value or nullopt. Otherwise a list of all matches.
std::optional<Json> select(const Path& path, const Json& root);

/// Puts `value` where a reference path ($.a.b, $.a[0]) points, making objects on the way. Throws TaskError
/// States.ResultPathMatchFailure when the place cannot exist.
void put(const Path& path, Json& root, Json value);

/// Equality by value: the order of an object's keys does not count, 1 equals 1.0.
bool same_value(const Json& a, const Json& b);

}  // namespace trialmill::workflow::asl
