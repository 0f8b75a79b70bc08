// The operators of conditions: functions over columns that give one bit a row.
#pragma once

#include <map>
#include <string>

#include "conform/dataset.hpp"
#include "conform/rule.hpp"

namespace trialmill::conform {

/// A column that a condition needs is not there: inside `any` that branch is dropped, else the dataset is
/// skipped.
struct MissingColumn {
  std::string name;
};
/// The rule cannot run on this dataset for the reason given.
struct SkipDataset {
  std::string reason;
};
/// The rule broke on this dataset: reported as an issue EXECUTION_ERROR.
struct ExecutionError {
  std::string message;
};

/// What a condition is evaluated on: the table, and what stands for "--".
struct Table {
  Frame frame;
  std::string prefix;
  bool columns_are_domains = false;  ///< Domain Presence: exists asks for a dataset
  const Dataset* dataset = nullptr;  ///< where it came from, for what the guide says; may be unknown
  const Data* data = nullptr;

  /// `name` with leading dashes replaced.
  std::string expand(const std::string& name) const;
  const Column& column(const std::string& name) const;  ///< expanded; throws MissingColumn
};

using Operator = Mask (*)(const Table&, const Condition&);

struct OperatorInfo {
  Operator function = nullptr;
  const char* summary = "";   ///< when it is true, in one line
  bool whole_column = false;  ///< a row's bit depends on other rows, or a numeric column breaks it
};
using OperatorTable = std::map<std::string, OperatorInfo>;

/// All operators that are evaluated, by name.
const OperatorTable& operators();
/// The operator of that name, or nullptr.
Operator find_operator(const std::string& name);

/// The whole check. Throws MissingColumn, ExecutionError.
Mask evaluate(const Table& table, const Check& check);

}  // namespace trialmill::conform
