// The tables that rules run over: columns, not rows. Texts are dictionary-encoded, so that an operator looks
// at every distinct value once and then only maps codes to bits; numbers are plain doubles with NaN for null.
// Columns are immutable and shared: merging and adding operation results copies no cell content.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conform/value.hpp"

namespace trialmill::conform {

/// One byte a row: 1 = the condition holds.
using Mask = std::vector<std::uint8_t>;
using Rows = std::vector<std::uint32_t>;
inline constexpr std::uint32_t no_row = UINT32_MAX;

class Column {
 public:
  /// Every distinct value once; codes index the dictionary, whose entry 0 is null.
  Column(std::vector<std::uint32_t> codes, std::shared_ptr<const std::vector<Value>> dictionary)
      : codes_(std::move(codes)), dictionary_(std::move(dictionary)) {}
  Column(std::vector<double> numbers, bool integral)
      : numeric_(true), integral_(integral), numbers_(std::move(numbers)) {}
  static std::shared_ptr<const Column> constant(Value value, std::size_t rows);
  static std::shared_ptr<const Column> of(const std::vector<Value>& values);

  std::size_t size() const { return numeric_ ? numbers_.size() : codes_.size(); }
  bool numeric() const { return numeric_; }
  bool integral() const { return integral_; }
  Cell at(std::size_t row) const {
    if (!numeric_) return {(*dictionary_)[codes_[row]]};
    const double number = numbers_[row];
    return std::isnan(number) ? Cell() : Cell(integral_ ? Kind::integer : Kind::number, number);
  }
  Value value(std::size_t row) const;
  /// The rows named, in that order; no_row gives null.
  std::shared_ptr<const Column> gather(const Rows& rows) const;
  /// One small number a row, equal for equal values: what grouping and joining work with.
  std::vector<std::uint32_t> group_codes() const;

  /// Evaluates `test` once for each distinct value (numbers: for each row).
  template <typename Test>
  Mask map(Test test) const {
    Mask mask(size());
    if (numeric_) {
      for (std::size_t row = 0; row < mask.size(); ++row) mask[row] = test(at(row)) ? 1 : 0;
      return mask;
    }
    // Values nobody uses (after gather) are not looked at: tests may be dear.
    std::vector<std::int8_t> answer(dictionary_->size(), -1);
    for (std::size_t row = 0; row < mask.size(); ++row) {
      std::int8_t& known = answer[codes_[row]];
      if (known < 0) known = test(Cell((*dictionary_)[codes_[row]])) ? 1 : 0;
      mask[row] = static_cast<std::uint8_t>(known);
    }
    return mask;
  }

 private:
  bool numeric_ = false, integral_ = false;
  std::vector<double> numbers_;
  std::vector<std::uint32_t> codes_;
  std::shared_ptr<const std::vector<Value>> dictionary_;
};

using ColumnPtr = std::shared_ptr<const Column>;

/// Collects texts into a dictionary-encoded column.
class TextColumnBuilder {
 public:
  void add(std::string_view text);  ///< "" is null
  void add_value(const Value& value);
  ColumnPtr finish();

 private:
  std::uint32_t code_of(std::string_view text);
  std::vector<std::uint32_t> codes_;
  std::vector<Value> dictionary_{Value{}};
  std::unordered_map<std::string, std::uint32_t> known_;
};

/// Named columns of equal length. `record` is the row in the file or table the row came from, counted from 1;
/// `part` says which file of a split dataset that is.
struct Frame {
  std::vector<std::pair<std::string, ColumnPtr>> columns;
  std::size_t rows = 0;
  Rows record;
  std::vector<std::uint16_t> part;

  const Column* find(std::string_view name) const;
  void set(const std::string& name, ColumnPtr column);  ///< replaces a column of that name
  std::vector<std::string> names() const;
  Frame gather(const Rows& which) const;
};

/// Frames below each other; a column that one lacks is null there.
Frame concatenate(const std::vector<const Frame*>& frames);

/// Group number of every row over several columns (equal nulls group together), counted from 0 in order of
/// first appearance.
struct Grouping {
  std::vector<std::uint32_t> group;
  std::size_t count = 0;
};
Grouping group_rows(const std::vector<const Column*>& columns, std::size_t rows);

}  // namespace trialmill::conform
