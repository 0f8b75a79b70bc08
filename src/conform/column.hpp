// One column of the tables that rules run over. Texts are dictionary-encoded, so that an operator looks at
// every distinct value once and then only maps codes to bits; numbers are plain doubles with NaN for null.
// A column is immutable and shared between tables and threads. Its content may be made on first use: columns
// of files that no rule refers to are never read, rows picked by a join are only copied where a rule looks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conform/dates.hpp"
#include "conform/value.hpp"

namespace trialmill::conform {

/// One byte a row: 1 = the condition holds.
using Mask = std::vector<std::uint8_t>;
using Rows = std::vector<std::uint32_t>;
inline constexpr std::uint32_t no_row = UINT32_MAX;

/// The values of a column, entry 0 null; shared by all columns that were picked from it.
class Dictionary {
 public:
  /// `distinct`: no value occurs twice.
  Dictionary(std::vector<Value> values, bool distinct) : values_(std::move(values)), distinct_(distinct) {}

  std::size_t size() const { return values_.size(); }
  const Value& operator[](std::size_t code) const { return values_[code]; }
  /// For every entry the first entry with an equal value; empty if all are distinct anyway.
  const std::vector<std::uint32_t>& first_equal() const;
  /// Position of every entry in the order nulls last, numbers by value, texts bytewise; equal entries share
  /// it.
  const std::vector<std::uint32_t>& ranks() const;
  /// parse_date() of every text entry, made once.
  const std::optional<PartialDate>& date(std::size_t code) const;

 private:
  std::vector<Value> values_;
  bool distinct_;
  mutable std::once_flag first_equal_made_, ranks_made_, dates_made_;
  mutable std::vector<std::uint32_t> first_equal_, ranks_;
  mutable std::vector<std::optional<PartialDate>> dates_;
};

class Column;
using ColumnPtr = std::shared_ptr<const Column>;

class Column : public std::enable_shared_from_this<Column> {
 public:
  /// What a column holds: either codes into the dictionary or numbers (integral: whole ones, printed so).
  struct Content {
    std::vector<std::uint32_t> codes;
    std::shared_ptr<const Dictionary> dictionary;
    std::vector<double> numbers;
    bool integral = false;
  };

  Column(std::vector<std::uint32_t> codes, std::shared_ptr<const Dictionary> dictionary);
  Column(std::vector<double> numbers, bool integral);
  /// Content made by `make` when first looked at; what it throws reaches whoever looks, each time.
  Column(std::size_t rows, bool numeric, std::function<Content()> make);
  static ColumnPtr constant(Value value, std::size_t rows);
  static ColumnPtr of(const std::vector<Value>& values);

  std::size_t size() const { return rows_; }
  bool numeric() const { return numeric_; }
  bool integral() const { return content().integral; }
  Cell at(std::size_t row) const {
    const Content& in = content();
    if (!numeric_) return {(*in.dictionary)[in.codes[row]]};
    const double number = in.numbers[row];
    return std::isnan(number) ? Cell() : Cell(in.integral ? Kind::integer : Kind::number, number);
  }
  Value value(std::size_t row) const;
  /// Of a column that is not numeric.
  const std::vector<std::uint32_t>& codes() const { return content().codes; }
  const Dictionary& dictionary() const { return *content().dictionary; }
  /// Of a numeric column; NaN is null.
  const std::vector<double>& numbers() const { return content().numbers; }
  /// True if all rows hold the same dictionary entry (and there is a row).
  bool is_constant() const;

  /// The rows named, in that order; no_row gives null. The copy is made when first looked at.
  ColumnPtr gather(std::shared_ptr<const Rows> rows) const;
  ColumnPtr gather(Rows rows) const { return gather(std::make_shared<const Rows>(std::move(rows))); }
  /// One small number a row, equal for equal values, 0 for null: what grouping works with.
  std::vector<std::uint32_t> group_codes() const;
  /// One number a row that orders as Dictionary::ranks says.
  std::vector<double> sort_keys() const;

  /// Evaluates `test` once for each distinct value (numbers: for each row).
  template <typename Test>
  Mask map(Test test) const {
    const Content& in = content();
    Mask mask(rows_);
    if (numeric_) {
      for (std::size_t row = 0; row < rows_; ++row) mask[row] = test(at(row)) ? 1 : 0;
      return mask;
    }
    // Values nobody uses (after gather) are not looked at: tests may be dear.
    std::vector<std::int8_t> answer(in.dictionary->size(), -1);
    for (std::size_t row = 0; row < rows_; ++row) {
      std::int8_t& known = answer[in.codes[row]];
      if (known < 0) known = test(Cell((*in.dictionary)[in.codes[row]])) ? 1 : 0;
      mask[row] = static_cast<std::uint8_t>(known);
    }
    return mask;
  }

 private:
  const Content& content() const {
    if (!made_.load(std::memory_order_acquire)) make_content();
    return content_;
  }
  void make_content() const;

  std::size_t rows_ = 0;
  bool numeric_ = false;
  mutable std::atomic<bool> made_{true};
  mutable std::mutex making_;
  mutable std::function<Content()> make_;
  mutable Content content_;
};

/// Collects texts into a dictionary-encoded column.
class TextColumnBuilder {
 public:
  void reserve(std::size_t rows) { codes_.reserve(rows); }
  void add(std::string_view text) { codes_.push_back(code_of(text)); }  ///< "" is null
  void add_value(const Value& value);
  /// All rows of a column that is not numeric.
  void add_column(const Column& column);
  /// For callers that keep codes themselves, e.g. while reading a dictionary-encoded file.
  std::uint32_t code_of(std::string_view text);
  Column::Content finish_content();
  ColumnPtr finish();

 private:
  struct Slot {
    std::uint32_t code = 0;  ///< 0 = free
    std::uint32_t hash = 0;
  };
  void grow();

  std::vector<std::uint32_t> codes_;
  std::vector<Value> dictionary_{Value{}};
  std::vector<Slot> slots_ = std::vector<Slot>(64);
  std::size_t used_ = 0;
  std::uint32_t last_ = 0;  ///< code of the value before: files repeat themselves
  bool distinct_ = true;
};

}  // namespace trialmill::conform
