// A dataset of any file as a table of the SQL engine.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "formats/dataset.hpp"
#include "table/session.hpp"

namespace trialmill::formats {

struct LoadedTable {
  std::int64_t rows = 0;
  bool has_special_missing = false;
};

/// Takes batches into a table: how load_table works, for callers that have batches and no file.
class TableLoader {
 public:
  TableLoader(DatasetMeta meta, table::Session& session, const std::string& table,
              std::set<std::size_t> as_text = {});
  ~TableLoader();
  void take(const Batch& batch);
  /// Rows are in the table after this.
  LoadedTable close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Creates the table `table` and reads the dataset into it. Columns are called c0, c1 … in the order
/// of the variables (names of files may differ in case only, which SQL does not tell apart): text VARCHAR,
/// numbers DOUBLE, missing NULL. One more column, `special`, is VARCHAR: NULL, or for rows with special
/// missing codes `|3=A|7=_|` (place of the variable, code). Variables in `as_text` are loaded as people read
/// them (dates in ISO 8601). Errors: those of reading; TM1317 for text that is not UTF-8.
LoadedTable load_table(DatasetFile& file, std::size_t dataset, table::Session& session,
                       const std::string& table, const std::set<std::size_t>& as_text = {});

}  // namespace trialmill::formats
