#include "transform/names.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace trialmill::transform {

namespace {

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$';
}

/// Reads a plain or quoted name at `at`; empty if there is none.
std::string take_name(std::string_view sql, std::size_t& at) {
  std::string name;
  if (at < sql.size() && sql[at] == '"') {
    for (++at; at < sql.size() && sql[at] != '"'; ++at) name += sql[at];
    if (at < sql.size()) ++at;
    return name;
  }
  if (at < sql.size() && std::isdigit(static_cast<unsigned char>(sql[at]))) return name;
  while (at < sql.size() && is_name_char(sql[at])) name += sql[at++];
  return name;
}

std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const auto end = sql.find('\'', at + 1);
  return end == std::string_view::npos ? sql.size() : end + 1;
}

/// Words of SQL's own, which are no names even where a column is called so (write "END" in quotes then).
bool is_keyword(const std::string& word) {
  static const std::set<std::string> words{
      "ALL",       "AND",    "AS",    "ASC",  "BETWEEN", "BY",     "CASE",  "DESC",  "DISTINCT", "ELSE",
      "END",       "EXISTS", "FALSE", "FROM", "GROUP",   "HAVING", "ILIKE", "IN",    "IS",       "JOIN",
      "LEFT",      "LIKE",   "LIMIT", "NOT",  "NULL",    "NULLS",  "ON",    "OR",    "ORDER",    "OVER",
      "PARTITION", "SELECT", "THEN",  "TRUE", "UNION",   "USING",  "WHEN",  "WHERE", "WITH"};
  return words.count(word) != 0;
}

/// Whether a subquery around the place knows the name.
bool is_own(const std::vector<Subquery>& subqueries, std::size_t at, const std::string& first,
            const std::string& second) {
  const std::string name = base::to_lower(first);
  return std::ranges::any_of(subqueries, [&](const Subquery& one) {
    return one.begin < at && at < one.end && (second.empty() ? one.columns : one.aliases).count(name) != 0;
  });
}

}  // namespace

std::string rename_names(std::string_view sql, const RenameName& rename,
                         const std::vector<Subquery>& subqueries) {
  std::string out;
  std::string before;  // the word or sign before, to leave types of casts and aliases alone
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    std::size_t end = at + 1;
    if (c == '\'') {
      end = end_of_quoted(sql, at);
      before = "'";
    } else if (sql.substr(at, 2) == "--") {
      end = std::min(sql.find('\n', at), sql.size());
    } else if (c == '"' || (is_name_char(c) && !std::isdigit(static_cast<unsigned char>(c)))) {
      end = at;
      const std::string first = take_name(sql, end);
      std::string second;
      std::size_t after = end;
      if (after < sql.size() && sql[after] == '.' && ++after < sql.size()) {
        second = take_name(sql, after);
        if (!second.empty()) end = after;
      }
      std::size_t next = end;
      while (next < sql.size() && std::isspace(static_cast<unsigned char>(sql[next]))) ++next;
      // A call, or a typed literal: DATE '2024-01-01'.
      const bool call = next < sql.size() && (sql[next] == '(' || sql[next] == '\'');
      const bool keyword = c != '"' && second.empty() && is_keyword(base::to_upper(first));
      const bool skip = call || keyword || before == ":" || before == "." || before == "AS" ||
                        before == "FROM" || before == "JOIN" || is_own(subqueries, at, first, second);
      before = base::to_upper(first);
      if (const auto replaced = skip ? std::nullopt : rename(first, second)) {
        out += *replaced;
        at = end;
        continue;
      }
    } else if (is_name_char(c)) {
      while (end < sql.size() && is_name_char(sql[end])) ++end;
      before = "0";
    } else if (!std::isspace(static_cast<unsigned char>(c))) {
      before = std::string(1, c);
    }
    out += sql.substr(at, end - at);
    at = end;
  }
  return out;
}

std::set<std::string> names_in(std::string_view sql, const std::string& first) {
  std::set<std::string> found;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '\'') {
      at = end_of_quoted(sql, at);
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql[at] == '"' ||
               (is_name_char(sql[at]) && !std::isdigit(static_cast<unsigned char>(sql[at])))) {
      const std::string name = take_name(sql, at);
      if (at >= sql.size() || sql[at] != '.') continue;
      ++at;
      if (base::to_lower(name) == base::to_lower(first)) found.insert(take_name(sql, at));
    } else {
      ++at;
    }
  }
  return found;
}

}  // namespace trialmill::transform
