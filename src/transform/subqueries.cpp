// Finds the subqueries of an expression and the tables that they read.
#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "transform/names.hpp"

namespace trialmill::transform {

namespace {

/// A word, a quoted name or a sign. Words and names are told apart from quoted texts, which are left out.
struct Token {
  std::string text, upper;  ///< upper is empty for quoted names
  std::size_t at = 0;
};

std::vector<Token> tokens_of(std::string_view sql) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$';
  };
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    if (c == '\'' || c == '"') {
      const auto end = std::min(sql.find(c, at + 1), sql.size());
      if (c == '"') tokens.push_back({std::string(sql.substr(at + 1, end - at - 1)), "", at});
      at = std::min(end + 1, sql.size());
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (is_word(c)) {
      const std::size_t begin = at;
      while (at < sql.size() && is_word(sql[at])) ++at;
      const std::string word(sql.substr(begin, at - begin));
      tokens.push_back({word, base::to_upper(word), begin});
    } else {
      if (!std::isspace(static_cast<unsigned char>(c)))
        tokens.push_back({std::string(1, c), std::string(1, c), at});
      ++at;
    }
  }
  return tokens;
}

/// What stands between two parentheses.
struct Level {
  std::size_t subquery = npos;  ///< which one it is, if it begins with SELECT, FROM or WITH
  bool from = false;            ///< in its FROM clause
  bool derived = false;         ///< a table of the query around it
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

class Finder {
 public:
  explicit Finder(std::string_view sql) : size_(sql.size()), tokens_(tokens_of(sql)) {}

  std::vector<Subquery> find() {
    levels_.emplace_back();
    for (at_ = 0; at_ < tokens_.size(); ++at_) step();
    for (auto& one : found_) one.end = one.end == 0 ? size_ : one.end;
    return std::move(found_);
  }

 private:
  std::string upper(std::size_t at) const { return at < tokens_.size() ? tokens_[at].upper : ""; }

  void step() {
    const std::string& word = tokens_[at_].upper;
    if (word == "(") return open();
    if (word == ")") return close();
    Level& level = levels_.back();
    if (level.subquery == Level::npos) return;
    static const std::set<std::string> ends{"WHERE", "GROUP",  "HAVING",    "ORDER",  "LIMIT",  "SELECT",
                                            "UNION", "EXCEPT", "INTERSECT", "WINDOW", "QUALIFY"};
    if (word == "FROM" || word == "JOIN")
      level.from = true;
    else if (ends.count(word) != 0)
      level.from = false;
    if (word == "AS" && !level.from && at_ + 1 < tokens_.size())
      made_[level.subquery].insert(base::to_lower(tokens_[at_ + 1].text));
    if (word == "FROM" || word == "JOIN" || (word == "," && level.from)) table(found_[level.subquery]);
  }

  void open() {
    static const std::set<std::string> starts{"SELECT", "FROM", "WITH"};
    Level level;
    level.derived = levels_.back().from;
    if (starts.count(upper(at_ + 1)) != 0) {
      level.subquery = found_.size();
      Subquery one;
      one.begin = tokens_[at_].at;
      found_.push_back(std::move(one));
      made_.emplace_back();
    }
    levels_.push_back(level);
  }

  void close() {
    if (levels_.size() < 2) return;
    const Level level = levels_.back();
    levels_.pop_back();
    if (level.subquery == Level::npos) return;
    found_[level.subquery].end = tokens_[at_].at;
    const std::size_t around = levels_.back().subquery;
    if (!level.derived || around == Level::npos) return;
    // What a table in FROM is made of are names of the query around it, too.
    Subquery &outer = found_[around], &inner = found_[level.subquery];
    outer.tables.insert(outer.tables.end(), inner.tables.begin(), inner.tables.end());
    outer.columns.insert(made_[level.subquery].begin(), made_[level.subquery].end());
    alias(outer, at_ + 1);
  }

  /// A table behind FROM, JOIN or a comma.
  void table(Subquery& subquery) {
    std::size_t next = at_ + 1;
    if (next >= tokens_.size() || upper(next) == "(") return;
    std::string schema, name = tokens_[next++].text;
    if (upper(next) == "." && next + 1 < tokens_.size()) {
      schema = name;
      name = tokens_[next + 1].text;
      next += 2;
    }
    subquery.aliases.insert(base::to_lower(name));
    subquery.tables.emplace_back(base::to_lower(schema), name);
    alias(subquery, next);
  }

  void alias(Subquery& subquery, std::size_t at) {
    static const std::set<std::string> none{"WHERE",   "GROUP",  "HAVING",   "ORDER", "LIMIT", "UNION",
                                            "EXCEPT",  "JOIN",   "LEFT",     "RIGHT", "FULL",  "INNER",
                                            "CROSS",   "ON",     "USING",    "ANTI",  "SEMI",  "ASOF",
                                            "NATURAL", "SELECT", "INTERSECT"};
    if (upper(at) == "AS") ++at;
    if (at >= tokens_.size() || none.count(upper(at)) != 0) return;
    const std::string& text = tokens_[at].text;
    if (!text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '_'))
      subquery.aliases.insert(base::to_lower(text));
  }

  std::size_t size_, at_ = 0;
  std::vector<Token> tokens_;
  std::vector<Level> levels_;
  std::vector<Subquery> found_;
  std::vector<std::set<std::string>> made_;  ///< names after AS, for each subquery
};

}  // namespace

std::vector<Subquery> subqueries_in(std::string_view sql) {
  return Finder(sql).find();
}

}  // namespace trialmill::transform
