// Text functions of ours in SQL.
#pragma once

#include <duckdb.h>

#include <cstddef>
#include <string>

#include "table/session.hpp"

namespace trialmill::table {

/// Makes `function` known to the connection's database as the SQL function `name` of `arity` texts. It is not
/// called for every row: equal arguments within a chunk give one call. Error TM1204.
void register_text_function(duckdb_connection connection, const std::string& name, std::size_t arity,
                            TextFunction function);

}  // namespace trialmill::table
