// Texts of a column that repeat, carried through SQL as small numbers.
#pragma once

#include <duckdb.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::table {

/// Numbers the texts of one column as they are met, from 0. Sorting and storing numbers costs a fraction of
/// what texts cost. Several threads may ask at once.
class Dictionary {
 public:
  /// More different texts than this, or longer ones (in bytes), are better left as they are.
  static constexpr std::size_t texts_max = 32768, bytes_max = 200;

  Dictionary();
  /// The text's number; nullopt if there is no place for it, and then full() is true.
  std::optional<std::uint16_t> number_of(std::string_view text);
  bool full() const { return full_; }
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  /// In the order of their numbers. Not while other threads add texts.
  const std::deque<std::string>& texts() const { return texts_; }
  std::size_t longest() const;  ///< in bytes; 0 without texts
  /// Gives back the memory for finding numbers, which the engine would keep with the function to its end; the
  /// texts stay. No text has a number from then on. Not while other threads ask.
  void close();

 private:
  static constexpr std::size_t slots = 2 * texts_max;
  std::optional<std::uint16_t> add(std::string_view text, std::size_t slot);

  std::unique_ptr<std::array<std::atomic<const std::string*>, slots>> table_;  // by hash, next free one
  std::unique_ptr<std::array<std::uint16_t, slots>> numbers_;
  std::deque<std::string> texts_;
  std::mutex adding_;
  std::atomic<std::size_t> size_ = 0;
  std::atomic<bool> full_ = false;
};

/// Makes `name`(VARCHAR) → USMALLINT known to the connection's database: the number of a text, NULL of NULL.
/// A text without a place in the dictionary is an error of the statement. Error TM1204.
void register_numbers_of_texts(duckdb_connection connection, const std::string& name,
                               std::shared_ptr<Dictionary> dictionary);

/// Makes `name`(USMALLINT) → ENUM known: the text of a number. The dictionary must be complete. Error TM1204.
void register_texts_of_numbers(duckdb_connection connection, const std::string& name,
                               const Dictionary& dictionary);

}  // namespace trialmill::table
