// One rule on one table, by SQL.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "quality/dqdl.hpp"
#include "table/session.hpp"

namespace trialmill::quality {

struct Verdict {
  bool passed = false;
  std::string message;       ///< why it failed; "" when passed
  std::string metric;        ///< "Dataset.*.RowCount = 40"; "" for rules without one
  std::string column;        ///< of a row-level rule; "" otherwise
  std::string failing_rows;  ///< SQL that selects _file, _row, value of the failing rows; "" if not row-level
};

/// Why evaluate() can never run this rule, whatever the data: "understood, but not evaluated: …". "" if it
/// can.
std::string why_not_evaluated(const Rule& rule);

/// `relation`: the table in SQL; columns _file and _row are invisible to rules. A bad predicate, statement or
/// column fails the rule with the reason; it never passes.
Verdict evaluate(table::Session& session, const std::string& relation, const Rule& rule);

}  // namespace trialmill::quality
