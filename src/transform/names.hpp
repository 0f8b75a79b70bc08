// Finds the names in a user's SQL and puts the internal ones in their place.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace trialmill::transform {

/// Called for each name outside of quotes and comments: `first` or `first.second` ("" if there is no second).
/// A returned text replaces it.
using RenameName =
    std::function<std::optional<std::string>(const std::string& first, const std::string& second)>;

/// What stands after `first.` in the SQL, e.g. the datasets it reads as sdtm.NAME; also quoted.
std::set<std::string> names_in(std::string_view sql, const std::string& first);

std::string rename_names(std::string_view sql, const RenameName& rename);

}  // namespace trialmill::transform
