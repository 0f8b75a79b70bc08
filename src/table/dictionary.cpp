#include "table/dictionary.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

namespace trialmill::table {

Dictionary::Dictionary()
    : table_(std::make_unique<std::array<std::atomic<const std::string*>, slots>>()),
      numbers_(std::make_unique<std::array<std::uint16_t, slots>>()) {}

void Dictionary::close() {
  table_.reset();
  numbers_.reset();
}

std::optional<std::uint16_t> Dictionary::number_of(std::string_view text) {
  if (!table_) return std::nullopt;
  std::size_t slot = std::hash<std::string_view>{}(text) % slots;
  while (const std::string* there = (*table_)[slot].load(std::memory_order_acquire)) {
    if (*there == text) return (*numbers_)[slot];
    slot = (slot + 1) % slots;
  }
  return add(text, slot);
}

/// Another thread may have added the same text, or another one at this place, in the meantime.
std::optional<std::uint16_t> Dictionary::add(std::string_view text, std::size_t slot) {
  const std::lock_guard lock(adding_);
  while (const std::string* there = (*table_)[slot].load(std::memory_order_relaxed)) {
    if (*there == text) return (*numbers_)[slot];
    slot = (slot + 1) % slots;
  }
  // The engine's list of texts is one of C strings.
  const bool fits = text.size() <= bytes_max && text.find('\0') == std::string_view::npos;
  if (full_ || !fits || texts_.size() == texts_max) {
    full_ = true;
    return std::nullopt;
  }
  const auto number = static_cast<std::uint16_t>(texts_.size());
  texts_.emplace_back(text);
  (*numbers_)[slot] = number;
  (*table_)[slot].store(&texts_.back(), std::memory_order_release);
  size_.store(texts_.size(), std::memory_order_release);
  return number;
}

std::size_t Dictionary::longest() const {
  std::size_t bytes = 0;
  for (const auto& text : texts_) bytes = std::max(bytes, text.size());
  return bytes;
}

namespace {

bool is_there(const std::uint64_t* validity, idx_t row) {
  return validity == nullptr || duckdb_validity_row_is_valid(const_cast<std::uint64_t*>(validity), row);
}

/// Numbers of texts met in a chunk, by the engine's 16 bytes for a text: its length, and the text or where it
/// lies. Rows next to each other often hold the very same text, which is then not even looked at.
class Recent {
 public:
  std::uint16_t* find(const duckdb_string_t& text) {
    std::uint64_t bytes[2];
    static_assert(sizeof(bytes) == sizeof(text));
    std::memcpy(bytes, &text, sizeof(bytes));
    Entry& entry = entries_[(bytes[0] ^ bytes[1] * 0x9E3779B97F4A7C15u) >> 56];
    known_ = entry.bytes[0] == bytes[0] && entry.bytes[1] == bytes[1];
    entry.bytes[0] = bytes[0];
    entry.bytes[1] = bytes[1];
    return &entry.number;
  }
  bool known() const { return known_; }  ///< the number that find() returned is the text's

 private:
  struct Entry {
    std::uint64_t bytes[2] = {~std::uint64_t{0}, 0};  // no text is that long
    std::uint16_t number = 0;
  };
  std::array<Entry, 256> entries_;
  bool known_ = false;
};

void call_numbers_of_texts(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto& dictionary = **static_cast<std::shared_ptr<Dictionary>*>(duckdb_scalar_function_get_extra_info(info));
  duckdb_vector texts = duckdb_data_chunk_get_vector(input, 0);
  auto* text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(texts));
  const std::uint64_t* given = duckdb_vector_get_validity(texts);
  auto* numbers = static_cast<std::uint16_t*>(duckdb_vector_get_data(output));
  duckdb_vector_ensure_validity_writable(output);
  std::uint64_t* validity = duckdb_vector_get_validity(output);
  Recent recent;
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (!is_there(given, row)) {
      duckdb_validity_set_row_invalid(validity, row);
      continue;
    }
    std::uint16_t* known = recent.find(text[row]);
    if (recent.known()) {
      numbers[row] = *known;
      continue;
    }
    const std::string_view one(duckdb_string_t_data(&text[row]), duckdb_string_t_length(text[row]));
    const auto number = dictionary.number_of(one);
    if (!number) return duckdb_scalar_function_set_error(info, "too many or too long texts for a dictionary");
    numbers[row] = *known = *number;
  }
}

template <typename Number>
void call_texts_of_numbers(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector numbers = duckdb_data_chunk_get_vector(input, 0);
  const auto* number = static_cast<const std::uint16_t*>(duckdb_vector_get_data(numbers));
  const std::uint64_t* given = duckdb_vector_get_validity(numbers);
  auto* texts = static_cast<Number*>(duckdb_vector_get_data(output));
  duckdb_vector_ensure_validity_writable(output);
  std::uint64_t* validity = duckdb_vector_get_validity(output);
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    texts[row] = 0;
    if (is_there(given, row))
      texts[row] = static_cast<Number>(number[row]);
    else
      duckdb_validity_set_row_invalid(validity, row);
  }
}

/// NULL arguments reach the function. Takes `scalar` and both types.
void register_function(duckdb_connection connection, duckdb_scalar_function scalar, const std::string& name,
                       duckdb_logical_type argument, duckdb_logical_type result,
                       duckdb_scalar_function_t function) {
  duckdb_scalar_function_set_name(scalar, name.c_str());
  duckdb_scalar_function_add_parameter(scalar, argument);
  duckdb_scalar_function_set_return_type(scalar, result);
  duckdb_scalar_function_set_special_handling(scalar);
  duckdb_scalar_function_set_function(scalar, function);
  const auto status = duckdb_register_scalar_function(connection, scalar);
  duckdb_destroy_logical_type(&argument);
  duckdb_destroy_logical_type(&result);
  duckdb_destroy_scalar_function(&scalar);
  if (status != DuckDBSuccess)
    throw base::Error("TM1204", "SQL function '" + name + "' cannot be registered");
}

}  // namespace

void register_numbers_of_texts(duckdb_connection connection, const std::string& name,
                               std::shared_ptr<Dictionary> dictionary) {
  duckdb_scalar_function scalar = duckdb_create_scalar_function();
  duckdb_scalar_function_set_extra_info(
      scalar, new std::shared_ptr<Dictionary>(std::move(dictionary)),
      [](void* pointer) { delete static_cast<std::shared_ptr<Dictionary>*>(pointer); });
  register_function(connection, scalar, name, duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR),
                    duckdb_create_logical_type(DUCKDB_TYPE_USMALLINT), call_numbers_of_texts);
}

void register_texts_of_numbers(duckdb_connection connection, const std::string& name,
                               const Dictionary& dictionary) {
  std::vector<const char*> texts;
  for (const auto& text : dictionary.texts()) texts.push_back(text.c_str());
  if (texts.empty()) texts.push_back("");  // a column without a value
  duckdb_logical_type type = duckdb_create_enum_type(texts.data(), texts.size());
  const bool small = duckdb_enum_internal_type(type) == DUCKDB_TYPE_UTINYINT;
  register_function(connection, duckdb_create_scalar_function(), name,
                    duckdb_create_logical_type(DUCKDB_TYPE_USMALLINT), type,
                    small ? call_texts_of_numbers<std::uint8_t> : call_texts_of_numbers<std::uint16_t>);
}

}  // namespace trialmill::table
