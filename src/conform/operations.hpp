// Operations: values computed before a rule's check, added to its table as a column $id.
#pragma once

#include "conform/operators.hpp"

namespace trialmill::conform {

bool knows_operation(const std::string& name);

/// Computes one operation and adds its column. Throws SkipDataset when a dataset it needs is absent.
void add_operation(Table& table, const Operation& operation, const Dataset& dataset, const Data& data);

/// Joins what `Match Datasets` names to the table (merge.cpp). `referenced` are all names the rule uses.
void merge_dataset(Table& table, const Match& match, const Dataset& dataset, const Data& data,
                   const std::vector<std::string>& referenced);

}  // namespace trialmill::conform
