// The variables of a mapping as layers of SQL over tm_base: each verb of docs/mapping-language.md is one
// function.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

/// One variable or supplemental qualifier, compiled.
struct Variable {
  std::string name;   ///< AESEV; supplemental qualifiers: supp$QNAM
  std::string sql;    ///< expression over the layer below
  std::string input;  ///< raw text of the verb, where a null result means a finding; "" otherwise
  std::string code;   ///< of that finding
  std::string label, origin, codelist, evaluator, type, source_name;
  bool whole = false;  ///< the expression gives a whole number already
  base::Place place;
};

/// The SQL of all variables, and the variables in the order of columns.
struct Compiled {
  std::string sql;  ///< SELECT with all columns of tm_base, variables, in$VAR inputs
  std::vector<Variable> variables, supplements;

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

/// `datasets`: all that mappings make, for DM.VAR. Errors TM2301, TM2302, TM2304, TM2306.
Compiled compile_variables(base::YamlMap& mapping, const std::string& dataset, const Base& base,
                           const std::vector<std::string>& datasets, study::Context& context);

/// Makes trialmill_datetime(date, time, spec) known to the session, once.
void register_date_function(table::Session& session);

}  // namespace trialmill::transform
