// Where a state's values come from: its input, the context object ($$) and variables ($name); payload
// templates
// ("key.$": path or intrinsic) and the intrinsic functions.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"

namespace trialmill::workflow::asl {

using base::Json;

/// The three roots that expressions may read.
struct Scope {
  const Json& input;
  const Json& context;
  const Json& variables;
};

/// Value of "$.a", "$$.Execution.Id" or "$name.b"; nullopt if a definite path finds nothing.
/// Throws TaskError States.Runtime for a path that cannot be read.
std::optional<Json> find(const std::string& path, const Scope& scope);

/// Same, but nothing found is TaskError States.Runtime "Invalid path …".
Json get(const std::string& path, const Scope& scope);

/// A path or an intrinsic call ("States.Format('{}', $.a)").
Json evaluate(const std::string& expression, const Scope& scope);

/// Fills in a payload template: keys that end in ".$" are evaluated, everything else is copied.
Json fill(const Json& payload, const Scope& scope);

/// "" if the expression is readable (path, variable, intrinsic with known name), else a sentence why not.
std::string check_expression(const std::string& expression);

}  // namespace trialmill::workflow::asl
