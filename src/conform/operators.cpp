#include "conform/operators.hpp"

#include "conform/operand.hpp"

namespace trialmill::conform {

std::string Table::expand(const std::string& name) const {
  return name.substr(0, 2) == "--" ? prefix + name.substr(2) : name;
}

const Column& Table::column(const std::string& name) const {
  const std::string expanded = expand(name);
  const Column* found = frame.find(expanded);
  if (found == nullptr) throw MissingColumn{expanded};
  return *found;
}

const OperatorTable& operators() {
  static const OperatorTable table = [] {
    OperatorTable made;
    add_group_operators(made);
    add_order_operators(made);
    for (auto& [name, info] : made) info.whole_column = true;
    add_value_operators(made);
    add_text_operators(made);
    add_date_operators(made);
    add_list_operators(made);
    add_metadata_operators(made);
    for (const char* name : {"has_same_values", "has_different_values", "contains_all", "not_contains_all",
                             "longer_than", "longer_than_or_equal_to", "shorter_than",
                             "shorter_than_or_equal_to", "has_equal_length", "has_not_equal_length"})
      made.at(name).whole_column = true;
    return made;
  }();
  return table;
}

Operator find_operator(const std::string& name) {
  const auto found = operators().find(name);
  return found == operators().end() ? nullptr : found->second.function;
}

Mask evaluate(const Table& table, const Check& check) {
  if (check.kind == Check::Kind::condition) {
    return find_operator(check.condition.operator_name)(table, check.condition);
  }
  if (check.kind == Check::Kind::negation) return negated(evaluate(table, check.children[0]));
  const bool any = check.kind == Check::Kind::any;
  Mask result(table.frame.rows, any ? 0 : 1);
  std::size_t dropped = 0;
  for (const Check& child : check.children) {
    try {
      const Mask mask = evaluate(table, child);
      for (std::size_t row = 0; row < result.size(); ++row) {
        result[row] = any ? result[row] | mask[row] : result[row] & mask[row];
      }
    } catch (const MissingColumn&) {
      if (!any || ++dropped == check.children.size()) throw;
    }
  }
  return result;
}

}  // namespace trialmill::conform
