// Conditions of value-level metadata: as SQL on the data, and as where clauses.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "publish/define_build.hpp"

namespace trialmill::publish {

namespace define = formats::define;
using base::sql_identifier;
using base::sql_literal;

namespace {

std::string operator_of(const std::string& comparator) {
  static const std::map<std::string, std::string> signs{{"LT", "<"}, {"LE", "<="}, {"GT", ">"}, {"GE", ">="}};
  const auto at = signs.find(comparator);
  return at == signs.end() ? "" : at->second;
}

}  // namespace

std::string DefineBuilder::predicate_of(const Current& current, const Condition& condition) const {
  const Column& column = *current.data->find(condition.variable);
  const auto id = sql_identifier(column.name);
  const std::string text =
      column.is_text ? "coalesce(" + id + ", '')" : "coalesce(" + number_text(id) + ", '')";
  if (const std::string sign = operator_of(condition.comparator); !sign.empty()) {
    const std::string value = sql_literal(condition.values[0]);
    return column.is_text ? id + " " + sign + " " + value
                          : id + " " + sign + " try_cast(" + value + " AS DOUBLE)";
  }
  std::vector<std::string> values;
  for (const std::string& value : condition.values) values.push_back(sql_literal(value));
  const bool negative = condition.comparator == "NE" || condition.comparator == "NOTIN";
  return text + (negative ? " NOT IN (" : " IN (") + base::join(values, ", ") + ")";
}

std::string DefineBuilder::where_clause(const Current& current, const Value& value) {
  define::WhereClause clause;
  std::string key;
  for (const Condition& one : value.where) {
    key += (key.empty() ? "" : ".") + one.variable + "." + one.comparator + "." + base::join(one.values, "_");
    clause.checks.push_back({one.comparator, current.item_oids.at(one.variable), "Soft", one.values});
  }
  // Two conditions that read alike once cut or cleaned get a number.
  const std::string wanted = "WC." + current.name + "." + oid_part(key).substr(0, 100);
  for (int n = 1;; ++n) {
    clause.oid = n == 1 ? wanted : wanted + "." + std::to_string(n);
    if (where_oids_.insert(clause.oid).second) break;
    const auto same = std::find_if(doc_.where_clauses.begin(), doc_.where_clauses.end(),
                                   [&](const define::WhereClause& one) { return one.oid == clause.oid; });
    const auto equal = [](const define::RangeCheck& a, const define::RangeCheck& b) {
      return a.comparator == b.comparator && a.item_oid == b.item_oid && a.values == b.values;
    };
    if (std::equal(same->checks.begin(), same->checks.end(), clause.checks.begin(), clause.checks.end(),
                   equal))
      return clause.oid;
  }
  doc_.where_clauses.push_back(clause);
  return clause.oid;
}

void DefineBuilder::remark(const Current& current, const std::string& variable, const std::string& message) {
  findings::Finding finding;
  finding.rule = "TM2521";
  finding.severity = findings::Severity::warning;
  finding.stage = "publish";
  finding.dataset = current.name;
  finding.variable = variable;
  finding.message = "define.xml: " + message + ".";
  findings_.add(std::move(finding));
}

}  // namespace trialmill::publish
