// Which columns of which tables each column of a query is made from, read off the engine's own syntax tree:
//
//   SELECT upper(v.POS) AS VSPOS FROM raw.vs v   →  VSPOS: {expression: "upper(v.POS)", inputs: ["raw.POS"]}
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "table/session.hpp"

namespace trialmill::transform {

struct SqlColumn {
  std::string name;
  std::string expression;           ///< as the engine writes it, those of unions with | between; "" for a *
  std::vector<std::string> inputs;  ///< raw.COLUMN, DM.RFSTDTC
  std::vector<std::pair<std::string, std::string>> cells;  ///< raw tables and the columns of theirs
  std::size_t position = 0;  ///< where the expression stands in the query; 0 = unknown
};

/// The columns of a query over raw.* and sdtm.*, in its order. Through common table expressions, subqueries,
/// unions and stars. What cannot be told (tables of functions) is left out; a query that does not parse gives
/// none.
std::vector<SqlColumn> columns_of_query(table::Session& session, const std::string& sql);

/// Raw column, in lower case → the raw tables that the query takes it from; for trialmill trace.
base::Json tables_of_columns(const std::vector<SqlColumn>& columns);

}  // namespace trialmill::transform
