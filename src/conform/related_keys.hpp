// Keys of records that refer to others by value (IDVARVAL is text, the variable it names may be a number).
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "conform/grouping.hpp"

namespace trialmill::conform {

/// Numbers key values: "5", "5.0" and the number 5 are one key; texts that are no numbers are compared as
/// they are.
class KeyValues {
 public:
  std::uint32_t of(const Cell& cell) {
    const double number = to_number(cell);
    return numbers_.of(std::isnan(number) ? Cell(texts_.emplace_back(Value::of(plain_text(cell))))
                                          : Cell(Kind::number, number));
  }

 private:
  std::deque<Value> texts_;  // what numbers_ looks at
  ValueNumbers numbers_;
};

/// KeyValues::of for every row; distinct values are looked at once.
inline std::vector<std::uint32_t> key_codes(const Column& column, KeyValues& values) {
  std::vector<std::uint32_t> out(column.size());
  if (column.numeric()) {
    for (std::size_t row = 0; row < out.size(); ++row) out[row] = values.of(column.at(row));
    return out;
  }
  std::vector<std::uint32_t> known(column.dictionary().size(), no_row);
  for (std::size_t row = 0; row < out.size(); ++row) {
    const std::uint32_t code = column.codes()[row];
    if (known[code] == no_row) known[code] = values.of(column.dictionary()[code]);
    out[row] = known[code];
  }
  return out;
}

}  // namespace trialmill::conform
