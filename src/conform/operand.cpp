#include "conform/operand.hpp"

namespace trialmill::conform {

Value expand_value(const Table& table, const Value& value) {
  if (value.kind == Kind::text) return Value::of(table.expand(value.text));
  if (value.kind != Kind::list) return value;
  std::vector<Value> items;
  for (const Value& item : *value.list) {
    const Column* column = item.kind == Kind::text ? table.frame.find(item.text) : nullptr;
    if (column != nullptr && item.text.substr(0, 1) == "$" && column->size() > 0) {
      const Value found = column->value(0);
      if (found.kind == Kind::list) {
        items.insert(items.end(), found.list->begin(), found.list->end());
        continue;
      }
    }
    items.push_back(expand_value(table, item));
  }
  return Value::of(std::move(items));
}

Operand operand_of(const Table& table, const Condition& c) {
  Operand out{nullptr, expand_value(table, c.value)};
  if (out.constant.kind != Kind::text || c.literal) return out;
  out.column = table.frame.find(out.constant.text);
  if (out.column == nullptr && out.constant.text.substr(0, 1) == "$") throw MissingColumn{out.constant.text};
  return out;
}

Mask negated(Mask mask) {
  for (std::uint8_t& bit : mask) bit = bit == 0 ? 1 : 0;
  return mask;
}

Mask all_rows(const Table& table, bool truth) {
  return Mask(table.frame.rows, truth ? 1 : 0);
}

bool holds_lists(const Column& column) {
  bool found = false;
  if (column.numeric()) return false;
  for (std::size_t row = 0; row < column.size(); ++row) {
    const Cell cell = column.at(row);
    if (!cell.is_null() && !cell.is_list()) return false;
    found |= cell.is_list();
  }
  return found;
}

}  // namespace trialmill::conform
