// Where one record of a delimited text ends, by RFC 4180 and no more: a quote opens a quoted field only as
// its first character, `""` inside stands for one quote, and after the closing quote a delimiter or line end
// must follow. Pure functions on text, so that they can be tested and fuzzed alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trialmill::formats {

struct CsvRecord {
  enum class State {
    complete,  ///< a record with a proper end
    more,      ///< the text ends before the record does, and more text may come
    broken     ///< see `fault`
  };
  State state = State::complete;
  std::size_t length = 0;  ///< bytes with the line end; of a broken one, how far it was read
  std::size_t size = 0;    ///< bytes without it
  std::size_t fields = 1;
  std::size_t lines = 1;   ///< physical lines: more than 1 when a quoted field holds line ends
  bool quoted = false;     ///< has a quoted field
  bool stray = false;      ///< a quote or CR inside an unquoted field: kept as text, but not RFC 4180
  const char* fault = "";  ///< why it is broken
};

/// The record at the start of `text`. `last`: nothing comes after `text`. A record of several lines is given
/// up as broken as soon as it has more than `fields_max` fields: that bounds the cost of an unclosed quote.
CsvRecord read_csv_record(std::string_view text, char delimiter, bool last,
                          std::size_t fields_max = std::string_view::npos);

/// Splits one complete record without its line end into its fields, quotes removed.
std::vector<std::string> split_csv_record(std::string_view record, char delimiter);

}  // namespace trialmill::formats
