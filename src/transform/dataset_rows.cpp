#include <algorithm>

#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

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
    const bool whole = type.find("INT") != std::string::npos && type != "INTERVAL" && !type.ends_with("]");
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

/// Inputs that a verb could not use, in one column `_unread`: for each the variable's name and the text
/// between separators, NULL where there is none. Most records have none, and one column costs little to sort.
std::string DatasetBuilder::unread_inputs_of() const {
  std::string texts;
  for (const auto* group : {&variables_, &supplements_, &steps_}) {
    for (const auto& one : *group) {
      if (one.input.empty()) continue;
      const std::string name = sql_identifier(one.name), input = sql_identifier("in$" + one.name);
      texts += ", CASE WHEN " + name + " IS NULL" + (one.type == "Char" ? " OR " + name + " = ''" : "") +
               " THEN chr(30) || " + sql_literal(one.name) + " || chr(31) || " + input + " END";
    }
  }
  return texts.empty() ? "" : ", nullif(concat(" + texts.substr(2) + "), '') AS _unread";
}

/// Name of the source or the file of a record by its row set; an enumeration is written to files quicker.
std::string DatasetBuilder::name_of_set(bool file, bool enumerated) const {
  std::set<std::string> names;
  for (const auto& [source, name] : base_->files) names.insert(sql_literal(file ? name : source));
  const std::string type = "ENUM (" + base::join({names.begin(), names.end()}, ", ") + ")";
  std::string cases;
  for (std::size_t set = 0; set < base_->files.size(); ++set) {
    const std::string name = sql_literal(file ? base_->files[set].second : base_->files[set].first);
    cases += " WHEN " + std::to_string(set) + " THEN " +
             (enumerated ? "CAST(" + name + " AS " + type + ")" : name);
  }
  return "CASE _set" + cases + " END";
}

void DatasetBuilder::note_literals() {
  if (base_ && !base_->files.empty()) {
    for (const bool file : {false, true}) literals_[file ? "_file" : "_source"] = name_of_set(file, false);
  }
  for (const auto& one : variables_) {
    if (is_literal(one.sql) && one.type == "Char") literals_[one.name] = one.sql;
  }
}

void DatasetBuilder::finish_rows(const std::string& select, const std::string& relation,
                                 const std::vector<std::string>& sort) {
  std::string order, drop;
  for (const auto& name : sort) {
    if (literals_.count(name) == 0)
      order += (order.empty() ? "r." : ", r.") + sql_identifier(name) + " NULLS FIRST";
  }
  for (const char* name : {"_set", "_file", "_row", "_entry"}) {
    if (literals_.count(name) == 0) order += (order.empty() ? "r." : ", r.") + std::string(name);
  }
  for (const auto& [name, text] : literals_) drop += (drop.empty() ? "" : ", ") + sql_identifier(name);
  if (base_ && !base_->located) {
    order += ", r._at";
    // What is computed over the sorted records may order them by it.
    const auto is_late = [](const Variable& one) { return one.late; };
    if (std::ranges::none_of(variables_, is_late) && std::ranges::none_of(supplements_, is_late))
      drop += drop.empty() ? "_at" : ", _at";
  }
  const std::string rows = " FROM (SELECT " + select + " FROM " + relation + ") r ORDER BY " + order;
  number_texts();
  for (;;) {
    try {
      session_.execute("CREATE OR REPLACE TEMP TABLE tm_made AS SELECT *" +
                       (drop.empty() ? "" : " EXCLUDE (" + drop + ")") + with_numbers() + rows);
      break;
    } catch (const base::Error&) {
      if (!forget_full()) throw;
    }
  }
  name_numbers();
  show_rows();
}

/// tm_done: the rows of tm_made with their number (_record), which is their place. Rows are stored in their
/// order, because a window over whole rows costs twice as much.
void DatasetBuilder::show_rows() {
  session_.execute("CREATE OR REPLACE TEMP VIEW tm_done AS " + rows_sql(true));
}

/// What expressions over the sorted records read beside variables, as a list to select.
std::string DatasetBuilder::columns_for_late(const std::string& relation) {
  static const std::set<std::string> always{"_set", "_source", "_file", "_row", "_entry"};
  std::string text, list;
  for (const auto* group : {&variables_, &supplements_}) {
    for (const auto& one : *group) {
      if (one.late) text += one.sql + one.only + (one.continued ? one.continued->relation("") : "");
    }
  }
  if (text.empty()) return "";
  for (const auto& column : session_.columns_of(relation)) {
    const std::string name = sql_identifier(column);
    const bool there = always.count(column) != 0 || column.starts_with("_j");
    if (!there && find_name(names_, column).empty() && text.find(name) != std::string::npos)
      list += ", " + name;
  }
  return list;
}

/// Baseline flags and numbers of many records, computed when they are sorted.
void DatasetBuilder::compute_late() {
  std::vector<Variable> late;
  std::ranges::copy_if(variables_, std::back_inserter(late), &Variable::late);
  std::ranges::copy_if(supplements_, std::back_inserter(late), &Variable::late);
  for (const auto& one : late) {
    if (one.by_place) {
      number_by_place(one);
      continue;
    }
    const std::string rows = one.continued ? "(" + one.continued->relation("tm_done") + ")" : "tm_done";
    session_.execute("UPDATE tm_made SET " + sql_identifier(one.name) +
                     " = w.v FROM (SELECT _record - 1 AS r, " + one.sql + " AS v FROM " + rows +
                     (one.only.empty() ? "" : " WHERE " + one.only) +
                     ") w WHERE w.r = tm_made.rowid AND w.v IS NOT NULL");
  }
}

/// Numbers that follow the order of the records, from 1 for each subject.
void DatasetBuilder::number_by_place(const Variable& one) {
  const std::string set = "UPDATE tm_made SET " + sql_identifier(one.name) + " = ";
  const std::string subjects =
      "SELECT USUBJID AS u, min(rowid) AS first, max(rowid) AS last, count(*) AS n FROM tm_made GROUP BY 1";
  const bool together =
      session_.count("SELECT count(*) FROM (" + subjects + ") WHERE last - first + 1 <> n") == 0;
  // A subject in several studies does not stand together.
  session_.execute(together ? set + "tm_made.rowid + 1 - s.first FROM (" + subjects +
                                  ") s WHERE s.u IS NOT DISTINCT FROM USUBJID"
                            : set +
                                  "w.n FROM (SELECT rowid AS r, row_number() OVER (PARTITION BY USUBJID "
                                  "ORDER BY rowid) AS n FROM tm_made) w WHERE w.r = tm_made.rowid");
}

void DatasetBuilder::note_whole_numbers() {
  for (const auto& one : variables_) {
    if (one.type == "Num" && !one.whole && measures_.fractions[one.name] == 0)
      whole_numbers_.insert(one.name);
  }
}

/// One query for all variables: many small ones cost more than the data they look at.
void DatasetBuilder::measure() {
  std::string sql = "SELECT count(*)";
  std::vector<std::int64_t*> targets{&measures_.rows};
  for (const auto& one : variables_) {
    const std::string name = sql_identifier(one.name);
    if (one.type == "Num") {
      if (one.whole) continue;
      sql +=
          ", count(*) FILTER (WHERE NOT (" + name + " = trunc(" + name + ") AND abs(" + name + ") < 1e15))";
      targets.push_back(&measures_.fractions[one.name]);
    } else {
      if (const auto coded = coded_.find(one.name); coded != coded_.end()) {
        measures_.longest[one.name] = static_cast<std::int64_t>(coded->second.dictionary->longest());
        continue;
      }
      sql += ", max(strlen(" + name + "))";
      targets.push_back(&measures_.longest[one.name]);
    }
  }
  for (const auto& one : supplements_) {
    sql += ", max(strlen(" + sql_identifier(one.name) + "))";
    targets.push_back(&measures_.longest[one.name]);
  }
  if (has_inputs_) {
    sql += ", count(_unread)";
    targets.push_back(&measures_.unread);
  }
  const auto result = session_.query(sql + " FROM tm_done");
  for (std::size_t i = 0; i < targets.size(); ++i) *targets[i] = result.integer(0, i);
}

}  // namespace trialmill::transform
