// One streaming pass over a delimited text file that knows nothing of the SQL engine: it counts records, sets
// malformed ones aside, checks the encoding and hashes the bytes. The crawl compares its count with what the
// engine loaded, so no record can get lost unnoticed. Memory is constant. docs/sources.md states the rules
// for users.
//
// A quote that is opened and never closed swallows the lines after it. It is recognised by what it leads to
// (text after the "closing" quote, the end of the file, 16 MiB, or lines that are whole records on their own
// in a record of the wrong width); then only its first line is set aside, and reading goes on at the next
// one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv_scan_record.hpp"

namespace trialmill::formats {

struct CsvBadRecord {
  std::int64_t row = 0;   ///< data record number, from 1
  std::int64_t line = 0;  ///< physical line where it starts
  std::string reason;
  std::string content;  ///< the record as it stands, shortened with a stated length
};

struct CsvScan {
  std::vector<std::string> header;  ///< blanks around the names removed
  char delimiter = ',';
  std::int64_t records = 0;  ///< data records, good and bad, blank lines not counted
  std::vector<CsvBadRecord> bad;
  /// Records that were loaded although each of their lines would be a whole record if the quote were a stray
  /// one.
  std::int64_t suspects = 0, first_suspect_line = 0;
  bool valid_utf8 = true;
  bool has_bom = false;
  bool irregular =
      false;  ///< something a reader of RFC 4180 may see in another way: the engine gets a cleaned copy
  bool multiline = false;    ///< quoted fields hold line ends
  std::int64_t longest = 0;  ///< bytes of the longest record
  std::int64_t bytes = 0;
  std::string sha256;
};

/// Called for every good data record with its number, its text without line end, and what is known of it.
using CsvSink = std::function<void(std::int64_t row, std::string_view text, const CsvRecord& record)>;

/// Scans `file` (UTF-8 or any single-byte encoding whose delimiter and quote are ASCII). delimiter '\0' =
/// detect from the header among , ; tab |. Errors: TM1001, TM1350 (header over 16 MiB), TM1351 (NUL bytes:
/// binary or UTF-16), TM1352 (wrong delimiter), TM1353 (empty or duplicate column names, unclosed quote in
/// the header), TM1355 (more than 100,000 malformed records). A file without any byte gives an empty header.
CsvScan scan_csv(const std::filesystem::path& file, char delimiter, const std::string& name,
                 const CsvSink& sink = {});

/// Converts a file to UTF-8 (iconv names: WINDOWS-1252, UTF-16, ISO-8859-1, SHIFT_JIS). Error TM1354 at the
/// first byte that has no meaning in that encoding.
void convert_to_utf8(const std::filesystem::path& from, const std::filesystem::path& to,
                     const std::string& encoding, const std::string& name);

/// The start of a text for messages, cut between characters, with its length if it was cut. `size`: the
/// length of the whole when `text` itself is only its start. What is not UTF-8 or is NUL shows as "?".
std::string shortened(std::string_view text, std::size_t size = 0);

}  // namespace trialmill::formats
