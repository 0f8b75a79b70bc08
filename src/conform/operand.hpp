// What the operators share: the two sides of a comparison, evaluated once for each distinct pair of values.
#pragma once

#include <vector>

#include "conform/operators.hpp"

namespace trialmill::conform {

/// What the target is compared with: another column, or one value for all rows.
struct Operand {
  const Column* column = nullptr;
  Value constant;
  Cell at(std::size_t row) const { return column != nullptr ? column->at(row) : Cell(constant); }
};

/// A value of a rule with dashes replaced; in lists a $id column that holds a list is written out.
Value expand_value(const Table& table, const Value& value);
/// The value side of a condition. A text that names a column means that column, unless the rule says it is
/// literal. Throws MissingColumn for a $id that was not computed.
Operand operand_of(const Table& table, const Condition& condition);
/// 1 becomes 0 and 0 becomes 1.
Mask negated(Mask mask);
/// One truth for all rows.
Mask all_rows(const Table& table, bool truth);
/// True if every value that is not null is a list, and there is one.
bool holds_lists(const Column& column);

/// Evaluates `test(target, other)` for each row; once for each distinct target when the other side is
/// constant.
template <typename Test>
Mask pairwise(const Table& table, const Condition& c, Test test) {
  const Column& target = table.column(c.name);
  const Operand other = operand_of(table, c);
  if (other.column == nullptr || other.column->is_constant()) {
    const Cell constant = other.column == nullptr ? Cell(other.constant) : other.column->at(0);
    return target.map([&](const Cell& cell) { return test(cell, constant); });
  }
  Mask mask(target.size());
  if (target.numeric() || other.column->numeric()) {
    for (std::size_t row = 0; row < mask.size(); ++row)
      mask[row] = test(target.at(row), other.column->at(row)) ? 1 : 0;
    return mask;
  }
  // Neighbouring rows often hold the same pair of values: the last answers are kept in a small table.
  struct Answer {
    std::uint32_t a = no_row, b = no_row;
    std::uint8_t bit = 0;
  };
  std::vector<Answer> known(4096);
  const std::vector<std::uint32_t>&a = target.codes(), &b = other.column->codes();
  for (std::size_t row = 0; row < mask.size(); ++row) {
    Answer& answer = known[(a[row] * 2654435761U ^ b[row] * 2246822519U) >> 20];
    if (answer.a != a[row] || answer.b != b[row])
      answer = {a[row], b[row], static_cast<std::uint8_t>(test(target.at(row), other.column->at(row)))};
    mask[row] = answer.bit;
  }
  return mask;
}

// The parts of the table of operators, by idea.
void add_value_operators(OperatorTable& operators);     ///< presence, equality, order of numbers
void add_text_operators(OperatorTable& operators);      ///< regular expressions, affixes, lengths
void add_date_operators(OperatorTable& operators);      ///< dates and durations
void add_list_operators(OperatorTable& operators);      ///< membership and sets
void add_group_operators(OperatorTable& operators);     ///< uniqueness and consistency across rows
void add_order_operators(OperatorTable& operators);     ///< sequences of rows
void add_metadata_operators(OperatorTable& operators);  ///< columns, codelists, references

}  // namespace trialmill::conform
