// The row sets of a mapping: one SELECT each over raw tables, unioned into the temporary table tm_base with
// _set, _source, _file, _row, _entry (unpivot), all raw columns, and set$VAR for values the row set gives.
#pragma once

#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "study/stage.hpp"

namespace trialmill::transform {

/// What the variables need to know about tm_base.
struct Base {
  std::vector<std::string> columns;  ///< as the sources name them
  std::vector<std::string> given;    ///< variables that row sets fill
  int joins = 0;                     ///< tm_base has _j0_source, _j0_file, _j0_row …
};

/// Builds tm_base and adds the rows left out to tm_excluded, in the order in which the mapping leaves them
/// out; `number` puts those of several mappings in order. Errors TM2301, TM2302, TM2303, TM2306.
Base build_base(base::YamlMap& mapping, std::size_t number, study::Context& context);

/// The trimmed text of a column or expression, NULL if blank.
std::string clean(const std::string& expression);
/// `text` with ${study} replaced.
std::string expand(const std::string& text, const study::Study& study);
/// Column of `columns` equal to `name` but for case, or "".
std::string find_name(const std::vector<std::string>& columns, const std::string& name);
/// Runs SQL of the user; the engine's message becomes Error TM2306 at `place`.
void execute_at(table::Session& session, const std::string& sql, const base::Place& place,
                const std::string& what);

}  // namespace trialmill::transform
