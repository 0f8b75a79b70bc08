#include "table/session.hpp"

#include <duckdb.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <set>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "table/dictionary.hpp"
#include "table/text_function.hpp"

namespace trialmill::table {

using base::Error;

namespace {

Type type_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_VARCHAR:
      return Type::text;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
      return Type::integer;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
      return Type::number;
    case DUCKDB_TYPE_BOOLEAN:
      return Type::boolean;
    default:
      return Type::other;
  }
}

std::int64_t integer_at(const void* data, duckdb_type type, std::size_t row) {
  switch (type) {
    case DUCKDB_TYPE_TINYINT:
      return static_cast<const std::int8_t*>(data)[row];
    case DUCKDB_TYPE_SMALLINT:
      return static_cast<const std::int16_t*>(data)[row];
    case DUCKDB_TYPE_INTEGER:
      return static_cast<const std::int32_t*>(data)[row];
    case DUCKDB_TYPE_UTINYINT:
      return static_cast<const std::uint8_t*>(data)[row];
    case DUCKDB_TYPE_USMALLINT:
      return static_cast<const std::uint16_t*>(data)[row];
    case DUCKDB_TYPE_UINTEGER:
      return static_cast<const std::uint32_t*>(data)[row];
    case DUCKDB_TYPE_BOOLEAN:
      return static_cast<const bool*>(data)[row] ? 1 : 0;
    case DUCKDB_TYPE_FLOAT:
      return static_cast<std::int64_t>(static_cast<const float*>(data)[row]);
    case DUCKDB_TYPE_DOUBLE:
      return static_cast<std::int64_t>(static_cast<const double*>(data)[row]);
    default:
      return static_cast<const std::int64_t*>(data)[row];
  }
}

}  // namespace

// One fetched chunk per entry; all but the last hold vector_size rows, so a row's chunk is found by division.
struct Result::Chunks {
  struct Vector {
    const void* data;
    std::uint64_t* validity;
  };
  std::vector<duckdb_data_chunk> chunks;
  std::vector<std::vector<Vector>> vectors;  // [chunk][column]
  std::vector<std::size_t> first_row;        // of each chunk
  std::vector<duckdb_type> native_types;

  ~Chunks() {
    for (auto& chunk : chunks) duckdb_destroy_data_chunk(&chunk);
  }
  std::pair<std::size_t, std::size_t> locate(std::size_t row) const {
    std::size_t at = std::min(row / duckdb_vector_size(), chunks.size() - 1);
    while (first_row[at] > row) --at;
    while (at + 1 < chunks.size() && first_row[at + 1] <= row) ++at;
    return {at, row - first_row[at]};
  }
  std::size_t add(duckdb_data_chunk chunk, std::size_t rows_before) {
    const std::size_t columns = native_types.size();
    std::vector<Vector> row_vectors;
    for (std::size_t c = 0; c < columns; ++c) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
      row_vectors.push_back({duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
    }
    chunks.push_back(chunk);
    vectors.push_back(std::move(row_vectors));
    first_row.push_back(rows_before);
    return duckdb_data_chunk_get_size(chunk);
  }
};

std::optional<std::size_t> Result::find(std::string_view name) const {
  for (std::size_t c = 0; c < names_.size(); ++c) {
    if (names_[c] == name) return c;
  }
  return std::nullopt;
}

bool Result::is_null(std::size_t row, std::size_t column) const {
  const auto [chunk, at] = chunks_->locate(row);
  auto* validity = chunks_->vectors[chunk][column].validity;
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, at);
}

std::string_view Result::view(std::size_t row, std::size_t column) const {
  if (types_[column] != Type::text || is_null(row, column)) return {};
  const auto [chunk, at] = chunks_->locate(row);
  const auto* strings = static_cast<const duckdb_string_t*>(chunks_->vectors[chunk][column].data);
  auto* string = const_cast<duckdb_string_t*>(&strings[at]);
  return {duckdb_string_t_data(string), duckdb_string_t_length(*string)};
}

std::string Result::text(std::size_t row, std::size_t column) const {
  if (is_null(row, column)) return {};
  switch (types_[column]) {
    case Type::text:
      return std::string(view(row, column));
    case Type::integer:
      return std::to_string(integer(row, column));
    case Type::number:
      return fmt::format("{}", number(row, column));
    case Type::boolean:
      return integer(row, column) != 0 ? "true" : "false";
    case Type::other:
      break;
  }
  throw Error("TM1202", "column '" + names_[column] + "' has a type that has no text form here", {},
              "cast it to VARCHAR in the query");
}

std::int64_t Result::integer(std::size_t row, std::size_t column) const {
  if (is_null(row, column)) return 0;
  const auto [chunk, at] = chunks_->locate(row);
  return integer_at(chunks_->vectors[chunk][column].data, chunks_->native_types[column], at);
}

double Result::number(std::size_t row, std::size_t column) const {
  if (is_null(row, column)) return std::numeric_limits<double>::quiet_NaN();
  const auto [chunk, at] = chunks_->locate(row);
  const void* data = chunks_->vectors[chunk][column].data;
  switch (chunks_->native_types[column]) {
    case DUCKDB_TYPE_DOUBLE:
      return static_cast<const double*>(data)[at];
    case DUCKDB_TYPE_FLOAT:
      return static_cast<double>(static_cast<const float*>(data)[at]);
    default:
      return static_cast<double>(integer_at(data, chunks_->native_types[column], at));
  }
}

namespace {

std::atomic<bool> leaving = false;

}  // namespace

void leave_databases() {
  leaving = true;
}

struct Session::State {
  std::shared_ptr<std::remove_pointer_t<duckdb_database>> database;  // closed with its last connection
  duckdb_connection connection = nullptr;
  std::set<std::string> functions;  // registered ones
  std::string* statements = nullptr;
  bool in_memory = false;
  /// Counts what may have changed tables and views, in all sessions of the database.
  std::shared_ptr<std::atomic<std::uint64_t>> changes = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::uint64_t known_at = 0;                               ///< `changes` when `columns` were asked for
  std::map<std::string, std::vector<std::string>> columns;  ///< of tables and views
  void connect() {
    if (duckdb_connect(database.get(), &connection) != DuckDBSuccess)
      throw Error("TM1203", "the SQL engine does not accept a connection");
  }
  ~State() {
    if (leaving && is_in_memory()) {
      // Still reachable, so that checkers of memory see what it is.
      static auto* const left = new std::vector<std::pair<decltype(database), duckdb_connection>>;
      static std::mutex mutex;
      const std::lock_guard lock(mutex);
      left->emplace_back(database, connection);
    } else if (connection) {
      duckdb_disconnect(&connection);
    }
  }
  /// Whether nothing but memory has to be given back: no file of its own, nothing spilled.
  bool is_in_memory() const {
    duckdb_result result{};
    const bool asked =
        connection != nullptr && in_memory &&
        duckdb_query(connection, "SELECT 1 FROM duckdb_temporary_files()", &result) == DuckDBSuccess;
    const bool spilled = asked && duckdb_row_count(&result) > 0;
    if (asked) duckdb_destroy_result(&result);
    return asked && !spilled;
  }
};

Session::Session(const SessionOptions& options) : state_(std::make_unique<State>()) {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  duckdb_set_config(config, "threads", std::to_string(options.threads).c_str());
  duckdb_set_config(config, "memory_limit", options.memory_limit.c_str());
  duckdb_set_config(config, "autoload_known_extensions", "false");
  // Memory of one statement is used by the next; giving it back in between costs more than it saves.
  duckdb_set_config(config, "allocator_flush_threshold", "4GB");
  duckdb_set_config(config, "allocator_bulk_deallocation_flush_threshold", "4GB");
  duckdb_set_config(config, "autoinstall_known_extensions", "false");
  if (!options.temp_directory.empty())
    duckdb_set_config(config, "temp_directory", options.temp_directory.c_str());
  char* problem = nullptr;
  duckdb_database database = nullptr;
  const auto status = duckdb_open_ext(options.path.c_str(), &database, config, &problem);
  duckdb_destroy_config(&config);
  if (status != DuckDBSuccess) {
    const std::string text = problem ? problem : "unknown reason";
    duckdb_free(problem);
    throw Error("TM1203", "the SQL engine does not start: " + text, {options.path});
  }
  state_->in_memory = options.path == ":memory:";
  state_->database = {database, [](duckdb_database opened) { duckdb_close(&opened); }};
  state_->connect();
}

Session Session::beside() {
  Session other{std::make_unique<State>()};
  other.state_->database = state_->database;
  other.state_->functions = state_->functions;
  other.state_->changes = state_->changes;
  other.state_->connect();
  return other;
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

void* Session::native() {
  return state_->connection;
}

namespace {

[[noreturn]] void fail(duckdb_result& result, const std::string& sql) {
  const char* text = duckdb_result_error(&result);
  std::string message = text ? text : "unknown error";
  duckdb_destroy_result(&result);
  base::check_stop();
  constexpr std::size_t shown = 400;
  throw Error("TM1201", message, {},
              "in the statement: " + sql.substr(0, shown) + (sql.size() > shown ? " …" : ""));
}

}  // namespace

void Session::execute(const std::string& sql) {
  duckdb_result result;
  const auto status = duckdb_query(state_->connection, sql.c_str(), &result);
  // Too many are noticed rather than too few: the word may stand in a text.
  for (const char* word : {"CREATE ", "DROP ", "ALTER ", "ATTACH "}) {
    if (sql.find(word) != std::string::npos) {
      ++*state_->changes;
      break;
    }
  }
  if (status != DuckDBSuccess) fail(result, sql);
  duckdb_destroy_result(&result);
  if (state_->statements != nullptr) *state_->statements += sql + (sql.ends_with(';') ? "\n\n" : ";\n\n");
}

void Session::record_statements(std::string* text) {
  state_->statements = text;
}

Result Session::query(const std::string& sql) {
  duckdb_result native;
  if (duckdb_query(state_->connection, sql.c_str(), &native) != DuckDBSuccess) fail(native, sql);
  Result result;
  result.chunks_ = std::make_shared<Result::Chunks>();
  for (idx_t c = 0; c < duckdb_column_count(&native); ++c) {
    result.names_.emplace_back(duckdb_column_name(&native, c));
    result.chunks_->native_types.push_back(duckdb_column_type(&native, c));
    result.types_.push_back(type_of(result.chunks_->native_types.back()));
  }
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(native)) {
    result.rows_ += result.chunks_->add(chunk, result.rows_);
  }
  duckdb_destroy_result(&native);
  return result;
}

Result Session::query_text(const std::string& sql) {
  return query("SELECT COLUMNS(*)::VARCHAR FROM (" + sql + ")");
}

std::size_t Session::statement_count(const std::string& sql) {
  duckdb_extracted_statements statements = nullptr;
  const idx_t found = duckdb_extract_statements(state_->connection, sql.c_str(), &statements);
  const char* problem = found == 0 ? duckdb_extract_statements_error(statements) : nullptr;
  const std::string message = problem ? problem : "";
  duckdb_destroy_extracted(&statements);
  if (!message.empty()) throw Error("TM1201", message, {}, "in the statement: " + sql.substr(0, 400));
  return found;
}

std::int64_t Session::count(const std::string& sql) {
  const Result result = query(sql);
  return result.rows() > 0 && result.columns() > 0 ? result.integer(0, 0) : 0;
}

void Session::stream(const std::string& sql, const std::function<bool(const Result&)>& consume) {
  duckdb_prepared_statement statement = nullptr;
  if (duckdb_prepare(state_->connection, sql.c_str(), &statement) != DuckDBSuccess) {
    const std::string message = duckdb_prepare_error(statement);
    duckdb_destroy_prepare(&statement);
    throw Error("TM1201", message, {}, "in the statement: " + sql.substr(0, 400));
  }
  duckdb_result native;
  const auto status = duckdb_execute_prepared_streaming(statement, &native);
  duckdb_destroy_prepare(&statement);
  if (status != DuckDBSuccess) fail(native, sql);
  struct Guard {
    duckdb_result& result;
    ~Guard() { duckdb_destroy_result(&result); }
  } guard{native};
  Result head;
  std::vector<duckdb_type> types;
  for (idx_t c = 0; c < duckdb_column_count(&native); ++c) {
    head.names_.emplace_back(duckdb_column_name(&native, c));
    types.push_back(duckdb_column_type(&native, c));
    head.types_.push_back(type_of(types.back()));
  }
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(native)) {
    base::check_stop();
    Result piece = head;
    piece.chunks_ = std::make_shared<Result::Chunks>();
    piece.chunks_->native_types = types;
    piece.rows_ = piece.chunks_->add(chunk, 0);
    if (piece.rows_ > 0 && !consume(piece)) return;
  }
  if (const char* text = duckdb_result_error(&native); text && *text) throw Error("TM1201", text);
}

void Session::register_function(const std::string& name, std::size_t arity, TextFunction function) {
  if (!state_->functions.insert(name).second) return;
  register_text_function(state_->connection, name, arity, std::move(function));
}

std::shared_ptr<Dictionary> Session::register_numbers_of_texts(const std::string& name) {
  auto dictionary = std::make_shared<Dictionary>();
  table::register_numbers_of_texts(state_->connection, name, dictionary);
  return dictionary;
}

void Session::register_texts_of_numbers(const std::string& name, const Dictionary& dictionary) {
  table::register_texts_of_numbers(state_->connection, name, dictionary);
}

bool Session::has_table(const std::string& schema, const std::string& name) {
  const auto all = tables(schema);
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::vector<std::string> Session::tables(const std::string& schema) {
  // Several times quicker than information_schema, which looks at columns, keys and comments, too.
  const std::string of_schema = " WHERE schema_name = " + base::sql_literal(schema);
  const auto result = query("SELECT table_name FROM duckdb_tables()" + of_schema +
                            " UNION ALL SELECT view_name FROM duckdb_views()" + of_schema + " ORDER BY 1");
  std::vector<std::string> names;
  for (std::size_t r = 0; r < result.rows(); ++r) names.push_back(result.text(r, 0));
  return names;
}

std::map<std::string, std::string> Session::types_of(const std::string& relation) {
  const auto described = query("DESCRIBE SELECT * FROM " + relation);
  std::map<std::string, std::string> types;
  for (std::size_t r = 0; r < described.rows(); ++r) types[described.text(r, 0)] = described.text(r, 1);
  return types;
}

std::vector<std::string> Session::columns_of(const std::string& relation) {
  if (const auto now = state_->changes->load(); state_->known_at != now) {
    state_->columns.clear();
    state_->known_at = now;
  }
  if (const auto known = state_->columns.find(relation); known != state_->columns.end()) return known->second;
  const auto result = query("SELECT * FROM " + relation + " LIMIT 0");
  std::vector<std::string> names;
  for (std::size_t c = 0; c < result.columns(); ++c) names.push_back(result.name(c));
  // A query or a file may give others the next time.
  if (relation.find('(') == std::string::npos) state_->columns[relation] = names;
  return names;
}

}  // namespace trialmill::table
