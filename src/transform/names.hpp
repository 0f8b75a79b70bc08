// Finds the names in a user's SQL and puts the internal ones in their place.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trialmill::transform {

/// Called for each name outside of quotes and comments: `first` or `first.second` ("" if there is no second).
/// A returned text replaces it.
using RenameName =
    std::function<std::optional<std::string>(const std::string& first, const std::string& second)>;

/// What stands after `first.` in the SQL, e.g. the datasets it reads as sdtm.NAME; also quoted.
std::set<std::string> names_in(std::string_view sql, const std::string& first);

/// A part of the SQL with tables of its own, between the parentheses at `begin` and `end`. Its names are
/// those tables' first, whatever they would mean outside.
struct Subquery {
  std::size_t begin = 0, end = 0;
  std::vector<std::pair<std::string, std::string>> tables;  ///< {"sdtm", "EX"}, {"", "name"}
  std::set<std::string> aliases;                            ///< of tables, in lower case
  std::set<std::string> columns;  ///< of tables that are made in it (AS), lower case
};

/// The subqueries of an expression, outer ones first.
std::vector<Subquery> subqueries_in(std::string_view sql);

/// Names that are columns or aliases of a subquery around them stay as they are. The columns of its `tables`
/// are for the caller to add.
std::string rename_names(std::string_view sql, const RenameName& rename,
                         const std::vector<Subquery>& subqueries = {});

}  // namespace trialmill::transform
