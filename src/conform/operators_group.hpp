// Operators that look at several rows together: uniqueness, consistency, order. Parts of operators.hpp's
// table.
#pragma once

#include "conform/operators.hpp"

namespace trialmill::conform {

Mask is_not_unique_set(const Table& table, const Condition& condition);
Mask is_not_unique_relationship(const Table& table, const Condition& condition);
Mask is_inconsistent_across_dataset(const Table& table, const Condition& condition);
Mask present_on_multiple_rows_within(const Table& table, const Condition& condition);
Mask empty_within_except_last_row(const Table& table, const Condition& condition);
Mask does_not_have_next_corresponding_record(const Table& table, const Condition& condition);
Mask target_is_not_sorted_by(const Table& table, const Condition& condition);

/// Names in a value: a text, a list, or columns $id whose cells are lists of names.
std::vector<std::string> names_in(const Table& table, const Value& value);
/// Texts cut to what a regular expression matches (those without a match stay whole).
ColumnPtr cut_by_regex(const Column& column, const std::string& regex);

}  // namespace trialmill::conform
