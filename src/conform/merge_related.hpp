// Match Datasets without plain keys: supplemental qualifiers as variables, and records related by RELREC.
#pragma once

#include "conform/operators.hpp"

namespace trialmill::conform {

/// Adds one column for each QNAM of a SUPP dataset, holding QVAL on the records it belongs to (left join by
/// subject and, where IDVAR is given, by IDVARVAL). A QNAM that the dataset has itself becomes QNAM_supp.
/// Throws ExecutionError if two records of one QNAM belong to the same record.
void merge_qualifiers(Table& table, const Part& supplement);

/// Replaces the table by the pairs of its records with the records RELREC relates them to. Columns of the
/// related records are called RELREC.NAME; for variables of the SDTM model the domain prefix is replaced by
/// the rule's wildcard ("**": RELREC.**TERM). Throws SkipDataset if no record is related.
void merge_related_records(Table& table, const Match& match, const Dataset& dataset, const Data& data);

}  // namespace trialmill::conform
