// Puts the row sets of a mapping together. The parts lie in files of their own:
//   records.cpp          one row set after the other, and their union
//   records_sources.cpp  where rows come from
//   records_rows.cpp     joins, filters, splits, unpivots
//   records_lineage.cpp  what trace needs to know about row sets
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

/// One row set while it is put together.
struct RowSet {
  std::string source, sql;           ///< sql: FROM-able text of the rows
  std::vector<std::string> columns;  ///< its columns without _file and _row
  int joins = 0;
  base::Json about = base::Json::object();  ///< for trace, as records_lineage.cpp describes it
  std::size_t number = 0;                   ///< among the row sets
  bool once = false;                        ///< every raw row stands in it at most once
};

class RecordsBuilder {
 public:
  RecordsBuilder(base::YamlMap& mapping, const std::string& dataset, std::size_t number, const Scope& scope,
                 study::Context& context);
  Base build();

 private:
  // records_sources.cpp
  std::string table(const base::YamlValue& name);
  std::string column(const RowSet& set, const base::YamlValue& name);
  std::string value(const RowSet& set, const base::YamlValue& node);
  std::string dataset_rows(const base::YamlValue& from);
  std::string draft_rows(const std::string& name, const base::YamlMap& map);
  void note_origin(RowSet& set, const std::string& column, const std::vector<std::string>& inputs);
  void start_from_program(RowSet& set, const base::YamlValue& program, const std::string& source);
  RowSet start(base::YamlMap& map);
  std::string list_rows(const base::YamlValue& name);
  std::string partner(const base::YamlValue& with, std::string& alias);

  // records_rows.cpp
  void join(RowSet& set, base::YamlMap map);
  static std::vector<std::pair<std::string, std::string>> joined_columns(
      const RowSet& set, base::YamlMap& map, const base::YamlValue& with,
      const std::vector<std::string>& theirs);
  std::string sql_text(const RowSet& set, const std::string& expression);
  void refuse_multiplying(const RowSet& set, const std::string& mine, const std::string& other,
                          const std::string& alias, const std::string& condition,
                          const base::YamlValue& with);
  void exclude(const RowSet& set, const std::string& rows, const std::string& why, const base::Place& place);
  std::string reason(base::YamlMap& map);
  static std::string over_columns(const RowSet& set, const std::string& sql);
  void split(RowSet& set, base::YamlMap& map);
  void keep(RowSet& set, base::YamlMap& map);
  void give(const std::string& variable);
  void unpivot(RowSet& set, base::YamlMap& map);

  // records_lineage.cpp
  static void describe_start(RowSet& set, const base::YamlValue& row_set);
  static base::Json describe_text(const base::YamlValue& node);
  static base::Json describe_value(const RowSet& set, const base::YamlValue& node);
  static void describe_entry(RowSet& set, const base::YamlValue& body, const std::string& code);

  // records.cpp
  void put_in_order();
  std::string wanted(const RowSet& set);
  void estimate(const RowSet& set, base::YamlMap& map);
  std::string record(base::YamlMap map, std::size_t number);

  base::YamlMap& mapping_;
  std::string text_;  ///< of the variables, lower case; "" = every column is wanted
  const std::string dataset_;
  const Scope& scope_;
  study::Context& context_;
  std::set<std::string> plain_;  ///< columns that are those of a table, lower case
  std::size_t order_;            ///< of the next reason for leaving rows out
  bool estimated_ = true;        ///< base_.rows is an upper limit
  Base base_;
};

}  // namespace trialmill::transform
