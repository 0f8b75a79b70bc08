// Operators on lists and sets: membership, overlap, relative order.
#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "base/text.hpp"
#include "conform/operand.hpp"

namespace trialmill::conform {

namespace {

/// Lists that cells are looked up in, hashed: lists such as all USUBJIDs of DM are long.
class Lists {
 public:
  bool holds(const std::vector<Value>& list, const Cell& cell) {
    if (list.size() < 8) return conform::holds(list, cell);
    auto& known = known_[&list];
    if (known == nullptr) {
      known = std::make_unique<ValueNumbers>();
      for (const Value& item : list) {
        if (item.kind != Kind::null) known->of(item);
      }
    }
    return known->find(cell) != no_row;
  }

 private:
  std::map<const std::vector<Value>*, std::unique_ptr<ValueNumbers>> known_;
};

/// All values of a column that are not empty.
class ColumnValues {
 public:
  explicit ColumnValues(const Column& column) {
    if (column.numeric()) {
      for (std::size_t row = 0; row < column.size(); ++row) add(column.at(row));
    } else {
      column.map([&](const Cell& cell) {
        add(cell);
        return false;
      });
    }
  }
  bool holds(const Cell& cell) const { return !is_empty(cell) && values_.find(cell) != no_row; }

 private:
  void add(const Cell& cell) {
    if (!is_empty(cell)) values_.of(cell);
  }
  ValueNumbers values_;
};

Value folded(const Value& value) {
  if (value.kind == Kind::text) return Value::of(base::to_lower(value.text));
  if (value.kind != Kind::list) return value;
  std::vector<Value> items;
  for (const Value& item : *value.list) items.push_back(folded(item));
  return Value::of(std::move(items));
}

/// The column with every text in lower case.
ColumnPtr folded(const Column& column) {
  if (column.numeric()) return column.shared_from_this();
  std::vector<Value> values;
  for (std::size_t code = 0; code < column.dictionary().size(); ++code)
    values.push_back(folded(column.dictionary()[code]));
  return std::make_shared<const Column>(column.codes(),
                                        std::make_shared<const Dictionary>(std::move(values), false));
}

/// The table and condition with both sides in lower case.
Mask without_case(const Table& table, const Condition& c, Mask (*test)(const Table&, const Condition&)) {
  Table lower = table;
  lower.frame.set(table.expand(c.name), folded(table.column(c.name)));
  Condition condition = c;
  const Operand other = operand_of(table, c);
  if (other.column != nullptr) {
    lower.frame.set("$in lower case", folded(*other.column));
    condition.value = Value::of("$in lower case");
  } else {
    condition.value = folded(other.constant);
    condition.literal = true;
  }
  return test(lower, condition);
}

/// A comparator column without lists stands for all its values.
Mask contained(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const Operand other = operand_of(table, c);
  if (other.column != nullptr && !other.column->is_constant() && !holds_lists(*other.column)) {
    const ColumnValues values(*other.column);
    return target.map([&](const Cell& cell) { return values.holds(cell); });
  }
  Lists lists;
  return pairwise(table, c, [&](const Cell& cell, const Cell& in) {
    if (is_empty(cell)) return false;
    if (!in.is_list()) return same(cell, in);
    if (!cell.is_list()) return lists.holds(*in.list, cell);
    return std::all_of(cell.list->begin(), cell.list->end(),
                       [&](const Value& v) { return lists.holds(*in.list, v); });
  });
}

/// A part of a text, or an item of a list; a comparator column is looked up in the whole target column.
Mask contains(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const Operand other = operand_of(table, c);
  if (other.column != nullptr && !other.column->is_constant() && !holds_lists(target)) {
    const ColumnValues values(target);
    return other.column->map([&](const Cell& cell) { return values.holds(cell); });
  }
  return pairwise(table, c, [](const Cell& cell, const Cell& part) {
    if (cell.is_list()) return holds(*cell.list, part);
    if (cell.is_number()) return same(cell, part);
    return cell.is_text() && part.is_text() && cell.text.find(part.text) != std::string_view::npos;
  });
}

/// Row by row where both are lists, else one truth for the whole column, shown at its first row.
Mask contains_all(const Table& table, const Condition& c, bool negative) {
  const Column& target = table.column(c.name);
  const Operand other = operand_of(table, c);
  if (other.column != nullptr && holds_lists(target) && holds_lists(*other.column)) {
    const Mask mask = pairwise(table, c, [](const Cell& cell, const Cell& wanted) {
      if (!cell.is_list() || !wanted.is_list()) return false;
      return std::all_of(wanted.list->begin(), wanted.list->end(),
                         [&](const Value& v) { return holds(*cell.list, v); });
    });
    return negative ? negated(mask) : mask;
  }
  Mask mask(target.size());
  if (mask.empty()) return mask;
  const ColumnValues present(target);
  bool all = true;
  if (other.column != nullptr) {
    const Mask found = other.column->map([&](const Cell& cell) { return present.holds(cell); });
    all = std::all_of(found.begin(), found.end(), [](std::uint8_t bit) { return bit != 0; });
  } else if (other.constant.kind == Kind::list) {
    all = std::all_of(other.constant.list->begin(), other.constant.list->end(),
                      [&](const Value& v) { return present.holds(v); });
  } else {
    all = present.holds(other.constant);
  }
  mask[0] = all != negative;
  return mask;
}

/// An item that the other list lacks has no place in its order.
bool ordered_subset(const Cell& cell, const Cell& of) {
  if (!cell.is_list() || !of.is_list()) return false;
  std::size_t position = 0;
  for (const Value& item : *cell.list) {
    while (position < of.list->size() && !same((*of.list)[position], item)) ++position;
    if (position == of.list->size()) return false;
  }
  return true;
}

/// How many distinct values two sets share; a value that is no list is a set of one.
std::size_t shared(const Cell& a, const Cell& b) {
  const auto items = [&](const Cell& cell) {
    std::vector<Cell> out;
    if (!cell.is_list()) return std::vector<Cell>{cell};
    for (const Value& item : *cell.list) out.emplace_back(item);
    return out;
  };
  ValueNumbers theirs;
  bool null_there = false;
  for (const Cell& cell : items(b)) {
    theirs.of(cell);
    null_there |= cell.is_null();
  }
  std::set<std::uint32_t> found;
  for (const Cell& cell : items(a)) {
    const std::uint32_t number = theirs.find(cell);  // 0 for null, whether it is there or not
    if (number != no_row && (number != 0 || null_there)) found.insert(number);
  }
  return found.size();
}

void add_membership_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  operators["is_contained_by"] = {contained, "in the list, or in the values of the column; null never is"};
  operators["is_not_contained_by"] = {[](T t, C c) { return negated(contained(t, c)); },
                                      "not in the list; true for null"};
  operators["is_contained_by_case_insensitive"] = {[](T t, C c) { return without_case(t, c, contained); },
                                                   "is_contained_by without regard to case"};
  operators["is_not_contained_by_case_insensitive"] = {
      [](T t, C c) { return negated(without_case(t, c, contained)); },
      "is_not_contained_by without regard to case; true for null"};
  operators["contains"] = {contains, "a part of the text, or an item of the list"};
  operators["does_not_contain"] = {[](T t, C c) { return negated(contains(t, c)); },
                                   "the opposite of contains; true for null"};
  operators["contains_case_insensitive"] = {[](T t, C c) { return without_case(t, c, contains); },
                                            "contains without regard to case"};
  operators["does_not_contain_case_insensitive"] = {
      [](T t, C c) { return negated(without_case(t, c, contains)); },
      "the opposite of contains_case_insensitive; true for null"};
}

}  // namespace

void add_list_operators(OperatorTable& operators) {
  using T = const Table&;
  using C = const Condition&;
  add_membership_operators(operators);
  operators["contains_all"] = {[](T t, C c) { return contains_all(t, c, false); },
                               "all values occur in the column: one truth, at its first row; lists: by row"};
  operators["not_contains_all"] = {[](T t, C c) { return contains_all(t, c, true); },
                                   "some value does not occur: one truth, at the first row; lists: by row"};
  operators["is_ordered_subset_of"] = {[](T t, C c) { return pairwise(t, c, ordered_subset); },
                                       "all items are in the other list, in its order"};
  operators["is_not_ordered_subset_of"] = {[](T t, C c) { return negated(pairwise(t, c, ordered_subset)); },
                                           "an item is missing in the other list or out of order"};
  operators["shares_no_elements_with"] = {
      [](T t, C c) { return pairwise(t, c, [](const Cell& a, const Cell& b) { return shared(a, b) == 0; }); },
      "no common item"};
  operators["shares_exactly_one_element_with"] = {
      [](T t, C c) { return pairwise(t, c, [](const Cell& a, const Cell& b) { return shared(a, b) == 1; }); },
      "one common item"};
  operators["shares_at_least_one_element_with"] = {
      [](T t, C c) { return pairwise(t, c, [](const Cell& a, const Cell& b) { return shared(a, b) > 0; }); },
      "a common item"};
}

}  // namespace trialmill::conform
