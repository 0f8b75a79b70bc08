#include "conform/define_values.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "conform/define_table.hpp"
#include "conform/operators.hpp"
#include "conform/python_regex.hpp"

namespace trialmill::conform {

namespace define = formats::define;

namespace {

/// <0, 0, >0 as numbers if both are, else as texts, which suits ISO 8601 dates.
int compare_to(const Cell& cell, const std::string& wanted) {
  const Value other = Value::of(wanted);
  const double a = to_number(cell), b = to_number(other);
  if (!std::isnan(a) && !std::isnan(b)) return a < b ? -1 : a > b ? 1 : 0;
  return plain_text(cell).compare(wanted);
}

bool equals(const Cell& cell, const std::string& wanted) {
  return cell.is_number() ? compare_to(cell, wanted) == 0 : cell.is_text() && cell.text == wanted;
}

/// A null passes NE and NOTIN only.
bool passes(const Cell& cell, const define::RangeCheck& check) {
  const std::string& comparator = check.comparator;
  const bool listed = std::any_of(check.values.begin(), check.values.end(),
                                  [&](const std::string& value) { return equals(cell, value); });
  if (comparator == "EQ" || comparator == "IN") return listed;
  if (comparator == "NE" || comparator == "NOTIN") return !listed;
  if (cell.is_null() || check.values.empty()) return false;
  const int sign = compare_to(cell, check.values[0]);
  if (comparator == "LT") return sign < 0;
  if (comparator == "LE") return sign <= 0;
  if (comparator == "GT") return sign > 0;
  return comparator == "GE" && sign >= 0;
}

/// Rows for which all checks of the where clause hold.
Mask rows_where(const define::Document& define, const define::WhereClause& where, const Frame& frame) {
  Mask mask(frame.rows, 1);
  for (const define::RangeCheck& check : where.checks) {
    const define::ItemDef* item = define.item(check.item_oid);
    const std::string name = item == nullptr ? check.item_oid : item->name;
    const Column* column = frame.find(name);
    if (column == nullptr)
      throw SkipDataset{"the Define-XML's where clause " + where.oid + " names " + name +
                        ", which the dataset lacks"};
    const Mask held = column->map([&](const Cell& cell) { return passes(cell, check); });
    for (std::size_t row = 0; row < mask.size(); ++row) mask[row] &= held[row];
  }
  return mask;
}

/// Any of the where clauses may hold; an entry without one applies to no row.
Mask rows_of(const define::Document& define, const define::ItemRef& ref, const Frame& frame) {
  Mask mask(frame.rows, 0);
  for (const std::string& oid : ref.where_clause_oids) {
    const define::WhereClause* where = define.where_clause(oid);
    if (where == nullptr) continue;  // among the file's problems
    const Mask held = rows_where(define, *where, frame);
    for (std::size_t row = 0; row < mask.size(); ++row) mask[row] |= held[row];
  }
  return mask;
}

bool is_interval(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  const auto is_end = [](const std::string& end) {
    return parse_date(end).has_value() || is_duration(end, true);
  };
  return is_end(text.substr(0, slash)) && is_end(text.substr(slash + 1));
}

/// The value-level metadata of one entry beside the values it applies to.
Frame entry_frame(const define::Document& define, const Dataset& dataset, const ValueDefinition& entry) {
  Rows rows;
  for (std::size_t row = 0; row < entry.applies.size(); ++row) {
    if (entry.applies[row] != 0) rows.push_back(static_cast<std::uint32_t>(row));
  }
  const Frame picked = dataset.frame.gather(std::move(rows));
  Frame out;
  out.rows = picked.rows;
  out.records = picked.records;
  out.parts = picked.parts;
  std::vector<Value> numbers, lengths, types, fits;
  const ColumnPtr column = picked.find(entry.variable)->shared_from_this();
  for (std::size_t row = 0; row < picked.rows; ++row) {
    const Cell cell = column->at(row);
    const Value length = length_for_type(cell, entry.item->data_type);
    numbers.push_back(Value::integer(picked.record(row)));
    types.push_back(Value::of(has_data_type(cell, entry.item->data_type)));
    fits.push_back(
        Value::of(length.kind == Kind::null || !entry.item->length || length.number <= *entry.item->length));
    lengths.push_back(length);
  }
  out.set("row_number", Column::of(numbers));
  out.set("variable_name", Column::constant(Value::of(entry.variable), out.rows));
  out.set("variable_value", column);
  out.set("variable_value_length", Column::of(lengths));
  out.set("define_variable_name", Column::constant(Value::of(entry.variable), out.rows));
  for (const auto& [name, value] : define_value(define, *entry.ref).columns)
    out.set(name, Column::constant(value->value(0), out.rows));
  out.set("type_check", Column::of(types));
  out.set("length_check", Column::of(fits));
  return out;
}

}  // namespace

std::vector<ValueDefinition> value_definitions(const define::Document& define, const Dataset& dataset) {
  std::vector<ValueDefinition> out;
  for (const define::ItemRef& variable : define_group(define, dataset).items) {
    const define::ItemDef* item = define.item(variable.item_oid);
    const define::ValueList* list = item == nullptr ? nullptr : define.value_list(item->value_list_oid);
    if (list == nullptr || dataset.frame.find(item->name) == nullptr) continue;
    for (const define::ItemRef& ref : list->items) {
      const define::ItemDef* value = define.item(ref.item_oid);
      if (value != nullptr) out.push_back({item->name, &ref, value, rows_of(define, ref, dataset.frame)});
    }
  }
  return out;
}

bool has_data_type(const Cell& cell, const std::string& type) {
  if (is_empty(cell)) return true;
  static const RE2 time(R"(\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)");
  static const RE2 partial_time(R"(\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?)");
  static const RE2 integer(R"([+-]?\d+)");
  const std::string text = plain_text(cell);
  const bool has_time = text.find('T') != std::string::npos;
  if (type == "integer") return RE2::FullMatch(text, integer);
  if (type == "float") return !std::isnan(to_number(cell));
  if (type == "date") return !has_time && is_complete_date(text);
  if (type == "datetime") return has_time && is_complete_date(text);
  if (type == "time") return RE2::FullMatch(text, time);
  if (type == "partialDate") return !has_time && parse_date(text).has_value();
  if (type == "partialTime") return RE2::FullMatch(text, partial_time);
  if (type == "partialDatetime" || type == "incompleteDatetime") return parse_date(text).has_value();
  if (type == "durationDatetime") return is_duration(text, true);
  if (type == "intervalDatetime") return is_interval(text);
  return true;
}

Value length_for_type(const Cell& cell, const std::string& type) {
  if (cell.is_null()) return {};
  const std::string text = plain_text(cell);
  if (type == "text") return Value::integer(static_cast<double>(characters(text)));
  if (type != "integer" && type != "float") return {};
  const std::size_t first = std::min(text.find_first_not_of('0'), text.size());
  std::size_t digits = characters(text.substr(first));
  if (type == "float") digits -= static_cast<std::size_t>(std::count(text.begin(), text.end(), '.'));
  return Value::integer(static_cast<double>(digits));
}

Frame value_level_frame(const define::Document& define, const Dataset& dataset) {
  std::vector<Frame> frames;
  for (const ValueDefinition& entry : value_definitions(define, dataset))
    frames.push_back(entry_frame(define, dataset, entry));
  if (frames.empty()) throw SkipDataset{"the Define-XML has no value-level metadata for it"};
  std::vector<const Frame*> all;
  Frame::Parts parts;
  for (const Frame& frame : frames) {
    all.push_back(&frame);
    for (std::size_t row = 0; row < frame.rows; ++row) parts.push_back(frame.part(row));
  }
  Frame out = concatenate(all);
  out.parts = std::make_shared<const Frame::Parts>(std::move(parts));  // concatenate numbers the entries
  return out;
}

}  // namespace trialmill::conform
