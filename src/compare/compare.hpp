// Two datasets (or two folders of them) side by side: what differs in their attributes, records and values.
// What PROC COMPARE tells, for files of any format:
//
//   compare::Options options;
//   options.by["AE"] = {"USUBJID", "AESEQ"};
//   compare::Report report = compare::compare("mine/", "theirs/", options);
//   report.equal()                → false
//   report.datasets[0].variables  → AESEV: 3 values differ …
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "formats/dataset_file.hpp"

namespace trialmill::compare {

struct Options {
  /// Key variables by dataset (upper case); "" = for every dataset. No entry: records are paired by row
  /// number.
  std::map<std::string, std::vector<std::string>> by;
  double tolerance = 0;                   ///< numbers that differ by at most so much are equal
  double relative_tolerance = 0;          ///< the same as a part of the mean of both magnitudes
  bool exact_text = false;                ///< trailing blanks, and null against "", count as differences
  bool attributes = true;                 ///< attribute differences make the result unequal
  std::vector<std::string> ignore, only;  ///< variables left out; the only ones compared
  std::size_t details_max = 50;           ///< differences listed for each variable, rows listed for each side
  std::string memory_limit = "1200MB";
  formats::ReadOptions read;
  std::string member;  ///< of files with several datasets
};

/// A difference in metadata.
struct AttributeDifference {
  std::string kind;      ///< label, type, length, format, order, only_in_base, only_in_other
  std::string variable;  ///< "" = the dataset's own
  std::string base, other;
};

struct ValueDifference {
  std::vector<std::string> key;              ///< values of the key variables
  std::int64_t base_row = 0, other_row = 0;  ///< from 1
  std::string base, other;
  double difference = 0, percent = 0;  ///< other - base; NaN for text
};

struct VariableResult {
  std::string name;
  bool number = false;
  std::int64_t differences = 0;
  double max_difference = 0, max_percent = 0;  ///< of numbers, absolute
  std::vector<ValueDifference> details;
};

/// A record that only one side has.
struct Unpaired {
  std::vector<std::string> key;
  std::int64_t row = 0;
};

struct DatasetResult {
  std::string name;
  std::string side;  ///< both, base, other: where the dataset is
  std::vector<std::string> keys;
  std::int64_t rows_base = 0, rows_other = 0, rows_matched = 0, rows_only_base = 0, rows_only_other = 0;
  std::int64_t rows_differing = 0;
  std::int64_t duplicates_base = 0, duplicates_other = 0;  ///< records beyond the first of their key
  std::vector<AttributeDifference> attributes;
  std::vector<VariableResult> variables;  ///< all that were compared
  std::vector<Unpaired> only_base, only_other;

  bool values_equal() const;
  std::int64_t differences() const;
};

struct Report {
  std::string base, other;
  bool attributes_count = true;
  std::vector<DatasetResult> datasets;
  bool equal() const;
};

/// Errors: those of reading; TM2601 (a key variable that is not there), TM2602 (nothing to compare).
Report compare(const std::filesystem::path& base, const std::filesystem::path& other, const Options& options);

/// One dataset of each file; the names may differ.
DatasetResult compare_datasets(formats::DatasetFile& base, std::size_t base_place,
                               formats::DatasetFile& other, std::size_t other_place, const Options& options);

}  // namespace trialmill::compare
