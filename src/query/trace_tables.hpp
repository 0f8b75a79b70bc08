// What a trace reads: values of staged records, the rows that they were made from, cells of raw tables and
// lists.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "query/lineage.hpp"
#include "table/session.hpp"

namespace trialmill::query {

/// A record of a staged dataset, by its place from 1.
struct Record {
  std::string dataset;
  std::int64_t number = 0;
  auto operator<=>(const Record&) const = default;
};

/// A row of a raw table, of a list of the study (source codelists/x.csv), or a record (source sdtm.EC, file
/// EC).
struct Row {
  std::string source, file;
  std::int64_t row = 0;
  int join = 0;  ///< 0 = the row set's own row, 1 = of its first join …
  bool is_record() const { return source.starts_with("sdtm."); }
  bool is_list() const { return source.ends_with(".csv"); }
};

/// How a record was made; set and entry are -1 where that is not known.
struct Made {
  int set = -1, entry = -1;
  std::vector<Row> rows;
};

class TraceTables {
 public:
  TraceTables(const Lineage& lineage, std::string study);

  using Text = std::optional<std::string>;  ///< nullopt = missing

  bool has_column(const std::string& dataset, const std::string& name) const;
  Text value(const Record& record, const std::string& name);
  std::string text(const Record& record, const std::string& name) { return value(record, name).value_or(""); }

  const Made& made(const Record& record);
  /// The row set that made the record, as the mapping describes it; an empty object if that is not known.
  const base::Json& row_set(const Record& record);
  /// The rows that can hold a column: of the join that brought it, else of the row set itself.
  /// What the column of the rows is called in the table that it was joined from.
  std::string name_in_table(const Record& record, const std::string& column);
  std::vector<Row> rows_with(const Record& record, const std::string& column);
  /// Delivered rows behind a record, through the datasets that it was made from.
  std::vector<Row> delivered(const Record& record);
  /// Tables whose rows went into the dataset as a whole.
  std::vector<std::string> whole_tables(const std::string& dataset);

  /// The name of a column as the table writes it; "" if it has none.
  std::string column_of(const std::string& table, const std::string& column);
  /// {"source", "file", "row", "column", "value"}; nullopt if the table has no such column or row.
  std::optional<base::Json> cell(const Row& row, const std::string& column);

  /// As written in SQL: records of a dataset (with file_row_number), a raw table or list (with _file and
  /// _row).
  std::string records_of(const std::string& dataset) const;
  std::string table_of(const std::string& source) const;
  bool is_raw(const std::string& source) const;

  /// Records of a dataset (in all its parts) that fit, in that order; with the text of `variable`.
  std::vector<std::pair<Record, Text>> find(const std::string& dataset, const std::string& variable,
                                            const std::string& where, const std::string& order,
                                            std::size_t most);
  table::Session& session() { return session_; }

 private:
  std::string lineage_of(const std::string& dataset) const;

  const Lineage& lineage_;
  const std::string study_;
  table::Session session_;
  std::map<std::pair<Record, std::string>, Text> values_;
  std::map<Record, Made> made_;
  std::map<std::string, std::vector<std::string>> columns_;
};

/// SQL for a value of a dataset as text: 1, not 1.0.
std::string value_text(const std::string& column);

}  // namespace trialmill::query
