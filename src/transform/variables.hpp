// The variables of a mapping as layers of SQL over its rows: each verb of docs/mapping-language.md is one
// function (variables_builder.hpp).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "table/session.hpp"
#include "transform/sequences.hpp"

namespace trialmill::transform {

/// One variable or supplemental qualifier, compiled.
struct Variable {
  std::string name;   ///< AESEV; supplemental qualifiers: supp$QNAM
  std::string sql;    ///< expression over the layer below
  std::string input;  ///< raw text of the verb, where a null result means a finding; "" otherwise
  std::string code;   ///< of that finding
  std::function<std::string(const std::string&)> explain;  ///< what is wrong with the text; empty = as usual
  std::string label, origin, codelist, evaluator, type, source_name;
  std::string idvar;           ///< supplemental qualifiers: another IDVAR than --SEQ
  std::string comment, pages;  ///< as the mapping gives them for Define-XML
  /// The same: origin_source, predecessor, format, role, mandatory (true or false); only what was given.
  std::map<std::string, std::string> define;
  std::string method;               ///< the mapping's own sentence
  std::string sentence;             ///< one about the rule (method_text.hpp)
  std::string rule;                 ///< the rule as the mapping says it, on one line
  std::vector<std::string> inputs;  ///< raw.COLUMN, VARIABLE, DM.RFSTDTC, or a file
  /// How records of other tables, or made rows, were chosen; for trialmill trace (docs/trace.md).
  base::Json reads = base::Json::array();
  std::vector<std::string> sort;  ///< of a sequence
  bool whole = false;             ///< the expression gives a whole number already
  bool numeric = false;           ///< the expression gives a number
  bool trimmed = false;           ///< texts without blanks around them, never empty
  bool windowed = false;          ///< the expression looks at other records (OVER)
  std::string only;               ///< windowed: records for which this does not hold have no value
  std::optional<ContinuedNumbers> continued;  ///< numbering: what the expression is computed over
  /// The expression is computed over the sorted records (a column of NULLs stands in for it until then).
  bool late = false;
  bool by_place = false;  ///< late: a number that follows from the place of the record
  base::Place place;
};

/// The SQL of all variables, and the variables in the order of columns.
struct Compiled {
  std::string sql;  ///< SELECT with all columns of the rows, variables, in$VAR inputs
  std::vector<Variable> variables, supplements;
  std::vector<Variable> helpers;      ///< variables on the way (_NAME)
  std::vector<std::string> tables;    ///< that are not needed once the rows are made
  std::vector<Numbering> numberings;  ///< sequences whose numbers the next release keeps

  /// A variable's expression in the smallest statement that holds it.
  struct Step {
    std::string sql, name;
    base::Place place;
  };
  std::vector<Step> steps;

  /// Runs `work`; where the engine fails, looks for the variable that is to blame (Error TM2306 at its
  /// place). Only then are the steps bound one by one, which costs more than running all of them at once.
  void blame(table::Session& session, const std::function<void()>& work) const;
};

/// Makes trialmill_datetime(date, time, spec) known to the session, once.
void register_date_function(table::Session& session);

}  // namespace trialmill::transform
