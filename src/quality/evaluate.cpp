#include "quality/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace trialmill::quality {

using base::sql_identifier;
using base::sql_literal;

namespace {

/// SQL truth of `expression op operand` for one row. NULL fails every operator but != and not-in, unless NULL
/// is named (semantics of the open evaluator, see docs/dqdl.md).
std::string equals(const std::string& expression, const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::null:
      return "(" + expression + " IS NULL)";
    case Operand::Kind::empty:
      return "coalesce(" + expression + " = '', false)";
    case Operand::Kind::blank:
      return "coalesce(regexp_full_match(" + expression + ", '\\s+'), false)";
    case Operand::Kind::text:
      return "coalesce(" + expression + " = " + sql_literal(operand.text) + ", false)";
    case Operand::Kind::number:
      break;
  }
  return "coalesce(TRY_CAST(" + expression + " AS DOUBLE) = " + operand.text + ", false)";
}

std::string row_predicate(const std::string& expression, const Condition& condition) {
  const std::string& op = condition.op;
  if (op == "=" || op == "in" || op == "!=" || op == "not-in") {
    std::string any;
    for (const auto& operand : condition.operands)
      any += (any.empty() ? "" : " OR ") + equals(expression, operand);
    return op == "=" || op == "in" ? "(" + any + ")" : "NOT (" + any + ")";
  }
  if (op == "matches" || op == "not-matches") {
    const std::string match =
        "regexp_full_match(" + expression + ", " + sql_literal(condition.operands[0].text) + ")";
    return "coalesce(" + std::string(op == "matches" ? "" : "NOT ") + match + ", false)";
  }
  const bool numeric = condition.operands[0].kind == Operand::Kind::number;
  const std::string value = numeric ? "TRY_CAST(" + expression + " AS DOUBLE)" : expression;
  const auto side = [&](std::size_t i) {
    return numeric ? condition.operands[i].text : sql_literal(condition.operands[i].text);
  };
  if (op == "between" ||
      op == "not-between") {  // exclusive on both ends; its negation is the exact complement
    const std::string inside = "(" + value + " > " + side(0) + " AND " + value + " < " + side(1) + ")";
    return "coalesce(" + (op == "between" ? inside : "NOT " + inside) + ", false)";
  }
  return "coalesce(" + value + " " + op + " " + side(0) + ", false)";
}

bool holds(double metric, const Condition& condition) {
  for (const auto& item : condition.operands) {
    if (item.kind != Operand::Kind::number)
      throw base::Error("TM2201", "a metric can only be compared with numbers");
  }
  const auto operand = [&](std::size_t i) { return condition.operands[i].number; };
  const auto any = [&] {
    return std::any_of(condition.operands.begin(), condition.operands.end(),
                       [&](const Operand& item) { return item.number == metric; });
  };
  const std::string& op = condition.op;
  if (op == "=" || op == "in") return any();
  if (op == "!=" || op == "not-in") return !any();
  if (op == ">") return metric > operand(0);
  if (op == ">=") return metric >= operand(0);
  if (op == "<") return metric < operand(0);
  if (op == "<=") return metric <= operand(0);
  if (op == "between") return metric > operand(0) && metric < operand(1);
  if (op == "not-between") return !(metric > operand(0) && metric < operand(1));
  return false;
}

class Evaluation {
 public:
  Evaluation(table::Session& session, const std::string& relation, const Rule& rule)
      : session_(session), rule_(rule), table_(relation) {
    if (!rule.where.empty()) table_ = "(SELECT * FROM " + relation + " WHERE (" + rule.where + "\n))";
  }

  Verdict run() {
    const std::string& type = rule_.type;
    if (std::string why = why_not_evaluated(rule_); !why.empty()) return failed(std::move(why));
    if (type == "RowCount") return metric("RowCount", "SELECT count(*)::DOUBLE FROM " + table_);
    if (type == "ColumnCount") {
      return judge("Dataset.*.ColumnCount", static_cast<double>(visible_columns().size()));
    }
    if (type == "CustomSql") return custom_sql();
    for (const auto& column : rule_.parameters) {
      const auto columns = visible_columns();
      if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
        const std::string hint = base::did_you_mean(column, columns);
        return failed("there is no column '" + column + "'" + (hint.empty() ? "" : "; " + hint));
      }
    }
    if (type == "ColumnExists") return passed("");
    return column_rule();
  }

 private:
  Verdict passed(std::string metric) const { return {true, "", std::move(metric), "", ""}; }
  Verdict failed(std::string message) const { return {false, std::move(message), "", "", ""}; }

  std::vector<std::string> visible_columns() {
    auto columns = session_.columns_of(table_);
    std::erase_if(columns, [](const std::string& name) { return name == "_file" || name == "_row"; });
    return columns;
  }

  Verdict judge(const std::string& name, double value) const {
    const std::string text = fmt::format("{} = {}", name, value);
    Verdict verdict =
        holds(value, *rule_.condition) ? passed(text) : failed(text + " does not meet the condition");
    verdict.metric = text;
    return verdict;
  }

  Verdict metric(const std::string& name, const std::string& sql) {
    const auto result = session_.query(sql);
    if (result.rows() == 0 || result.is_null(0, 0))
      return failed(name + " has no value: there are no rows or numbers");
    const std::string target =
        rule_.parameters.empty() ? "Dataset.*" : "Column." + base::join(rule_.parameters, ",");
    return judge(target + "." + name, result.number(0, 0));
  }

  Verdict column_rule() {
    const std::string& type = rule_.type;
    std::string list, complete;
    for (const auto& column : rule_.parameters) {
      list += (list.empty() ? "" : ", ") + sql_identifier(column);
      complete += (complete.empty() ? "" : " AND ") + sql_identifier(column) + " IS NOT NULL";
    }
    const std::string first = sql_identifier(rule_.parameters[0]);
    const std::string number = "TRY_CAST(" + first + " AS DOUBLE)";
    // How often each value occurs; missing values do not count as a value.
    const std::string groups =
        "(SELECT count(*) AS n FROM " + table_ + " WHERE " + complete + " GROUP BY " + list + ")";
    if (type == "Completeness")
      return metric(type, "SELECT count(*) FILTER (WHERE " + complete + ") / count(*) FROM " + table_);
    if (type == "Uniqueness") {
      return metric(type, "SELECT (SELECT count(*) FROM " + groups +
                              " WHERE n = 1) / (SELECT count(*) FROM " + table_ + ")");
    }
    if (type == "UniqueValueRatio")
      return metric(type, "SELECT count(*) FILTER (WHERE n = 1) / count(*) FROM " + groups);
    if (type == "DistinctValuesCount") return metric(type, "SELECT count(*)::DOUBLE FROM " + groups);
    if (type == "Mean") return metric(type, "SELECT avg(" + number + ") FROM " + table_);
    if (type == "Sum") return metric(type, "SELECT sum(" + number + ") FROM " + table_);
    if (type == "ColumnCorrelation") {
      return metric(type, "SELECT corr(" + number + ", TRY_CAST(" + sql_identifier(rule_.parameters[1]) +
                              " AS DOUBLE)) FROM " + table_);
    }
    if (type == "Entropy")  // natural logarithm
      return metric(type,
                    "SELECT -sum(n / total * ln(n / total)) FROM (SELECT n, sum(n) OVER () AS total FROM " +
                        groups + ")");
    if (type == "StandardDeviation") return metric(type, "SELECT stddev_pop(" + number + ") FROM " + table_);
    return row_rule(list, complete, first);
  }

  Verdict row_rule(const std::string& list, const std::string& complete, const std::string& first) {
    const std::string& type = rule_.type;
    const std::string once = "(count(*) OVER (PARTITION BY " + list + ") = 1)";
    std::string good;
    if (type == "IsComplete") good = "(" + complete + ")";
    if (type == "IsUnique") good = once;
    if (type == "IsPrimaryKey") good = "(" + complete + " AND " + once + ")";
    if (type == "ColumnValues" || type == "ColumnLength") {
      // A missing value has length 0.
      good = type == "ColumnValues" ? row_predicate(first, *rule_.condition)
                                    : row_predicate("coalesce(length(" + first + "), 0)", *rule_.condition);
    }
    return judge_rows("SELECT _file, _row, concat_ws(', ', " + list + ") AS value, " + good +
                      " AS good FROM " + table_);
  }

  Verdict judge_rows(const std::string& marked) {
    const auto counts =
        session_.query("SELECT count(*)::DOUBLE, count(*) FILTER (WHERE good)::DOUBLE FROM (" + marked + ")");
    const double rows = counts.number(0, 0), good = counts.number(0, 1);
    const double share = rows > 0 ? good / rows : 1.0;
    Verdict out;
    out.column = base::join(rule_.parameters, ", ");
    out.passed = rule_.threshold ? holds(share, *rule_.threshold) : good == rows;
    out.metric = fmt::format("{} of {} rows meet the rule", good, rows);
    if (out.passed) return out;
    out.message = fmt::format("{} of {} rows do not meet the rule", rows - good, rows);
    out.failing_rows = "SELECT _file, _row, value FROM (" + marked + ") WHERE NOT good ORDER BY _file, _row";
    return out;
  }

  // One number → compared with the condition. A SELECT of rows → those rows are good, all others are not; the
  // statement must then be of the form "SELECT … FROM primary WHERE …".
  Verdict custom_sql() {
    const std::string& sql = rule_.parameters[0];
    const std::string with = "WITH \"primary\" AS (SELECT * FROM " + table_ + ") ";
    if (rule_.condition) {
      const auto result =
          session_.query("SELECT TRY_CAST(v AS DOUBLE) FROM (" + with + quoted_primary(sql) + ") t(v)");
      if (result.rows() != 1 || result.is_null(0, 0)) return failed("the statement does not give one number");
      return judge("Dataset.*.CustomSQL", result.number(0, 0));
    }
    const auto columns = session_.columns_of("(" + with + quoted_primary(sql) + ")");
    std::string join, list;
    for (const auto& column : columns) {
      join += (join.empty() ? "" : " AND ") + std::string("p.") + sql_identifier(column) +
              " IS NOT DISTINCT FROM g." + sql_identifier(column);
      list += (list.empty() ? "" : ", ") + std::string("p.") + sql_identifier(column);
    }
    Verdict out =
        judge_rows("SELECT p._file, p._row, concat_ws(', ', " + list + ") AS value, EXISTS (SELECT 1 FROM (" +
                   with + quoted_primary(sql) + ") g WHERE " + join + ") AS good FROM " + table_ + " p");
    out.column = base::join(columns, ", ");
    return out;
  }

  /// `primary` is a reserved word of the engine, but the name of the table in DQDL.
  static std::string quoted_primary(const std::string& sql) {
    std::string out = base::replace_all(sql, " primary", " \"primary\"");
    return base::replace_all(out, " PRIMARY", " \"primary\"");
  }

  table::Session& session_;
  const Rule& rule_;
  std::string table_;
};

Verdict evaluate_composite(table::Session& session, const std::string& relation, const Rule& rule) {
  Verdict out;
  out.passed = rule.join == "and";
  for (const auto& part : rule.parts) {
    const Verdict one = evaluate(session, relation, part);
    out.passed = rule.join == "and" ? out.passed && one.passed : out.passed || one.passed;
    if (!one.passed) out.message += (out.message.empty() ? "" : "; ") + part.text + ": " + one.message;
  }
  if (out.passed) out.message.clear();
  return out;
}

}  // namespace

std::string why_not_evaluated(const Rule& rule) {
  if (rule.type == "composite") {
    std::string why;
    for (const auto& part : rule.parts) {
      const std::string one = why_not_evaluated(part);
      if (!one.empty()) why += (why.empty() ? "" : "; ") + part.text + ": " + one;
    }
    return why;
  }
  const auto is_one_of = [&](std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), rule.type) != types.end();
  };
  const bool on_table = is_one_of({"RowCount", "ColumnCount"});
  const bool on_rows = is_one_of({"IsComplete", "IsUnique", "IsPrimaryKey", "ColumnValues", "ColumnLength"});
  const bool custom = rule.type == "CustomSql";
  const bool exists = rule.type == "ColumnExists";
  std::string reason;
  if (const UnevaluatedType* type = unevaluated_type(rule.type)) {
    reason = type->reason;
  } else if (rule.type == "ColumnCorrelation" && rule.parameters.size() != 2) {
    reason = "a correlation is between two columns";
  } else if (rule.parameters.empty() && !on_table) {
    reason = custom ? "the rule has no statement" : "the rule names no column";
  } else if (rule.threshold && !on_rows && !(custom && !rule.condition)) {
    reason = "a threshold is not supported on " + rule.type;
  } else if (!rule.condition &&
             (is_one_of({"ColumnValues", "ColumnLength"}) || !(on_rows || custom || exists))) {
    reason = "the rule has no condition";
  }
  return reason.empty() ? "" : "understood, but not evaluated: " + reason;
}

Verdict evaluate(table::Session& session, const std::string& relation, const Rule& rule) {
  if (rule.type == "composite") return evaluate_composite(session, relation, rule);
  try {
    return Evaluation(session, relation, rule).run();
  } catch (const base::Error& error) {
    if (error.kind() == base::ErrorKind::interrupted) throw;
    return {false, "the rule cannot be evaluated: " + error.message(), "", "", ""};
  }
}

}  // namespace trialmill::quality
