// One value of a rule or of a cell. Rules compare type-strictly: the text "1" never equals the number 1, and
// a null is not the empty text. Cells are looked at through `Cell`, which copies nothing.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::conform {

enum class Kind : std::uint8_t { null, text, number, integer, boolean, list };

struct Value {
  Kind kind = Kind::null;
  double number = 0;  ///< of number, integer and boolean (0 or 1)
  std::string text;
  std::shared_ptr<const std::vector<Value>> list;

  static Value of(std::string text) { return {Kind::text, 0, std::move(text), nullptr}; }
  static Value of(const char* text) { return of(std::string(text)); }
  static Value of(bool flag) { return {Kind::boolean, flag ? 1.0 : 0.0, {}, nullptr}; }
  static Value integer(double number) { return {Kind::integer, number, {}, nullptr}; }
  /// NaN becomes null.
  static Value real(double number) {
    return std::isnan(number) ? Value{} : Value{Kind::number, number, {}, nullptr};
  }
  static Value of(std::vector<Value> items) {
    return {Kind::list, 0, {}, std::make_shared<const std::vector<Value>>(std::move(items))};
  }
  static Value of_texts(const std::vector<std::string>& texts);
};

/// A view of a value; valid as long as the column or Value it comes from.
struct Cell {
  Kind kind = Kind::null;
  double number = 0;
  std::string_view text;
  const std::vector<Value>* list = nullptr;

  Cell() = default;
  Cell(Kind cell_kind, double cell_number) : kind(cell_kind), number(cell_number) {}
  Cell(const Value& value)  // NOLINT: views are made silently on purpose
      : kind(value.kind), number(value.number), text(value.text), list(value.list.get()) {}

  bool is_null() const { return kind == Kind::null; }
  bool is_text() const { return kind == Kind::text; }
  bool is_number() const { return kind == Kind::number || kind == Kind::integer || kind == Kind::boolean; }
  bool is_list() const { return kind == Kind::list; }
};

/// Null, "" and the empty list. Blanks are not empty.
bool is_empty(const Cell& cell);
/// Equal type and value; two nulls are equal here (operators decide about nulls themselves).
bool same(const Cell& a, const Cell& b);
/// True if `list` holds a value equal to `cell`.
bool holds(const std::vector<Value>& list, const Cell& cell);

/// -1, 0 or 1: nulls last, numbers by value, texts bytewise.
int order(const Cell& a, const Cell& b);

/// As reports print it: 1.0, 1e-05, True, ['A', None]; null and blank-only texts print empty.
std::string printed(const Cell& cell);
/// Text form for text operators: numbers without a superfluous ".0".
std::string plain_text(const Cell& cell);
/// Shortest decimal form that reads back to the same number: 1.0, 0.1, 1e-05, 1e+16.
std::string float_text(double number);
/// The cell as a number (texts are parsed as a whole, blanks around allowed); NaN if it is none.
double to_number(const Cell& cell);

}  // namespace trialmill::conform
