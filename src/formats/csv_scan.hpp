// One streaming pass over a delimited text file that knows nothing of the SQL engine: it counts records,
// finds malformed ones, checks the encoding and hashes the bytes. The crawl compares its count with what the
// engine loaded, so no record can get lost unnoticed. Memory is constant: a record longer than the limit is
// an Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::formats {

struct CsvBadRecord {
  std::int64_t row = 0;   ///< data record number, from 1
  std::int64_t line = 0;  ///< physical line where it starts
  std::string reason;
  std::string content;  ///< the record as it stands, shortened with a stated length
};

struct CsvScan {
  std::vector<std::string> header;
  char delimiter = ',';
  std::int64_t records = 0;  ///< data records, good and bad, blank lines not counted
  std::vector<CsvBadRecord> bad;
  bool valid_utf8 = true;
  bool has_bom = false;
  bool irregular = false;  ///< blank lines or mixed line ends: the engine gets a cleaned copy
  std::int64_t bytes = 0;
  std::string sha256;
};

/// Called for every good data record with its number and its text without line end.
using CsvSink = std::function<void(std::int64_t row, std::string_view record)>;

/// Scans `file` (UTF-8 or any single-byte encoding whose delimiter and quote are ASCII). delimiter '\0' =
/// detect from the header among , ; tab |. Errors: TM1001, TM1350 (record over 16 MiB), TM1351 (NUL bytes:
/// binary or UTF-16), TM1352 (wrong delimiter), TM1353 (empty or duplicate column names). A file without any
/// byte gives an empty header.
CsvScan scan_csv(const std::filesystem::path& file, char delimiter, const std::string& name,
                 const CsvSink& sink = {});

/// Converts a file to UTF-8 (iconv names: WINDOWS-1252, UTF-16, ISO-8859-1, SHIFT_JIS). Error TM1354 at the
/// first byte that has no meaning in that encoding.
void convert_to_utf8(const std::filesystem::path& from, const std::filesystem::path& to,
                     const std::string& encoding, const std::string& name);

/// Splits one record into its fields, quotes removed (RFC 4180).
std::vector<std::string> split_csv_record(std::string_view record, char delimiter);

}  // namespace trialmill::formats
