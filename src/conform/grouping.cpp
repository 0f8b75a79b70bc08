#include "conform/grouping.hpp"

#include <bit>
#include <cmath>

namespace trialmill::conform {

namespace {

/// Spreads neighbouring keys over the table (the finalizer of splitmix64).
std::uint64_t mixed(std::uint64_t key) {
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9ULL;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebULL;
  return key ^ (key >> 31);
}

/// Refines group numbers by one more column's codes: (group, code) pairs are numbered anew. `next` goes on
/// where an earlier call for the other table ended.
class Refinement {
 public:
  Refinement(std::size_t groups, std::uint64_t codes, std::size_t rows) : codes_(codes) {
    // Few pairs: a plain array is several times faster than hashing.
    if (groups * codes <= 4 * rows + 4096) dense_.assign(groups * codes, no_row);
  }
  std::uint32_t of(std::uint32_t group, std::uint32_t code) {
    if (dense_.empty()) return sparse_.of((static_cast<std::uint64_t>(group) << 32) | code);
    std::uint32_t& number = dense_[group * codes_ + code];
    if (number == no_row) number = next_++;
    return number;
  }
  std::size_t count() const { return dense_.empty() ? sparse_.size() : next_; }

 private:
  std::uint64_t codes_;
  std::vector<std::uint32_t> dense_;
  KeyNumbers sparse_;
  std::uint32_t next_ = 0;
};

std::uint64_t codes_in(const std::vector<std::uint32_t>& codes) {
  std::uint32_t most = 0;
  for (const std::uint32_t code : codes) most = std::max(most, code);
  return static_cast<std::uint64_t>(most) + 1;
}

/// Codes of a column in a code space shared with another column.
std::vector<std::uint32_t> shared_codes(const Column& column, ValueNumbers& numbers) {
  std::vector<std::uint32_t> out(column.size());
  if (column.numeric()) {
    for (std::size_t row = 0; row < out.size(); ++row) out[row] = numbers.of(column.at(row));
    return out;
  }
  const Dictionary& dictionary = column.dictionary();
  std::vector<std::uint32_t> number(dictionary.size(), no_row);
  for (std::size_t row = 0; row < out.size(); ++row) {
    const std::uint32_t code = column.codes()[row];
    if (number[code] == no_row) number[code] = numbers.of(dictionary[code]);
    out[row] = number[code];
  }
  return out;
}

}  // namespace

std::size_t KeyNumbers::place_of(std::uint64_t key) const {
  std::size_t place = mixed(key) & (slots_.size() - 1);
  while (slots_[place].number != no_row && slots_[place].key != key)
    place = (place + 1) & (slots_.size() - 1);
  return place;
}

void KeyNumbers::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  for (const Slot& slot : old) {
    if (slot.number != no_row) slots_[place_of(slot.key)] = slot;
  }
}

std::uint32_t KeyNumbers::of(std::uint64_t key) {
  Slot& slot = slots_[place_of(key)];
  if (slot.number != no_row) return slot.number;
  const auto number = static_cast<std::uint32_t>(size_);
  slot = {key, number};
  if (++size_ * 2 > slots_.size()) grow();
  return number;
}

std::uint32_t KeyNumbers::find(std::uint64_t key) const {
  return slots_[place_of(key)].number;
}

std::uint64_t number_key(double number) {
  return std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);
}

std::uint32_t ValueNumbers::of(const Cell& value) {
  if (value.is_null()) return 0;
  if (value.is_number()) {
    const std::uint32_t index = numbers_.of(number_key(value.number));
    if (index == of_number_.size()) of_number_.push_back(next_++);
    return of_number_[index];
  }
  const auto numbered = [&](auto& map, auto&& key) {
    const auto [place, added] = map.emplace(std::move(key), next_);
    if (added) ++next_;
    return place->second;
  };
  return value.is_text() ? numbered(texts_, std::string_view(value.text)) : numbered(others_, printed(value));
}

std::uint32_t ValueNumbers::find(const Cell& value) const {
  if (value.is_null()) return 0;
  if (value.is_number()) {
    const std::uint32_t index = numbers_.find(number_key(value.number));
    return index == no_row ? no_row : of_number_[index];
  }
  const auto found = [](const auto& map, const auto& key) {
    const auto place = map.find(key);
    return place == map.end() ? no_row : place->second;
  };
  return value.is_text() ? found(texts_, value.text) : found(others_, printed(value));
}

std::vector<std::uint32_t> Grouping::sizes() const {
  std::vector<std::uint32_t> sizes(count);
  for (const std::uint32_t number : group) ++sizes[number];
  return sizes;
}

Grouping group_rows(const std::vector<const Column*>& columns, std::size_t rows) {
  Grouping grouping;
  grouping.group.assign(rows, 0);
  grouping.count = rows == 0 ? 0 : 1;
  for (const Column* column : columns) {
    const std::vector<std::uint32_t> codes = column->group_codes();
    Refinement refined(grouping.count, codes_in(codes), rows);
    for (std::size_t row = 0; row < rows; ++row)
      grouping.group[row] = refined.of(grouping.group[row], codes[row]);
    grouping.count = refined.count();
  }
  return grouping;
}

JointGrouping group_jointly(const std::vector<const Column*>& left, std::size_t left_rows,
                            const std::vector<const Column*>& right, std::size_t right_rows) {
  JointGrouping joint{Rows(left_rows), Rows(right_rows), 1};
  for (std::size_t i = 0; i < left.size(); ++i) {
    ValueNumbers numbers;
    const std::vector<std::uint32_t> ours = shared_codes(*left[i], numbers);
    const std::vector<std::uint32_t> theirs = shared_codes(*right[i], numbers);
    Refinement refined(joint.count, std::max(codes_in(ours), codes_in(theirs)), left_rows + right_rows);
    for (std::size_t row = 0; row < left_rows; ++row)
      joint.left[row] = refined.of(joint.left[row], ours[row]);
    for (std::size_t row = 0; row < right_rows; ++row)
      joint.right[row] = refined.of(joint.right[row], theirs[row]);
    joint.count = refined.count();
  }
  return joint;
}

GroupRows::GroupRows(const std::vector<std::uint32_t>& group, std::size_t count)
    : start_(count + 1), rows_(group.size()) {
  for (const std::uint32_t number : group) ++start_[number + 1];
  for (std::size_t i = 1; i <= count; ++i) start_[i] += start_[i - 1];
  std::vector<std::size_t> next(start_.begin(), start_.end() - 1);
  for (std::size_t row = 0; row < group.size(); ++row)
    rows_[next[group[row]]++] = static_cast<std::uint32_t>(row);
}

}  // namespace trialmill::conform
