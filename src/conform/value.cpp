#include "conform/value.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace trialmill::conform {

Value Value::of_texts(const std::vector<std::string>& texts) {
  std::vector<Value> items;
  for (const std::string& text : texts) items.push_back(of(text));
  return of(std::move(items));
}

bool is_empty(const Cell& cell) {
  return cell.is_null() || (cell.is_text() && cell.text.empty()) || (cell.is_list() && cell.list->empty());
}

bool same(const Cell& a, const Cell& b) {
  if (a.is_number() && b.is_number()) return a.number == b.number;
  if (a.kind != b.kind) return false;
  if (a.is_text()) return a.text == b.text;
  if (!a.is_list()) return true;
  return a.list->size() == b.list->size() &&
         std::equal(a.list->begin(), a.list->end(), b.list->begin(),
                    [](const Value& x, const Value& y) { return same(x, y); });
}

bool holds(const std::vector<Value>& list, const Cell& cell) {
  return std::any_of(list.begin(), list.end(), [&](const Value& item) { return same(item, cell); });
}

int order(const Cell& a, const Cell& b) {
  if (is_empty(a) || is_empty(b)) return static_cast<int>(is_empty(a)) - static_cast<int>(is_empty(b));
  if (a.is_number() && b.is_number()) return a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
  const int sign = a.is_text() && b.is_text() ? a.text.compare(b.text) : plain_text(a).compare(plain_text(b));
  return sign < 0 ? -1 : sign > 0 ? 1 : 0;
}

std::string float_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  const std::string shortest(buffer, end);
  const std::size_t mark = shortest.find('e');
  const int exponent = std::stoi(shortest.substr(mark + 1));
  if (exponent < -4 || exponent >= 16) return shortest;
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed).ptr;
  std::string text(buffer, fixed);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

namespace {

std::string integer_text(double number) {
  return std::to_string(static_cast<long long>(number));
}

/// Text between quotes, as lists show their items.
std::string quoted(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char mark = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + mark;
}

std::string item_text(const Value& item) {
  if (item.kind == Kind::null) return "None";
  if (item.kind == Kind::text) return item.text.empty() ? "None" : quoted(item.text);
  return printed(item);
}

}  // namespace

std::string printed(const Cell& cell) {
  switch (cell.kind) {
    case Kind::null:
      return {};
    case Kind::number:
      return float_text(cell.number);
    case Kind::integer:
      return integer_text(cell.number);
    case Kind::boolean:
      return cell.number != 0 ? "True" : "False";
    case Kind::text:
      if (base::trim(cell.text).empty() || cell.text == "nan") return {};
      return std::string(cell.text);
    case Kind::list:
      break;
  }
  std::string out = "[";
  for (const Value& item : *cell.list) out += (out.size() > 1 ? ", " : "") + item_text(item);
  return out + "]";
}

std::string plain_text(const Cell& cell) {
  if (cell.is_text()) return std::string(cell.text);
  if (cell.kind == Kind::number && cell.number == std::floor(cell.number) && std::abs(cell.number) < 1e15) {
    return integer_text(cell.number);
  }
  return printed(cell);
}

double to_number(const Cell& cell) {
  if (cell.is_number()) return cell.number;
  if (!cell.is_text()) return std::nan("");
  std::string_view text = base::trim(cell.text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() && !text.empty() ? number : std::nan("");
}

}  // namespace trialmill::conform
