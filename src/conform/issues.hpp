// What rules found, kept small: an issue costs the row number and four to eight bytes for each value it
// shows. Texts are made when an issue is looked at, so millions of them need no cap.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conform/dataset.hpp"
#include "conform/operators.hpp"
#include "conform/rule.hpp"

namespace trialmill::conform {

/// One failing record (or dataset) of a rule.
struct Issue {
  std::string dataset;
  std::optional<std::uint32_t> record;  ///< counted from 1; none for a whole dataset
  std::string subject;
  std::vector<std::pair<std::string, std::string>> values;  ///< variable, printed value
};

/// A list of issues that makes them when asked: read it like a vector of Issue, by value.
class Issues {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Issue;
    using difference_type = std::ptrdiff_t;
    using pointer = const Issue*;
    using reference = Issue;
    Iterator(const Issues& issues, std::size_t index) : issues_(&issues), index_(index) {}
    Issue operator*() const { return (*issues_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Issues* issues_;
    std::size_t index_;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Issue operator[](std::size_t index) const;
  Issue front() const { return (*this)[0]; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

  void push_back(Issue issue);
  void append(Issues other);
  /// The rows whose bit is set; for a rule of sensitivity Dataset one issue for all of them.
  void add(const Rule& rule, const Table& table, const Dataset& dataset, const Mask& mask);

 private:
  /// Issues that came from one table.
  struct Block {
    std::size_t start = 0;              ///< index of its first issue
    std::optional<Issue> single;        ///< an issue that was made by hand; the rest is then unused
    std::vector<std::string> datasets;  ///< name by part
    std::vector<std::string> names;     ///< of the columns shown
    std::vector<ColumnPtr> columns;     ///< the failing rows only; nullptr = not in the dataset
    ColumnPtr subjects;
    std::shared_ptr<const Rows> rows;     ///< failing rows of the table; nullptr = all of them
    std::shared_ptr<const Rows> records;  ///< the table's, by row
    std::shared_ptr<const Frame::Parts> parts;

    Issue at(std::size_t index) const;
  };

  std::vector<Block> blocks_;
  std::size_t size_ = 0;
};

}  // namespace trialmill::conform
