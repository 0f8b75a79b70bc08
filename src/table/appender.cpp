#include "table/appender.hpp"

#include <duckdb.h>

#include <vector>

#include "base/error.hpp"

namespace trialmill::table {

struct Appender::State {
  duckdb_appender appender = nullptr;
  duckdb_data_chunk chunk = nullptr;
  std::vector<duckdb_vector> vectors;
  std::vector<double*> numbers;

  ~State() {
    if (chunk != nullptr) duckdb_destroy_data_chunk(&chunk);
    if (appender != nullptr) duckdb_appender_destroy(&appender);
  }
  void check(duckdb_state status) const {
    if (status == DuckDBSuccess) return;
    const char* message = duckdb_appender_error(appender);
    throw base::Error("TM1201", message != nullptr ? message : "rows could not be added");
  }
  void attach() {
    vectors.clear();
    numbers.clear();
    for (idx_t c = 0; c < duckdb_data_chunk_get_column_count(chunk); ++c) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
      vectors.push_back(vector);
      numbers.push_back(static_cast<double*>(duckdb_vector_get_data(vector)));
    }
  }
};

Appender::Appender(Session& session, const std::string& table) : state_(std::make_unique<State>()) {
  auto connection = static_cast<duckdb_connection>(session.native());
  state_->check(duckdb_appender_create(connection, nullptr, table.c_str(), &state_->appender));
  std::vector<duckdb_logical_type> types;
  for (idx_t c = 0; c < duckdb_appender_column_count(state_->appender); ++c)
    types.push_back(duckdb_appender_column_type(state_->appender, c));
  state_->chunk = duckdb_create_data_chunk(types.data(), types.size());
  for (auto& type : types) duckdb_destroy_logical_type(&type);
  state_->attach();
}

Appender::~Appender() = default;

std::size_t Appender::rows_max() {
  return duckdb_vector_size();
}

void Appender::text(std::size_t column, std::size_t row, std::string_view value) {
  duckdb_vector_assign_string_element_len(state_->vectors[column], row, value.data(), value.size());
}

void Appender::number(std::size_t column, std::size_t row, double value) {
  state_->numbers[column][row] = value;
}

void Appender::null(std::size_t column, std::size_t row) {
  duckdb_vector vector = state_->vectors[column];
  duckdb_vector_ensure_validity_writable(vector);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
}

void Appender::send(std::size_t rows) {
  duckdb_data_chunk_set_size(state_->chunk, rows);
  state_->check(duckdb_append_data_chunk(state_->appender, state_->chunk));
  duckdb_data_chunk_reset(state_->chunk);
  state_->attach();
}

void Appender::close() {
  state_->check(duckdb_appender_close(state_->appender));
}

}  // namespace trialmill::table
