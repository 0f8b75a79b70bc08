#include "conform/operators.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "conform/dates.hpp"
#include "conform/operators_group.hpp"

namespace trialmill::conform {

namespace {

/// What the target is compared with: another column, or one value for all rows.
struct Comparator {
  const Column* column = nullptr;
  Value constant;
  Cell at(std::size_t row) const { return column != nullptr ? column->at(row) : Cell(constant); }
};

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

/// A text that names a column means that column, unless the rule says it is literal.
Comparator comparator(const Table& table, const Condition& c) {
  Comparator out{nullptr, expand_value(table, c.value)};
  if (out.constant.kind == Kind::text && !c.literal) out.column = table.frame.find(out.constant.text);
  if (out.constant.kind == Kind::text && out.column == nullptr && !c.literal &&
      out.constant.text.substr(0, 1) == "$") {
    throw MissingColumn{out.constant.text};
  }
  return out;
}

/// Evaluates `test(target, other)` for each row; once for each distinct target when the other side is
/// constant.
template <typename Test>
Mask pairwise(const Table& table, const Condition& c, Test test) {
  const Column& target = table.column(c.name);
  const Comparator other = comparator(table, c);
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

Mask negated(Mask mask) {
  for (std::uint8_t& bit : mask) bit = bit == 0 ? 1 : 0;
  return mask;
}

bool equal_normalised(const Cell& a, const Cell& b) {
  const double x = to_number(a), y = to_number(b);
  if (!std::isnan(x) && !std::isnan(y)) return x == y;
  return base::trim(plain_text(a)) == base::trim(plain_text(b));
}

bool equal_values(const Cell& a, const Cell& b, const Condition& c, bool fold) {
  if (a.is_list() || b.is_list()) return same(a, b);
  if (c.type_insensitive) return equal_normalised(a, b);
  if (fold && a.is_text() && b.is_text()) return base::to_lower(a.text) == base::to_lower(b.text);
  return same(a, b);
}

/// equal_to: both null is false, one null is false; not_equal_to: both null is false, one null is true.
Mask equality(const Table& table, const Condition& c, bool negative, bool fold) {
  const auto test = [&](const Cell& a, const Cell& b) {
    const bool a_null = is_empty(a), b_null = is_empty(b);
    if (a_null || b_null) return negative && a_null != b_null;
    return equal_values(a, b, c, fold) != negative;
  };
  if (!c.reference) return pairwise(table, c, test);
  const Column& target = table.column(c.name);
  const Column& names = table.column(c.value.text);
  Mask mask(target.size());
  const Column* column = nullptr;
  std::string_view found;  // the name `column` belongs to
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const Cell name = names.at(row);
    if (name.text.data() != found.data() || !name.is_text()) {
      found = name.text;
      column = name.is_text() ? table.frame.find(name.text) : nullptr;
    }
    mask[row] = test(target.at(row), column == nullptr ? Cell() : column->at(row)) ? 1 : 0;
  }
  return mask;
}

Mask empty(const Table& t, const Condition& c) {
  return t.column(c.name).map([](const Cell& cell) { return is_empty(cell); });
}

bool name_exists(const Table& table, const std::string& name) {
  if (table.frame.find(name) != nullptr) return true;
  if (table.columns_are_domains) return false;
  for (const auto& [column_name, column] : table.frame.columns) {
    if (column_name.substr(0, 1) != "$" || column->size() == 0) continue;
    const Cell cell = column->at(0);
    if (cell.is_list() && holds(*cell.list, Value::of(name))) return true;
  }
  return false;
}

Mask exists(const Table& t, const Condition& c) {
  return Mask(t.frame.rows, name_exists(t, t.expand(c.name)) ? 1 : 0);
}

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

Mask contained(const Table& table, const Condition& c) {
  Lists lists;
  return pairwise(table, c, [&](const Cell& cell, const Cell& in) {
    if (is_empty(cell)) return false;
    if (!in.is_list()) return same(cell, in);
    if (!cell.is_list()) return lists.holds(*in.list, cell);
    return std::all_of(cell.list->begin(), cell.list->end(),
                       [&](const Value& v) { return lists.holds(*in.list, v); });
  });
}

bool contains(const Cell& cell, const Cell& part) {
  if (cell.is_list()) return holds(*cell.list, part);
  return cell.is_text() && part.is_text() && cell.text.find(part.text) != std::string_view::npos;
}

const RE2& pattern_of(const std::string& text) {
  static std::map<std::string, std::unique_ptr<RE2>> cache;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::unique_ptr<RE2>& known = cache[text];
  // Python allows flags such as (?-i) anywhere, also inside a class, where RE2 reads them as characters too.
  if (!known) known = std::make_unique<RE2>(text, RE2::Quiet);
  return *known;
}

/// `anchored`: the match must begin at the start of the text (but need not reach its end).
bool matches(const RE2& pattern, std::string_view text, bool anchored) {
  return pattern.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                       anchored ? RE2::ANCHOR_START : RE2::UNANCHORED, nullptr, 0);
}

Mask regex(const Table& table, const Condition& c, bool negative, int prefix, int suffix) {
  const RE2& pattern = pattern_of(c.value.text);
  if (!pattern.ok()) throw ExecutionError{"bad regular expression: " + pattern.error()};
  const bool slice = prefix > 0 || suffix > 0;
  return table.column(c.name).map([&](const Cell& cell) {
    if (is_empty(cell)) return false;
    std::string text = plain_text(cell);
    if (prefix > 0) text = text.substr(0, static_cast<std::size_t>(prefix));
    if (suffix > 0 && text.size() > static_cast<std::size_t>(suffix))
      text = text.substr(text.size() - static_cast<std::size_t>(suffix));
    return matches(pattern, text, !slice) != negative;
  });
}

/// Affix operators break on anything but text, as the reference does.
std::string affix_of(const Cell& cell, const Condition& c, bool prefix) {
  if (!cell.is_text())
    throw ExecutionError{c.operator_name + ": " + c.name + " holds a value that is not text"};
  const auto length = static_cast<std::size_t>(c.affix);
  if (prefix) return std::string(cell.text.substr(0, length));
  return std::string(cell.text.size() > length ? cell.text.substr(cell.text.size() - length) : cell.text);
}

Mask affix_equal(const Table& table, const Condition& c, bool prefix, bool negative) {
  Comparator other;
  if (c.value.text == "DOMAIN" && table.frame.find("DOMAIN") == nullptr) {
    other.constant = Value::of(table.prefix);
  } else {
    other = comparator(table, c);
  }
  const Column& target = table.column(c.name);
  Mask mask(target.size());
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const std::string part = affix_of(target.at(row), c, prefix);
    mask[row] = (other.at(row).is_text() && other.at(row).text == part) != negative;
  }
  return mask;
}

Mask affix_contained(const Table& table, const Condition& c, bool prefix, bool negative) {
  return pairwise(table, c, [&](const Cell& cell, const Cell& in) {
    const Value part = Value::of(affix_of(cell, c, prefix));
    const bool held = in.is_list() ? holds(*in.list, part) : same(part, in);
    return (held && !part.text.empty()) != negative;
  });
}

enum class Order { less, less_equal, greater, greater_equal, equal, not_equal };

bool holds_order(int sign, Order order) {
  switch (order) {
    case Order::less:
      return sign < 0;
    case Order::less_equal:
      return sign <= 0;
    case Order::greater:
      return sign > 0;
    case Order::greater_equal:
      return sign >= 0;
    case Order::equal:
      return sign == 0;
    case Order::not_equal:
      return sign != 0;
  }
  return false;
}

Mask number_order(const Table& table, const Condition& c, Order order) {
  return pairwise(table, c, [&](const Cell& a, const Cell& b) {
    const double x = to_number(a), y = to_number(b);
    if (std::isnan(x) || std::isnan(y)) return false;
    return holds_order(x < y ? -1 : x > y ? 1 : 0, order);
  });
}

/// One side of a date comparison; every distinct text is parsed once for all rules.
struct Dates {
  const Column* column = nullptr;
  std::optional<PartialDate> constant;
  const std::optional<PartialDate>& at(std::size_t row) const {
    static const std::optional<PartialDate> none;
    if (column == nullptr) return constant;
    return column->numeric() ? none : column->dictionary().date(column->codes()[row]);
  }
};

Mask date_order(const Table& table, const Condition& c, Order order) {
  const Dates target{&table.column(c.name), std::nullopt};
  const Comparator comparison = comparator(table, c);
  Dates other{comparison.column, std::nullopt};
  if (other.column == nullptr && comparison.constant.kind == Kind::text)
    other.constant = parse_date(comparison.constant.text);
  Mask mask(target.column->size());
  for (std::size_t row = 0; row < mask.size(); ++row) {
    const auto &x = target.at(row), &y = other.at(row);
    if (!x || !y || x->precision() == 0 || y->precision() == 0) continue;
    const int precision = std::min(x->precision(), y->precision());
    if (x->precision() != y->precision() && (order == Order::equal || order == Order::not_equal)) {
      mask[row] = order == Order::not_equal;
    } else {
      mask[row] = holds_order(compare(*x, *y, precision), order);
    }
  }
  return mask;
}

Mask invalid_date(const Table& t, const Condition& c) {
  const Column& target = t.column(c.name);
  Mask mask(target.size(), 1);
  for (std::size_t row = 0; row < mask.size() && !target.numeric(); ++row)
    mask[row] = target.dictionary().date(target.codes()[row]) ? 0 : 1;
  return mask;
}

Mask complete_date(const Table& t, const Condition& c) {
  return t.column(c.name).map([](const Cell& cell) { return cell.is_text() && is_complete_date(cell.text); });
}

Mask invalid_duration(const Table& t, const Condition& c) {
  return t.column(c.name).map(
      [&](const Cell& cell) { return !cell.is_text() || !is_duration(cell.text, c.negative); });
}

/// Characters of UTF-8 text, not bytes.
double characters(std::string_view text) {
  return static_cast<double>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Mask longer_than(const Table& t, const Condition& c) {
  const Column& target = t.column(c.name);
  if (target.numeric()) throw ExecutionError{"longer_than: " + c.name + " is not text"};
  return target.map(
      [&](const Cell& cell) { return cell.is_text() && characters(cell.text) > c.value.number; });
}

Mask affix_text(const Table& table, const Condition& c, bool prefix) {
  return pairwise(table, c, [&](const Cell& cell, const Cell& part) {
    if (!cell.is_text() || !part.is_text() || part.text.size() > cell.text.size()) return false;
    return cell.text.substr(prefix ? 0 : cell.text.size() - part.text.size(), part.text.size()) == part.text;
  });
}

/// First group of the regular expression in the comparator differs from the target.
Mask string_part(const Table& table, const Condition& c) {
  const RE2& pattern = pattern_of(c.regex);
  return pairwise(table, c, [&](const Cell& cell, const Cell& whole) {
    std::string part;
    const std::string text = plain_text(whole);
    if (!RE2::PartialMatch(text, pattern, &part)) return true;
    return !cell.is_text() || cell.text != part;
  });
}

/// One truth for the whole column, shown at its first row: some listed value does not occur.
Mask not_contains_all(const Table& table, const Condition& c) {
  const Column& target = table.column(c.name);
  const Value wanted = expand_value(table, c.value);
  Mask mask(target.size());
  if (wanted.kind != Kind::list || mask.empty()) return mask;
  ValueNumbers items;
  for (const Value& item : *wanted.list) items.of(item);
  std::set<std::uint32_t> present;
  target.map([&](const Cell& cell) { return present.insert(items.find(cell)).second; });
  mask[0] = std::any_of(wanted.list->begin(), wanted.list->end(),
                        [&](const Value& v) { return present.count(items.find(v)) == 0; });
  return mask;
}

bool ordered_subset(const Cell& cell, const Cell& of) {
  if (!cell.is_list() || !of.is_list()) return false;
  std::size_t position = 0;
  for (const Value& item : *cell.list) {
    if (!holds(*of.list, item)) continue;  // variables outside the list have no place in its order
    while (position < of.list->size() && !same((*of.list)[position], item)) ++position;
    if (position == of.list->size()) return false;
  }
  return true;
}

bool shares_none(const Cell& a, const Cell& b) {
  if (!a.is_list() || !b.is_list()) return true;
  return std::none_of(a.list->begin(), a.list->end(), [&](const Value& v) { return holds(*b.list, v); });
}

const std::map<std::string, Operator>& table_of_operators() {
  using T = const Table&;
  using C = const Condition&;
  static const std::map<std::string, Operator> operators{
      {"empty", empty},
      {"non_empty", [](T t, C c) { return negated(empty(t, c)); }},
      {"exists", exists},
      {"not_exists", [](T t, C c) { return negated(exists(t, c)); }},
      {"equal_to", [](T t, C c) { return equality(t, c, false, false); }},
      {"not_equal_to", [](T t, C c) { return equality(t, c, true, false); }},
      {"equal_to_case_insensitive", [](T t, C c) { return equality(t, c, false, true); }},
      {"not_equal_to_case_insensitive", [](T t, C c) { return equality(t, c, true, true); }},
      {"is_contained_by", [](T t, C c) { return contained(t, c); }},
      {"is_not_contained_by", [](T t, C c) { return negated(contained(t, c)); }},
      {"contains", [](T t, C c) { return pairwise(t, c, contains); }},
      {"does_not_contain", [](T t, C c) { return negated(pairwise(t, c, contains)); }},
      {"matches_regex", [](T t, C c) { return regex(t, c, false, 0, 0); }},
      {"not_matches_regex", [](T t, C c) { return regex(t, c, true, 0, 0); }},
      {"prefix_matches_regex", [](T t, C c) { return regex(t, c, false, c.affix, 0); }},
      {"not_prefix_matches_regex", [](T t, C c) { return regex(t, c, true, c.affix, 0); }},
      {"suffix_matches_regex", [](T t, C c) { return regex(t, c, false, 0, c.affix); }},
      {"not_suffix_matches_regex", [](T t, C c) { return regex(t, c, true, 0, c.affix); }},
      {"prefix_equal_to", [](T t, C c) { return affix_equal(t, c, true, false); }},
      {"prefix_not_equal_to", [](T t, C c) { return affix_equal(t, c, true, true); }},
      {"suffix_equal_to", [](T t, C c) { return affix_equal(t, c, false, false); }},
      {"suffix_not_equal_to", [](T t, C c) { return affix_equal(t, c, false, true); }},
      {"prefix_is_contained_by", [](T t, C c) { return affix_contained(t, c, true, false); }},
      {"prefix_is_not_contained_by", [](T t, C c) { return affix_contained(t, c, true, true); }},
      {"suffix_is_contained_by", [](T t, C c) { return affix_contained(t, c, false, false); }},
      {"suffix_is_not_contained_by", [](T t, C c) { return affix_contained(t, c, false, true); }},
      {"starts_with", [](T t, C c) { return affix_text(t, c, true); }},
      {"ends_with", [](T t, C c) { return affix_text(t, c, false); }},
      {"longer_than", longer_than},
      {"less_than", [](T t, C c) { return number_order(t, c, Order::less); }},
      {"less_than_or_equal_to", [](T t, C c) { return number_order(t, c, Order::less_equal); }},
      {"greater_than", [](T t, C c) { return number_order(t, c, Order::greater); }},
      {"greater_than_or_equal_to", [](T t, C c) { return number_order(t, c, Order::greater_equal); }},
      {"date_less_than", [](T t, C c) { return date_order(t, c, Order::less); }},
      {"date_less_than_or_equal_to", [](T t, C c) { return date_order(t, c, Order::less_equal); }},
      {"date_greater_than", [](T t, C c) { return date_order(t, c, Order::greater); }},
      {"date_greater_than_or_equal_to", [](T t, C c) { return date_order(t, c, Order::greater_equal); }},
      {"date_equal_to", [](T t, C c) { return date_order(t, c, Order::equal); }},
      {"date_not_equal_to", [](T t, C c) { return date_order(t, c, Order::not_equal); }},
      {"invalid_date", invalid_date},
      {"is_complete_date", complete_date},
      {"is_incomplete_date", [](T t, C c) { return negated(complete_date(t, c)); }},
      {"invalid_duration", invalid_duration},
      {"does_not_equal_string_part", string_part},
      {"not_contains_all", not_contains_all},
      {"is_not_ordered_subset_of", [](T t, C c) { return negated(pairwise(t, c, ordered_subset)); }},
      {"shares_no_elements_with", [](T t, C c) { return pairwise(t, c, shares_none); }},
      {"is_not_unique_set", is_not_unique_set},
      {"is_unique_set", [](T t, C c) { return negated(is_not_unique_set(t, c)); }},
      {"is_not_unique_relationship", is_not_unique_relationship},
      {"is_inconsistent_across_dataset", is_inconsistent_across_dataset},
      {"present_on_multiple_rows_within", present_on_multiple_rows_within},
      {"not_present_on_multiple_rows_within",
       [](T t, C c) { return negated(present_on_multiple_rows_within(t, c)); }},
      {"empty_within_except_last_row", empty_within_except_last_row},
      {"does_not_have_next_corresponding_record", does_not_have_next_corresponding_record},
      {"target_is_not_sorted_by", target_is_not_sorted_by}};
  return operators;
}

}  // namespace

std::string Table::expand(const std::string& name) const {
  return name.substr(0, 2) == "--" ? prefix + name.substr(2) : name;
}

const Column& Table::column(const std::string& name) const {
  const std::string expanded = expand(name);
  const Column* found = frame.find(expanded);
  if (found == nullptr) throw MissingColumn{expanded};
  return *found;
}

Operator find_operator(const std::string& name) {
  const auto found = table_of_operators().find(name);
  return found == table_of_operators().end() ? nullptr : found->second;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const auto& [name, function] : table_of_operators()) names.push_back(name);
  return names;
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
