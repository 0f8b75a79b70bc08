// All mistakes of a study's mappings that can be seen before the first row is read.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "study/study.hpp"
#include "table/session.hpp"

namespace trialmill::transform {

/// Reads all mappings and SQL models and returns every mistake, by file, line and column: keys, verbs and
/// shapes (check_schema.hpp), names that are not there (check_mapping.hpp), datasets made twice, and datasets
/// that wait for each other. Columns of raw tables are compared as far as the session has these tables
/// (schema raw). What passes may still fail on the rows.
std::vector<base::Error> check_mappings(const study::Study& study, table::Session& session);

/// Throws all mistakes as one Error, if there are any.
void require_good_mappings(const study::Study& study, table::Session& session);

}  // namespace trialmill::transform
