// Helpers of everything that works on named columns or groups of rows.
#pragma once

#include "conform/operators.hpp"

namespace trialmill::conform {

/// The columns of that name; throws MissingColumn.
std::vector<const Column*> columns_of(const Table& table, const std::vector<std::string>& names);
/// Names in a value: a text, a list, or columns $id whose cells are lists of names.
std::vector<std::string> names_in(const Table& table, const Value& value);
/// Texts cut to what a regular expression matches, or to its first group (those without a match stay whole).
ColumnPtr cut_by_regex(const Column& column, const std::string& regex);

}  // namespace trialmill::conform
