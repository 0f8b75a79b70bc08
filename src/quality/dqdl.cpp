#include "quality/dqdl.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.hpp"

namespace trialmill::quality {

using base::usage_error;

namespace {

enum class Token { word, string, number, symbol, end };

struct Lexeme {
  Token kind = Token::end;
  std::string text;
  int line = 1, column = 1;
  std::size_t from = 0, to = 0;  // byte range in the source
};

class Lexer {
 public:
  Lexer(const std::string& text, const std::string& name) : text_(text), name_(name) {}

  std::vector<Lexeme> all() {
    std::vector<Lexeme> out;
    while (true) {
      skip_blanks();
      out.push_back(next());
      if (out.back().kind == Token::end) return out;
    }
  }

 private:
  bool done() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  char take() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 0;
    }
    ++column_;
    return c;
  }
  void skip_blanks() {
    while (!done()) {
      if (std::isspace(static_cast<unsigned char>(peek()))) {
        take();
      } else if (peek() == '#') {
        while (!done() && peek() != '\n') take();
      } else {
        return;
      }
    }
  }
  Lexeme next() {
    Lexeme out;
    out.line = line_;
    out.column = column_;
    out.from = at_;
    if (!done()) {
      const char c = peek();
      if (c == '"')
        string(out);
      else if (std::isalpha(static_cast<unsigned char>(c)))
        word(out);
      else if (std::isdigit(static_cast<unsigned char>(c)) ||
               (c == '-' && std::isdigit(static_cast<unsigned char>(peek(1)))))
        number(out);
      else
        symbol(out);
    }
    out.to = at_;
    return out;
  }
  void string(Lexeme& out) {
    out.kind = Token::string;
    take();
    while (!done() && peek() != '"') {
      if (peek() == '\\' && peek(1) == '"') take();
      out.text += take();
    }
    if (done()) throw usage_error("TM2201", "a text in quotes is not closed", {name_, out.line, out.column});
    take();
  }
  void word(Lexeme& out) {
    out.kind = Token::word;
    while (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '_') out.text += take();
  }
  void number(Lexeme& out) {
    out.kind = Token::number;
    out.text += take();
    while (std::isdigit(static_cast<unsigned char>(peek())) || peek() == '.') out.text += take();
  }
  void symbol(Lexeme& out) {
    out.kind = Token::symbol;
    out.text = std::string(1, take());
    if ((out.text == "!" || out.text == "<" || out.text == ">") && peek() == '=') out.text += take();
  }

  const std::string& text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
};

class Parser {
 public:
  Parser(const std::string& text, std::string name)
      : text_(text), name_(std::move(name)), tokens_(Lexer(text, name_).all()) {}

  /// With `faults`, a fault inside a rule goes there and the rule is left out; without, it is thrown.
  std::vector<Rule> document(std::vector<base::Error>* faults) {
    faults_ = faults;
    expect_word("Rules");
    expect_symbol("=");
    std::vector<Rule> rules = rule_list();
    if (here().kind != Token::end) fail("nothing may follow the rules");
    if (rules.empty() && (!faults || faults->empty())) fail("no rules provided");
    return rules;
  }

 private:
  const Lexeme& here() const { return tokens_[at_]; }
  const Lexeme& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  bool is_symbol(const std::string& text) const {
    return here().kind == Token::symbol && here().text == text;
  }
  bool is_word(const std::string& text) const { return here().kind == Token::word && here().text == text; }
  [[noreturn]] void fail(const std::string& message, const std::string& hint = "") const {
    const std::string found = here().kind == Token::end ? "the end of the file" : "'" + here().text + "'";
    throw usage_error("TM2201", message + " (found " + found + ")", {name_, here().line, here().column},
                      hint);
  }
  void expect_symbol(const std::string& text) {
    if (!is_symbol(text)) fail("'" + text + "' expected");
    ++at_;
  }
  void expect_word(const std::string& text) {
    if (!is_word(text))
      fail("'" + text + "' expected", "a ruleset reads: Rules = [ RowCount > 0, IsComplete \"SUBJECT\" ]");
    ++at_;
  }
  std::string string(const std::string& what) {
    if (here().kind != Token::string) fail(what + " in double quotes expected");
    return tokens_[at_++].text;
  }

  std::vector<Rule> rule_list() {
    expect_symbol("[");
    std::vector<Rule> rules;
    while (!is_symbol("]")) {
      const std::size_t first = at_;
      try {
        rules.push_back(rule(0));
        if (!is_symbol("]")) expect_symbol(",");
      } catch (const base::Error& fault) {
        if (!faults_ || here().kind == Token::end) throw;
        faults_->push_back(fault);
        at_ = first;
        skip_rule();
      }
    }
    ++at_;
    return rules;
  }

  /// To the start of the next rule, or to the bracket that ends them. Brackets inside a rule are counted.
  void skip_rule() {
    for (int depth = 0; here().kind != Token::end; ++at_) {
      if (is_symbol("[") || is_symbol("(")) ++depth;
      if (is_symbol("]") && depth == 0) return;
      if (is_symbol("]") || is_symbol(")")) --depth;
      if (is_symbol(",") && depth <= 0) {
        ++at_;
        return;
      }
    }
    fail("']' expected");
  }

  Rule rule(int depth) {
    constexpr int depth_max = 50;
    if (depth > depth_max) fail("rules are nested too deeply");
    const std::size_t first = at_;
    Rule out = is_symbol("(") ? composite(depth) : simple();
    if (is_word("labels")) labels(out);
    out.line = tokens_[first].line;
    fold_text(out, tokens_[first].from, tokens_[at_ - 1].to);
    return out;
  }

  Rule composite(int depth) {
    Rule out;
    out.type = "composite";
    while (true) {
      expect_symbol("(");
      out.parts.push_back(rule(depth + 1));
      expect_symbol(")");
      if (!is_word("and") && !is_word("or")) break;
      if (!out.join.empty() && out.join != here().text)
        fail("'and' and 'or' cannot be mixed without parentheses");
      out.join = here().text;
      ++at_;
    }
    if (out.parts.size() == 1) return std::move(out.parts.front());
    return out;
  }

  Rule simple() {
    if (here().kind != Token::word) fail("a rule type expected");
    Rule out;
    out.type = here().text;
    const auto& known = known_rule_types();
    if (!unevaluated_type(out.type) && std::find(known.begin(), known.end(), out.type) == known.end()) {
      std::string hint = base::did_you_mean(out.type, known);
      if (hint.empty()) hint = "known: " + base::join(known, ", ");
      throw usage_error("TM2202", "rule type '" + out.type + "' is not known",
                        {name_, here().line, here().column}, hint);
    }
    ++at_;
    while (here().kind == Token::string) out.parameters.push_back(string("a column"));
    out.condition = condition();
    clauses(out);
    check_shape(out);
    return out;
  }

  /// Rules that are understood only must at least be well-formed, or nobody would see that they are not.
  void check_shape(const Rule& rule) const {
    const UnevaluatedType* type = unevaluated_type(rule.type);
    if (!type) return;
    const std::size_t n = rule.parameters.size();
    if (n < type->parameters_min || n > type->parameters_max) fail("wrong number of texts for " + rule.type);
    if (rule.threshold) fail("a threshold does not belong to " + rule.type);
    if (!type->where && !rule.where.empty()) fail("a where clause does not belong to " + rule.type);
    if (type->numeric != rule.condition.has_value())
      fail(rule.type + (type->numeric ? " needs a condition" : " has no condition"));
    if (!rule.condition) return;
    for (const auto& operand : rule.condition->operands) {
      if (operand.kind != Operand::Kind::number) fail(rule.type + " is compared with numbers only");
    }
  }

  void clauses(Rule& out) {
    while (true) {
      if (is_word("where")) {
        ++at_;
        out.where = string("a predicate");
      } else if (is_word("with") && ahead(1).text == "threshold") {
        at_ += 2;
        out.threshold = condition();
        if (!out.threshold) fail("a condition expected after 'with threshold'");
      } else {
        return;
      }
    }
  }

  std::optional<Condition> condition() {
    static const std::vector<std::string> comparisons{"=", "!=", ">", ">=", "<", "<="};
    Condition out;
    if (here().kind == Token::symbol &&
        std::find(comparisons.begin(), comparisons.end(), here().text) != comparisons.end()) {
      out.op = tokens_[at_++].text;
      out.operands.push_back(operand());
      return out;
    }
    if (is_word("not")) {
      out.op = "not-";
      ++at_;
    }
    if (is_word("between")) {
      ++at_;
      out.op += "between";
      out.operands.push_back(operand());
      expect_word("and");
      out.operands.push_back(operand());
    } else if (is_word("in")) {
      ++at_;
      out.op += "in";
      expect_symbol("[");
      while (true) {
        out.operands.push_back(operand());
        if (is_symbol("]")) break;
        expect_symbol(",");
      }
      ++at_;
    } else if (is_word("matches")) {
      ++at_;
      out.op += "matches";
      out.operands.push_back({Operand::Kind::text, string("a regular expression"), 0});
    } else if (out.op.empty()) {
      return std::nullopt;
    } else {
      fail("'between', 'in' or 'matches' expected after 'not'");
    }
    return out;
  }

  Operand operand() {
    const Lexeme token = here();
    ++at_;
    if (token.kind == Token::string) return {Operand::Kind::text, token.text, 0};
    if (token.kind == Token::word && token.text == "NULL") return {Operand::Kind::null, token.text, 0};
    if (token.kind == Token::word && token.text == "EMPTY") return {Operand::Kind::empty, token.text, 0};
    if (token.kind == Token::word && token.text == "WHITESPACES_ONLY")
      return {Operand::Kind::blank, token.text, 0};
    Operand out{Operand::Kind::number, token.text, 0};
    const char* end = token.text.data() + token.text.size();
    const auto [stop, status] = std::from_chars(token.text.data(), end, out.number);
    if (token.kind != Token::number || status != std::errc{} || stop != end) {
      --at_;
      fail("a number, a text in quotes, NULL, EMPTY or WHITESPACES_ONLY expected",
           "dates, durations and functions such as now() and last() are not understood yet");
    }
    return out;
  }

  void labels(Rule& out) {
    ++at_;
    expect_symbol("=");
    expect_symbol("[");
    while (true) {
      const std::string key = string("a label");
      expect_symbol("=");
      out.labels[key] = string("the value of a label");
      if (is_symbol("]")) break;
      expect_symbol(",");
    }
    ++at_;
  }

  void fold_text(Rule& out, std::size_t from, std::size_t to) const {
    bool blank = false;
    for (const char c : text_.substr(from, to - from)) {
      if (std::isspace(static_cast<unsigned char>(c))) {
        blank = true;
        continue;
      }
      if (blank && !out.text.empty()) out.text += ' ';
      blank = false;
      out.text += c;
    }
  }

  const std::string& text_;
  std::string name_;
  std::vector<Lexeme> tokens_;
  std::size_t at_ = 0;
  std::vector<base::Error>* faults_ = nullptr;
};

}  // namespace

const UnevaluatedType* unevaluated_type(const std::string& name) {
  static constexpr const char* reference = "it compares with another dataset, and there is none to name here";
  static constexpr UnevaluatedType types[] = {
      {"Variance", 1, 1, true, true, "the language does not say whether of the population or the sample"},
      {"RowCountMatch", 1, 1, true, false, reference},
      {"SchemaMatch", 1, 1, true, false, reference},
      {"ReferentialIntegrity", 2, 2, true, false, reference},
      {"DatasetMatch", 2, 3, true, false, reference},
      {"AggregateMatch", 2, 2, true, false, reference},
      {"ColumnNamesMatchPattern", 1, 1, false, false,
       "column names are fixed by the mappings; use ColumnExists"},
      {"DetectAnomalies", 1, 9, false, false, "it needs the metrics of earlier runs"},
  };
  for (const auto& type : types) {
    if (name == type.name) return &type;
  }
  return nullptr;
}

const std::vector<std::string>& known_rule_types() {
  static const std::vector<std::string> types{"RowCount",
                                              "ColumnCount",
                                              "ColumnExists",
                                              "IsComplete",
                                              "Completeness",
                                              "IsUnique",
                                              "Uniqueness",
                                              "UniqueValueRatio",
                                              "DistinctValuesCount",
                                              "IsPrimaryKey",
                                              "ColumnValues",
                                              "ColumnLength",
                                              "Mean",
                                              "Sum",
                                              "StandardDeviation",
                                              "Entropy",
                                              "ColumnCorrelation",
                                              "CustomSql"};
  return types;
}

std::vector<Rule> parse_dqdl(const std::string& text, const std::string& name) {
  return Parser(text, name).document(nullptr);
}

Checked check_dqdl(const std::string& text, const std::string& name) {
  Checked out;
  try {
    out.rules = Parser(text, name).document(&out.faults);
  } catch (const base::Error& fault) {  // outside of a rule: nothing can be read after it
    out.faults.push_back(fault);
  }
  return out;
}

}  // namespace trialmill::quality
