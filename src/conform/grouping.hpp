// Grouping rows by the values of some columns, within one table or across two: what uniqueness, consistency,
// joins and grouped operations are made of. Everything is hash-based and linear in the rows.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "conform/column.hpp"

namespace trialmill::conform {

/// Numbers keys from 0 in order of first appearance.
class KeyNumbers {
 public:
  std::uint32_t of(std::uint64_t key);
  /// no_row if the key was not numbered before.
  std::uint32_t find(std::uint64_t key) const;
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t number = no_row;
  };
  void grow();
  std::size_t place_of(std::uint64_t key) const;
  std::vector<Slot> slots_ = std::vector<Slot>(64);
  std::size_t size_ = 0;
};

/// Equal for equal numbers (-0 and 0), never equal to another's.
std::uint64_t number_key(double number);

/// Numbers values from 1 so that equal values share a number; null is 0. Numbers equal each other whatever
/// their kind, texts bytewise, lists by what they hold.
class ValueNumbers {
 public:
  std::uint32_t of(const Cell& value);
  /// no_row if an equal value was not numbered before.
  std::uint32_t find(const Cell& value) const;

 private:
  KeyNumbers numbers_;
  std::unordered_map<std::string_view, std::uint32_t> texts_;  ///< views into the values numbered
  std::unordered_map<std::string, std::uint32_t> others_;
  std::vector<std::uint32_t> of_number_;
  std::uint32_t next_ = 1;
};

/// Group number of every row, counted from 0 in order of first appearance. Equal nulls group together.
struct Grouping {
  std::vector<std::uint32_t> group;
  std::size_t count = 0;

  std::vector<std::uint32_t> sizes() const;
};
Grouping group_rows(const std::vector<const Column*>& columns, std::size_t rows);

/// The rows of two tables numbered together by pairs of key columns: equal numbers = equal keys.
struct JointGrouping {
  std::vector<std::uint32_t> left, right;
  std::size_t count = 0;
};
/// left[i] is compared with right[i]; null equals null. Both lists are of the same length.
JointGrouping group_jointly(const std::vector<const Column*>& left, std::size_t left_rows,
                            const std::vector<const Column*>& right, std::size_t right_rows);

/// The rows of each group, in table order.
class GroupRows {
 public:
  GroupRows(const std::vector<std::uint32_t>& group, std::size_t count);

  std::size_t count() const { return start_.size() - 1; }
  std::uint32_t* begin(std::size_t group) { return rows_.data() + start_[group]; }
  std::uint32_t* end(std::size_t group) { return rows_.data() + start_[group + 1]; }
  std::size_t size(std::size_t group) const { return start_[group + 1] - start_[group]; }

 private:
  std::vector<std::size_t> start_;
  Rows rows_;
};

}  // namespace trialmill::conform
