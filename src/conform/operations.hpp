// Operations: values computed before a rule's check, added to its table as a column $id.
#pragma once

#include "conform/operators.hpp"

namespace trialmill::conform {

bool knows_operation(const std::string& name);
/// Operations of the rule language that are not evaluated, with the reason.
const std::map<std::string, std::string>& operations_not_executable();
/// True for operations whose result is not the column $id but several, $id_name and so on.
bool adds_several_columns(const Operation& operation);

/// Computes one operation and adds its column. Throws SkipDataset when a dataset it needs is absent.
void add_operation(Table& table, const Operation& operation, const Dataset& dataset, const Data& data);

/// Joins what `Match Datasets` names to the table (merge.cpp). `referenced` are all names the rule uses.
void merge_dataset(Table& table, const Match& match, const Dataset& dataset, const Data& data,
                   const std::vector<std::string>& referenced);

}  // namespace trialmill::conform
