// What the operations share: the call, the table they look at, and bringing results to the rule's rows.
#pragma once

#include <functional>
#include <map>

#include "conform/operations.hpp"

namespace trialmill::conform {

/// One operation on one dataset.
struct Call {
  Table& table;
  const Operation& operation;
  const Dataset& dataset;
  const Data& data;
  std::string domain() const { return operation.domain.empty() ? dataset.domain : operation.domain; }
};

/// The table an operation looks at: the rule's own one if it is of that domain, else the first file of it.
/// Throws SkipDataset if there is none.
Table table_of(const Call& call);
/// Adds the result column: one value for all rows.
void broadcast(const Call& call, Value value);
/// Adds the result column: one value of `values` for each row, by code.
void add_coded(const Call& call, std::vector<std::uint32_t> codes, std::vector<Value> values);
/// Computes one value for each group of the operation's table, from its rows that pass the operation's
/// filter, and brings it to the rule's rows by the group columns; `absent` where there is no such group.
void grouped(const Call& call, const Table& source, const std::function<Value(const Rows&)>& value_of,
             const Value& absent);
/// The guide's tables; throws SkipDataset if we do not hold them.
const standards::SdtmIg& guide(const Call& call);

struct OperationInfo {
  void (*function)(const Call&) = nullptr;
  const char* summary = "";  ///< the result, in one line
};
using OperationTable = std::map<std::string, OperationInfo>;

/// All operations that are evaluated, by name.
const OperationTable& operations();

// The parts of the table of operations, by idea.
void add_data_operations(OperationTable& operations);         ///< values of records
void add_study_operations(OperationTable& operations);        ///< which datasets and variables there are
void add_library_operations(OperationTable& operations);      ///< what the guide and the model say
void add_terminology_operations(OperationTable& operations);  ///< controlled terminology and Define-XML

}  // namespace trialmill::conform
