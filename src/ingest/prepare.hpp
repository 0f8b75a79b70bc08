// One delivered file → records that the SQL engine can load without a doubt, and the account of all others.
// No engine is needed here, so several files are prepared at the same time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "findings/finding.hpp"
#include "formats/csv_scan.hpp"
#include "ingest/clean_copies.hpp"
#include "ingest/files.hpp"
#include "study/study.hpp"

namespace trialmill::ingest {

struct Prepared {
  std::vector<std::string> columns;  ///< empty: the file is empty
  char delimiter = ',';
  /// The engine reads the delivered file itself; false: its good records are in the clean copies, as part
  /// `part`.
  bool direct = false;
  std::int64_t records = 0;  ///< good (they are in the clean copies now) and bad, counted without the engine
  std::vector<formats::CsvBadRecord> bad;
  std::vector<findings::Finding> remarks;  ///< about the file as a whole
  std::int64_t bytes = 0;
  std::string sha256;  ///< of the delivered bytes
};

/// A finding of the crawl stage about a file or one of its records (row 0 = the file).
findings::Finding crawl_finding(const std::string& code, findings::Severity severity,
                                const study::Source& source, const std::string& file, std::int64_t row,
                                const std::string& message, const std::string& value = "");

/// Prepares a file by the format of its source; `part` is its place among the source's files. Errors: those
/// of the readers, TM2008 (too many keys), TM2009 (reserved column name).
Prepared prepare(const study::Source& source, const Delivered& file, int part, CleanCopies& copies);

// The formats; called by prepare().
Prepared prepare_csv(const study::Source& source, const Delivered& file, int part, CleanCopies& copies);
Prepared prepare_dataset(const study::Source& source, const Delivered& file, int part, CleanCopies& copies);
Prepared prepare_json(const study::Source& source, const Delivered& file, int part, CleanCopies& copies);
Prepared prepare_apple_health(const study::Source& source, const Delivered& file, int part,
                              CleanCopies& copies);

}  // namespace trialmill::ingest
