// SQL over a study: read-only, on the last release. Datasets are known by their names (DM, SUPPDM); raw
// tables as raw.SOURCE; the columns _file and _row of raw tables lead back to the delivered record.
#pragma once

#include <iosfwd>
#include <string>

namespace trialmill::query {

struct Options {
  std::string study = ".";       ///< study folder
  std::string sql;               ///< one SELECT
  std::string format = "table";  ///< table, csv, json
  std::string environment = {};  ///< of study.yaml; "" = the first
};

/// Writes the result to `out`. Errors: TM2701 no release yet, TM1201 bad SQL, TM2702 not a SELECT.
void run(const Options& options, std::ostream& out);

}  // namespace trialmill::query
