// The tables that rules run over: named columns of equal length. Columns are immutable and shared
// (column.hpp), so copying a table, merging and adding operation results copies no cell content.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conform/column.hpp"
#include "conform/grouping.hpp"

namespace trialmill::conform {

/// Named columns, and where each row came from.
struct Frame {
  using Parts = std::vector<std::uint16_t>;

  std::vector<std::pair<std::string, ColumnPtr>> columns;
  std::size_t rows = 0;
  std::shared_ptr<const Rows> records;  ///< see record(); nullptr = row 0 is record 1, and so on
  std::shared_ptr<const Parts> parts;   ///< see part(); nullptr = all rows are of part 0

  /// The row in the file or table the row came from, counted from 1.
  std::uint32_t record(std::size_t row) const {
    return records == nullptr ? static_cast<std::uint32_t>(row + 1) : (*records)[row];
  }
  /// Which file of a split dataset that is, counted from 0.
  std::uint16_t part(std::size_t row) const { return parts == nullptr ? 0 : (*parts)[row]; }

  const Column* find(std::string_view name) const;
  void set(const std::string& name, ColumnPtr column);  ///< replaces a column of that name
  std::vector<std::string> names() const;
  /// The rows named, in that order.
  Frame gather(Rows which) const;
};

/// Frames below each other; a column that one lacks is null there. Rows of the second frame are of part 1,
/// and so on.
Frame concatenate(const std::vector<const Frame*>& frames);

}  // namespace trialmill::conform
