// The embedded SQL engine (DuckDB through its C API), wrapped once. Tables are the currency between stages:
// a stage reads and writes them by SQL, or in chunks where SQL is not enough.
//
// Schemas of a run's session: raw.<source> (delivered tables, all text, plus _file and _row),
// sdtm.<DATASET> (datasets made by transform). docs/architecture.md says who writes which.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::table {

/// The column types our stages meet. Everything else (dates, decimals, lists …) arrives as `other` and is
/// best cast to VARCHAR in the query.
enum class Type { text, integer, number, boolean, other };

/// A fully read result, column-wise. Row and column indexes count from 0.
class Result {
 public:
  std::size_t columns() const { return names_.size(); }
  std::size_t rows() const { return rows_; }
  const std::string& name(std::size_t column) const { return names_[column]; }
  Type type(std::size_t column) const { return types_[column]; }
  std::optional<std::size_t> find(std::string_view name) const;

  bool is_null(std::size_t row, std::size_t column) const;
  /// Text of a cell; "" for NULL; numbers in shortest round-trip form; booleans true/false.
  std::string text(std::size_t row, std::size_t column) const;
  /// The bytes of a text cell without a copy; "" for NULL. Only for Type::text. Valid as long as the Result.
  std::string_view view(std::size_t row, std::size_t column) const;
  std::int64_t integer(std::size_t row, std::size_t column) const;  ///< 0 for NULL
  double number(std::size_t row, std::size_t column) const;         ///< NaN for NULL

 private:
  friend class Session;
  struct Chunks;
  std::shared_ptr<Chunks> chunks_;
  std::vector<std::string> names_;
  std::vector<Type> types_;
  std::size_t rows_ = 0;
};

struct SessionOptions {
  std::string path = ":memory:";        ///< database file; the default keeps nothing
  int threads = 2;                      ///< worker threads
  std::string memory_limit = "1200MB";  ///< engine's limit; larger work spills to temp_directory
  std::string temp_directory;           ///< where it spills; "" = engine's default
};

/// A text function usable in SQL. One optional per argument (nullopt = NULL); nullopt result = NULL.
/// Called from several threads at once, and not for every row: its result must follow from the arguments
/// alone. An exception's text becomes the query's error.
using TextFunction =
    std::function<std::optional<std::string>(std::span<const std::optional<std::string_view>>)>;

/// For a program that ends with its sessions: databases in memory are left to the system, which takes the
/// memory back several times faster than the engine does piece by piece. Files are closed and removed as
/// ever.
void leave_databases();

class Dictionary;

class Session {
 public:
  explicit Session(const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  /// Another connection to the same database, for work in a second thread: it sees the same schemas and
  /// functions, and has temporary tables of its own.
  Session beside();

  /// Runs one or several statements. Error TM1201 with the engine's message.
  void execute(const std::string& sql);
  /// From now on execute() appends what it ran without an error to `text`; nullptr ends that.
  void record_statements(std::string* text);
  /// Runs one statement and reads all of its result. Error TM1201.
  Result query(const std::string& sql);
  /// Same, but every column is cast to VARCHAR: text() of each cell is what CSV output would show.
  Result query_text(const std::string& sql);
  /// How many statements the text holds; Error TM1201 if it cannot be parsed.
  std::size_t statement_count(const std::string& sql);
  /// First cell of the first row as integer; 0 when there is none.
  std::int64_t count(const std::string& sql);
  /// Reads a result piece by piece (about 2,048 rows each) with constant memory; `consume` returns false to
  /// stop.
  void stream(const std::string& sql, const std::function<bool(const Result&)>& consume);

  /// Registers a scalar function of `arity` VARCHAR arguments that returns VARCHAR. A name that is registered
  /// already keeps its function.
  void register_function(const std::string& name, std::size_t arity, TextFunction function);

  /// The SQL function `name`(VARCHAR) → USMALLINT, which numbers texts by the dictionary that is returned, an
  /// empty one. A statement with a text too many fails; the dictionary's full() tells. `name` must be new.
  std::shared_ptr<Dictionary> register_numbers_of_texts(const std::string& name);
  /// The SQL function `name`(USMALLINT) → ENUM, which gives the texts back. `name` must be new.
  void register_texts_of_numbers(const std::string& name, const Dictionary& dictionary);

  bool has_table(const std::string& schema, const std::string& name);
  std::vector<std::string> tables(const std::string& schema);        ///< tables and views, sorted
  std::vector<std::string> columns_of(const std::string& relation);  ///< in order; relation as written in SQL

  /// Type of each column, as SQL names it: VARCHAR, BIGINT, DECIMAL …
  std::map<std::string, std::string> types_of(const std::string& relation);

  /// The engine's connection (duckdb_connection) for code inside table/ and formats/ only.
  void* native();

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::table
