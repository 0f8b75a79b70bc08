// The 18 intrinsic functions of the States Language.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace trialmill::workflow::asl {

/// Calls `name` ("States.Format"). Wrong arguments are TaskError States.IntrinsicFailure.
base::Json call_intrinsic(const std::string& name, const std::vector<base::Json>& arguments);
bool is_intrinsic(const std::string& name);

}  // namespace trialmill::workflow::asl
