// Bulk loading of a table, column by column in chunks: several times as fast as INSERT.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "table/session.hpp"

namespace trialmill::table {

/// Appends rows to an existing table whose columns are VARCHAR or DOUBLE. Fill all columns of a chunk, then
/// send it. Rows are there after close(). Errors: TM1201.
class Appender {
 public:
  /// `table` is a name without schema in the current one.
  Appender(Session& session, const std::string& table);
  ~Appender();
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  static std::size_t rows_max();  ///< of a chunk

  // Values of the chunk being filled; row counts from 0.
  void text(std::size_t column, std::size_t row, std::string_view value);
  void number(std::size_t column, std::size_t row, double value);
  void null(std::size_t column, std::size_t row);
  void send(std::size_t rows);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::table
