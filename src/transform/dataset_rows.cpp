#include <algorithm>

#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;

/// Columns stand in the order of the SDTMIG and, for what its table leaves to the model, of the SDTM's class,
/// whatever order the derivations need; variables that neither knows come last, as they were written.
void DatasetBuilder::order_variables() {
  const auto* known = guide_.find_dataset(model_.dataset);
  const std::string class_name = class_.empty() && known != nullptr ? known->class_name : class_;
  const auto order = guide_.guide_variables(model_.dataset, class_name, model_.dataset);
  const auto place = [&](const Variable& one) {
    // COVAL1 stands behind COVAL.
    const std::string stem = one.name.substr(0, one.name.find_last_not_of("0123456789") + 1);
    const std::string& name = has_numbered_parts(model_.dataset, stem) ? stem : one.name;
    return std::find_if(order.begin(), order.end(), [&name](const auto& v) { return v.name == name; });
  };
  std::stable_sort(variables_.begin(), variables_.end(),
                   [&place](const Variable& a, const Variable& b) { return place(a) < place(b); });
  names_.clear();
  for (const auto& one : variables_) names_.push_back(one.name);
}

/// The variables, as text, DOUBLE or BIGINT; notes which are numbers.
std::string DatasetBuilder::typed(const std::string& relation) {
  std::string sql;
  // Only the types are asked for; the engine binds the statement and reads nothing.
  const auto types = session_.types_of(relation);
  for (auto& one : variables_) {
    const std::string& type = types.at(one.name);
    const bool whole = type.find("INT") != std::string::npos;
    const bool number = whole || type == "DOUBLE" || type == "FLOAT" || type.rfind("DECIMAL", 0) == 0;
    one.type = number ? "Num" : "Char";
    one.whole = whole;
    const std::string name = sql_identifier(one.name);
    sql += ", " +
           (number        ? "CAST(" + name + (whole ? " AS BIGINT)" : " AS DOUBLE)")
            : one.trimmed ? name
                          : clean(name)) +
           " AS " + name;
  }
  return sql;
}

void DatasetBuilder::finish_rows(const std::string& select, const std::string& relation,
                                 const std::vector<std::string>& sort, const std::string& rest) {
  std::string order;
  for (const auto& name : sort) order += (order.empty() ? "" : ", ") + sql_identifier(name) + " NULLS FIRST";
  if (order.empty()) order = "1";
  // Rows are stored in their order, so that their number is their place; a window over whole rows costs twice
  // as much.
  session_.execute("CREATE OR REPLACE TEMP TABLE tm_done AS SELECT * FROM (SELECT " + select + " FROM " +
                   relation + ") ORDER BY " + order + rest +
                   "; ALTER TABLE tm_done ADD COLUMN _record BIGINT; UPDATE tm_done SET _record = rowid + 1");
}

/// One query for all variables: many small ones cost more than the data they look at.
void DatasetBuilder::measure() {
  std::string sql = "SELECT count(*)";
  std::vector<std::int64_t*> targets{&measures_.rows};
  for (const auto& one : variables_) {
    const std::string name = sql_identifier(one.name);
    if (one.type == "Num") {
      sql +=
          ", count(*) FILTER (WHERE NOT (" + name + " = trunc(" + name + ") AND abs(" + name + ") < 1e15))";
      targets.push_back(&measures_.fractions[one.name]);
    } else {
      sql += ", max(strlen(" + name + "))";
      targets.push_back(&measures_.longest[one.name]);
    }
  }
  for (const auto& one : supplements_) {
    sql += ", max(strlen(" + sql_identifier(one.name) + "))";
    targets.push_back(&measures_.longest[one.name]);
  }
  for (const auto* group : {&variables_, &supplements_, &steps_}) {
    for (const auto& one : *group) {
      if (one.input.empty()) continue;
      sql += ", count(*) FILTER (WHERE " + sql_identifier("in$" + one.name) + " IS NOT NULL AND " +
             sql_identifier(one.name) + " IS NULL)";
      targets.push_back(&measures_.unread[one.name]);
    }
  }
  const auto result = session_.query(sql + " FROM tm_done");
  for (std::size_t i = 0; i < targets.size(); ++i) *targets[i] = result.integer(0, i);
}

/// Whole numbers are stored as such, so that an age is 16 and not 16.0 wherever it is shown.
void DatasetBuilder::store_whole_numbers() {
  for (auto& one : variables_) {
    if (one.type != "Num" || one.whole || measures_.fractions[one.name] > 0) continue;
    session_.execute("ALTER TABLE tm_done ALTER " + sql_identifier(one.name) + " TYPE BIGINT");
  }
}

}  // namespace trialmill::transform
