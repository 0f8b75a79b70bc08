#include "workflow/asl_choice.hpp"

#include <chrono>
#include <set>

#include "base/text.hpp"
#include "workflow/asl_error.hpp"

namespace trialmill::workflow::asl {

namespace {

/// `*` stands for any characters, `\*` for a star, `\\` for a backslash.
bool matches(std::string_view pattern, std::string_view text) {
  struct Piece {
    bool any;
    char c;
  };
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      pieces.push_back({false, pattern[++i]});
    } else {
      pieces.push_back({pattern[i] == '*', pattern[i]});
    }
  }
  // Greedy with one point of return: linear for one star, never exponential.
  std::size_t p = 0, t = 0, star = std::string::npos, from = 0;
  while (t < text.size()) {
    if (p < pieces.size() && !pieces[p].any && pieces[p].c == text[t]) {
      ++p, ++t;
    } else if (p < pieces.size() && pieces[p].any) {
      star = p++, from = t;
    } else if (star != std::string::npos) {
      p = star + 1, t = ++from;
    } else {
      return false;
    }
  }
  while (p < pieces.size() && pieces[p].any) ++p;
  return p == pieces.size();
}

/// "EqualsPath" → how the comparison of two values must come out.
bool ordered(std::string_view relation, int order) {
  if (relation == "Equals") return order == 0;
  if (relation == "LessThan") return order < 0;
  if (relation == "LessThanEquals") return order <= 0;
  if (relation == "GreaterThan") return order > 0;
  return order >= 0;
}

template <class T>
int order_of(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

bool compare(std::string_view op, const Json& value, const Json& wanted) {
  const auto starts = [&](std::string_view word) { return op.substr(0, word.size()) == word; };
  if (op == "StringMatches") {
    return value.is_string() && wanted.is_string() &&
           matches(wanted.get<std::string>(), value.get<std::string>());
  }
  if (starts("String")) {
    return value.is_string() && wanted.is_string() &&
           ordered(op.substr(6), order_of(value.get<std::string>(), wanted.get<std::string>()));
  }
  if (starts("Numeric")) {
    return value.is_number() && wanted.is_number() && ordered(op.substr(7), order_of(value, wanted));
  }
  if (starts("Boolean")) return value.is_boolean() && wanted.is_boolean() && value == wanted;
  if (starts("Timestamp")) {
    if (!value.is_string() || !wanted.is_string()) return false;
    const auto left = parse_timestamp(value.get<std::string>());
    const auto right = parse_timestamp(wanted.get<std::string>());
    return left && right && ordered(op.substr(9), order_of(*left, *right));
  }
  throw runtime_error("There is no comparison '" + std::string(op) + "'");
}

bool is_kind(std::string_view op, const Json& value) {
  if (op == "IsNull") return value.is_null();
  if (op == "IsNumeric") return value.is_number();
  if (op == "IsString") return value.is_string();
  if (op == "IsBoolean") return value.is_boolean();
  return value.is_string() && parse_timestamp(value.get<std::string>()).has_value();
}

bool comparison_holds(const std::string& op, const Json& rule, const Scope& scope) {
  const std::string variable = rule.at("Variable").get<std::string>();
  const auto value = find(variable, scope);
  if (op == "IsPresent") return value.has_value() == rule.at(op).get<bool>();
  if (!value) {
    throw runtime_error("Invalid path '" + variable +
                        "': The choice state's condition path references an invalid value.");
  }
  if (op.rfind("Is", 0) == 0) return is_kind(op, *value) == rule.at(op).get<bool>();
  if (op.ends_with("Path")) {
    const std::string path = rule.at(op).get<std::string>();
    const auto wanted = find(path, scope);
    if (!wanted) {
      throw runtime_error("Invalid path '" + path +
                          "': The choice state's condition path references an invalid value.");
    }
    return compare(op.substr(0, op.size() - 4), *value, *wanted);
  }
  return compare(op, *value, rule.at(op));
}

}  // namespace

bool is_operator(const std::string& name) {
  static const std::set<std::string> all = [] {
    std::set<std::string> out = {"StringMatches", "IsNull",        "IsPresent",
                                 "IsNumeric",     "IsString",      "IsBoolean",
                                 "IsTimestamp",   "BooleanEquals", "BooleanEqualsPath"};
    for (const char* type : {"String", "Numeric", "Timestamp"}) {
      for (const char* relation :
           {"Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"}) {
        out.insert(std::string(type) + relation);
        out.insert(std::string(type) + relation + "Path");
      }
    }
    return out;
  }();
  return all.count(name) > 0;
}

bool rule_holds(const Json& rule, const Scope& scope) {
  if (rule.contains("Not")) return !rule_holds(rule.at("Not"), scope);
  if (rule.contains("And")) {
    for (const auto& part : rule.at("And")) {
      if (!rule_holds(part, scope)) return false;
    }
    return true;
  }
  if (rule.contains("Or")) {
    for (const auto& part : rule.at("Or")) {
      if (rule_holds(part, scope)) return true;
    }
    return false;
  }
  for (const auto& [key, value] : rule.items()) {
    if (is_operator(key)) return comparison_holds(key, rule, scope);
  }
  throw runtime_error("A choice rule has no comparison");
}

std::optional<std::pair<std::int64_t, std::int64_t>> parse_timestamp(const std::string& text) {
  std::size_t at = 0;
  const auto digits = [&](std::size_t count) {
    int out = 0;
    for (std::size_t i = 0; i < count; ++i, ++at) {
      if (at >= text.size() || text[at] < '0' || text[at] > '9') return -1;
      out = out * 10 + (text[at] - '0');
    }
    return out;
  };
  const auto eat = [&](char c) { return at < text.size() && text[at] == c && ++at; };
  const int year = digits(4);
  if (year < 0 || !eat('-')) return std::nullopt;
  const int month = digits(2);
  if (month < 0 || !eat('-')) return std::nullopt;
  const int day = digits(2);
  if (day < 0 || !eat('T')) return std::nullopt;
  const int hour = digits(2);
  if (hour < 0 || hour > 23 || !eat(':')) return std::nullopt;
  const int minute = digits(2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int second = 0;
  std::int64_t nanos = 0;
  if (eat(':')) {
    second = digits(2);
    if (second < 0 || second > 59) return std::nullopt;
    if (eat('.')) {
      std::int64_t unit = 100'000'000;
      const std::size_t start = at;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
        nanos += unit * (text[at] - '0');
      if (at == start) return std::nullopt;
    }
  }
  std::int64_t offset = 0;
  if (!eat('Z')) {
    const int sign = eat('+') ? 1 : (eat('-') ? -1 : 0);
    if (sign == 0) return std::nullopt;
    const int hours = digits(2);
    if (hours < 0 || hours > 23 || !eat(':')) return std::nullopt;
    const int minutes = digits(2);
    if (minutes < 0 || minutes > 59) return std::nullopt;
    offset = sign * (hours * 3600 + minutes * 60);
  }
  if (at != text.size()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return std::pair{days * 86400 + hour * 3600 + minute * 60 + second - offset, nanos};
}

}  // namespace trialmill::workflow::asl
