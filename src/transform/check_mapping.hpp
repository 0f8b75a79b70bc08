// The names in one mapping: whether what its row sets, variables and keys refer to is there. Shapes and keys
// are those of check_schema.hpp; whatever has another shape is passed over here. What cannot be known before
// rows are read is left to the builders. The parts lie in files of their own:
//   check_records.cpp    row sets, and the columns that they have
//   check_variables.cpp  what verbs refer to
//   check_names.cpp      names and labels that SDTM allows, keys
//   check_sql.cpp        syntax and names of SQL
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "transform/check_tables.hpp"

namespace trialmill::transform {

/// What waits for what while datasets are built: "AE" (all of it), "AE rows", "AE.AETERM".
using Needs = std::map<std::string, std::set<std::string>>;

class MappingCheck {
 public:
  MappingCheck(const CheckedModel& model, const CheckTables& tables, Needs& needs,
               std::vector<base::Error>& faults)
      : model_(model), tables_(tables), needs_(needs), faults_(faults) {}

  void check_mapping();
  void check_model();  ///< a SQL model

 private:
  using Value = base::YamlValue;

  // check_records.cpp
  Names record(const Value& map);
  Names start(const Value& map);
  Names rows_of(const Value& name);
  void program(const Value& map);
  void join(const Value& map, Names& columns);
  void unpivot(const Value& entries, const Names& columns);
  void value(const Value& node, const Names& columns);
  void column(const Value& name, const Names& columns, const std::string& of);
  void give(const std::string& variable, const Value& at);
  void reads_all(const std::string& dataset);
  void reads_records(const std::string& dataset, const Value& map);

  // check_variables.cpp
  void variable(const Value& node);
  void rule(const std::string& verb, const Value& map);
  void operands(const std::string& verb, const Value& map);
  void operand(const std::string& name, const base::Place& place);
  bool names_column_or_variable(const std::string& name) const;
  void own_variable(const Value& name);
  void reference(const std::string& dataset, const std::string& name, const base::Place& place);
  void needs_all(const std::string& dataset);
  void lookup(const Value& map);
  void table(const Value& where, const std::vector<Value>& columns);
  void table_columns(const Value& where, const std::vector<std::string>& names);
  void texts(const std::string& verb, const Value& map);
  void dates(const Value& map);

  // check_names.cpp
  void names();
  void keys();
  void split(const Value& map);
  void sdtm_name(const std::string& name, const base::Place& place);
  void label(const Value& text);
  void labels();
  bool declares(const std::string& name) const;

  // check_sql.cpp
  void predicate(const Value& sql, const Names& columns);
  void expression(const Value& sql);
  void query(const std::string& sql, const base::Place& place, const std::string& what);
  void datasets_in(const std::string& sql, const base::Place& place);
  bool parses(const std::string& sql, const base::Place& place, const std::string& what, bool report);
  void bind(const std::string& sql, const Names& columns, const base::Place& place, const std::string& what);

  void add(std::optional<base::Error> fault);
  void add(std::string code, std::string message, base::Place place, std::string hint = "");

  const CheckedModel& model_;
  const CheckTables& tables_;
  Needs& needs_;
  std::vector<base::Error>& faults_;
  Names columns_;                ///< of the row sets
  std::set<std::string> given_;  ///< variables that row sets fill, lower case
  bool unpivots_ = false;        ///< a row set does
  std::string current_;          ///< the variable that is looked at
};

}  // namespace trialmill::transform
