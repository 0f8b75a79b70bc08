#include "table/text_function.hpp"

#include <array>
#include <exception>
#include <vector>

#include "base/error.hpp"

namespace trialmill::table {

using base::Error;

namespace {

/// The text arguments of a chunk of rows.
class TextColumns {
 public:
  explicit TextColumns(duckdb_data_chunk input) {
    for (idx_t a = 0; a < duckdb_data_chunk_get_column_count(input); ++a) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(input, a);
      columns_.emplace_back(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)),
                            duckdb_vector_get_validity(vector));
    }
  }
  void read(idx_t row, std::vector<std::optional<std::string_view>>& arguments) const {
    arguments.clear();
    for (const auto& [data, validity] : columns_) {
      if (validity && !duckdb_validity_row_is_valid(validity, row))
        arguments.emplace_back(std::nullopt);
      else
        arguments.emplace_back(
            std::string_view(duckdb_string_t_data(&data[row]), duckdb_string_t_length(data[row])));
    }
  }

 private:
  std::vector<std::pair<duckdb_string_t*, std::uint64_t*>> columns_;
};

std::size_t hash_of(const std::vector<std::optional<std::string_view>>& arguments) {
  std::size_t hash = 0;
  for (const auto& one : arguments) hash = hash * 31 + (one ? std::hash<std::string_view>{}(*one) : 1);
  return hash;
}

/// Columns of clinical data repeat (dates of a visit, results, units): a result that the chunk has already
/// is taken from there.
void call_text_function(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& function = *static_cast<TextFunction*>(duckdb_scalar_function_get_extra_info(info));
  const TextColumns columns(input);
  std::vector<std::optional<std::string_view>> arguments, before;
  std::array<idx_t, 1024> seen{};  // by hash: a row, from 1
  auto* texts = static_cast<duckdb_string_t*>(duckdb_vector_get_data(output));
  duckdb_vector_ensure_validity_writable(output);
  std::uint64_t* validity = duckdb_vector_get_validity(output);
  try {
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
      columns.read(row, arguments);
      idx_t& place = seen[hash_of(arguments) % seen.size()];
      if (place > 0) columns.read(place - 1, before);
      if (place > 0 && before == arguments) {
        texts[row] = texts[place - 1];  // both live as long as the vector
        if (!duckdb_validity_row_is_valid(validity, place - 1))
          duckdb_validity_set_row_invalid(validity, row);
        continue;
      }
      place = row + 1;
      if (const auto value = function(arguments))
        duckdb_vector_assign_string_element_len(output, row, value->data(), value->size());
      else
        duckdb_validity_set_row_invalid(validity, row);
    }
  } catch (const std::exception& problem) {
    duckdb_scalar_function_set_error(info, problem.what());
  }
}

}  // namespace

void register_text_function(duckdb_connection connection, const std::string& name, std::size_t arity,
                            TextFunction function) {
  duckdb_scalar_function scalar = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(scalar, name.c_str());
  duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  for (std::size_t a = 0; a < arity; ++a) duckdb_scalar_function_add_parameter(scalar, text);
  duckdb_scalar_function_set_return_type(scalar, text);
  duckdb_destroy_logical_type(&text);
  duckdb_scalar_function_set_special_handling(scalar);  // NULL arguments reach the function
  duckdb_scalar_function_set_extra_info(scalar, new TextFunction(std::move(function)),
                                        [](void* pointer) { delete static_cast<TextFunction*>(pointer); });
  duckdb_scalar_function_set_function(scalar, call_text_function);
  const auto status = duckdb_register_scalar_function(connection, scalar);
  duckdb_destroy_scalar_function(&scalar);
  if (status != DuckDBSuccess) throw Error("TM1204", "SQL function '" + name + "' cannot be registered");
}

}  // namespace trialmill::table
