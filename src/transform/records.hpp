// The row sets of a mapping: one SELECT each, unioned into a temporary table with _set, _source, _file, _row,
// _entry (unpivot), all raw columns, and set$VAR for values the row set gives. Rows come from raw tables,
// SQL, finished datasets, or are made from them (row_sets.cpp: visits, elements, relations).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.hpp"
#include "study/stage.hpp"
#include "transform/scope.hpp"

namespace trialmill::transform {

/// Up to so many rows, storing them and carrying whole rows through a window costs less than statements of
/// their own.
inline constexpr std::int64_t rows_few = 10000;

/// Behind the reason of rows for which a condition is neither true nor false, because a value is missing.
inline constexpr std::string_view unclear = " (or not: a value of the condition is missing)";

/// What the variables need to know about the rows.
struct Base {
  /// An entry of `unpivot`: the test's code, the source, the column of its result ("" = SQL or none).
  struct Entry {
    std::string code, source, column;
    std::size_t set = 0, entry = 0;  ///< which row set, and which of its entries
  };
  std::vector<Entry> entries;
  /// Source and file of each row set, if all rows of each are from one file; else empty.
  std::vector<std::pair<std::string, std::string>> files;
  /// What each row set says about its records, for trialmill trace (records_lineage.cpp).
  base::Json sets = base::Json::array();
  std::string table;      ///< as written in SQL
  std::int64_t rows = 0;  ///< at most, if it is a view
  bool stored = true;     ///< a table, not a view over the raw tables
  bool located =
      true;  ///< every row has its raw row; else the table's order (_at) is what puts rows in order
  std::vector<std::string> columns;  ///< as the sources name them
  /// Columns that rows from an unfinished dataset will have, in lower case → dataset and variable.
  std::map<std::string, std::pair<std::string, std::string>> late;
  std::vector<std::string> given;  ///< variables that row sets fill
  /// Columns that are no raw columns but made from some, lower case → raw.COLUMN or DM.RFSTDTC.
  std::map<std::string, std::vector<std::string>> origins;
  /// Columns that programs and sums computed, in lower case: nobody collected them.
  std::set<std::string> computed;
  std::vector<std::string> whole;             ///< raw tables whose rows went into the dataset as a whole
  base::Json programs = base::Json::array();  ///< what ran (program.hpp)
  std::vector<findings::Finding> findings;    ///< to be reported once the dataset is made
  int joins = 0;                              ///< the table has _j0_source, _j0_file, _j0_row …
};

/// Builds the table of rows and adds the rows left out to tm_excluded, in the order in which the mapping
/// leaves them out; `number` puts those of several mappings in order. Throws Waiting when rows need a dataset
/// that is not there yet. Errors TM2301, TM2302, TM2303, TM2306, TM2309.
/// Raw columns that no variable mentions are not carried along.
Base build_base(base::YamlMap& mapping, const std::string& dataset, std::size_t number, const Scope& scope,
                study::Context& context);

/// Whether lineage or `unpivot` have a column of that name, so that neither data nor variables may.
bool is_taken_name(const std::string& name);

/// Error TM2301: a joined column, taken as `name`, would hide behind one that the rows have.
base::Error hides_column(const std::string& name, const std::string& with, const base::YamlValue& column);

/// A number as text: 1 and not 1.0.
std::string number_text(const std::string& number);

/// The trimmed text of a column or expression, NULL if blank.
std::string clean(const std::string& expression);
/// A rule as its author wrote it, on one line: {from: AESEV, map: {Mild: MILD}}.
std::string rule_text(const base::YamlValue& node);
/// `text` with ${study} replaced.
std::string expand(const std::string& text, const study::Study& study);
/// Column of `columns` equal to `name` but for case, or "".
std::string find_name(const std::vector<std::string>& columns, const std::string& name);
/// Runs SQL of the user; the engine's message becomes Error TM2306 at `place`.
void execute_at(table::Session& session, const std::string& sql, const base::Place& place,
                const std::string& what);
/// Checks that a query over datasets that may be unfinished can be run: throws Waiting if it cannot and reads
/// one that is open, else Error TM2306 at `place`.
void execute_or_wait(table::Session& session, const std::string& query, const Scope& scope,
                     const base::Place& place, const std::string& what);

}  // namespace trialmill::transform
