// Where a value of an SDTM dataset comes from: the rule of the mapping, the variables it uses, and the
// delivered records and columns behind them.
#pragma once

#include <iosfwd>
#include <string>

#include "base/json.hpp"

namespace trialmill::query {

struct TraceOptions {
  std::string study = ".";  ///< study folder
  std::string variable;     ///< AE.AESTDTC; or AE: of each variable one record that has a value
  std::string where;        ///< SQL predicate over the dataset; "" = the first records
  std::size_t records_max = 10;
  std::string environment = {};  ///< of study.yaml; "" = the first
};

/// The trace of the records that `where` chooses, as docs/trace.md describes it. Works on the staged datasets
/// of the last transformation. Errors: TM2701 (nothing is staged), TM2703 (no such dataset or variable),
/// TM1201 (bad SQL).
base::Json trace(const TraceOptions& options);

/// The same for people: a tree for each record.
void print_trace(const base::Json& trace, std::ostream& out);

/// The variable with everything it is made from, without data: {"name", "rule", "inputs": [the same …]}.
/// Errors as above.
base::Json lineage_graph(const std::string& study, const std::string& variable,
                         const std::string& environment = "");
void print_graph(const base::Json& graph, std::ostream& out);
/// The graph as a picture, from raw columns on the left to the variable on the right.
std::string graph_svg(const base::Json& graph);

}  // namespace trialmill::query
