// CSV deliveries. A first pass judges the file, a second one copies its good records.
#include <filesystem>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "ingest/prepare.hpp"

namespace trialmill::ingest {

namespace fs = std::filesystem;
using findings::Severity;

namespace {

/// Removes the converted file when it is done with.
struct Converted {
  fs::path path;
  ~Converted() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

void copy_records(const fs::path& from, const std::string& name, const study::Source& source, int part,
                  const formats::CsvScan& scan, CleanCopies& copies) {
  copies.select(source.name, part, scan.delimiter, scan.header);
  formats::scan_csv(from, scan.delimiter, name,
                    [&](std::int64_t row, std::string_view text, const formats::CsvRecord& record) {
                      if (record.stray) {
                        copies.add_fields(row, formats::split_csv_record(text, scan.delimiter));
                      } else {
                        copies.add_line(row, text, record.lines > 1);
                      }
                    });
}

}  // namespace

Prepared prepare_csv(const study::Source& source, const Delivered& file, int part, CleanCopies& copies) {
  const char delimiter = source.delimiter.empty() ? '\0' : source.delimiter[0];
  const bool declared = !source.encoding.empty() && base::to_lower(source.encoding) != "utf-8";
  Prepared out;
  formats::CsvScan scan;
  if (!declared) scan = formats::scan_csv(file.path, delimiter, file.name);
  fs::path from = file.path;
  Converted converted;
  if (declared || !scan.valid_utf8) {
    converted.path = from = copies.folder() / (copies.prefix() + "converted.csv");
    formats::convert_to_utf8(file.path, from, declared ? base::to_upper(source.encoding) : "WINDOWS-1252",
                             file.name);
    if (!declared) {
      out.remarks.push_back(crawl_finding("TM2010", Severity::warning, source, file.name, 0,
                                          "the file is not UTF-8; it was read as windows-1252"));
    }
    const std::string sha256 = declared ? base::sha256_of_file(file.path) : scan.sha256;
    scan = formats::scan_csv(from, delimiter, file.name);
    scan.sha256 = sha256;  // of what was delivered, not of the conversion
  }
  if (!scan.header.empty()) copy_records(from, file.name, source, part, scan, copies);
  if (scan.suspects > 0) {
    out.remarks.push_back(
        crawl_finding("TM2015", Severity::warning, source, file.name, 0,
                      base::thousands(scan.suspects) +
                          " record(s) span several lines of which each would be a whole record without " +
                          "the quote; the first is at line " + std::to_string(scan.first_suspect_line)));
  }
  out.columns = std::move(scan.header);
  out.records = scan.records;
  out.bad = std::move(scan.bad);
  out.bytes = static_cast<std::int64_t>(fs::file_size(file.path));
  out.sha256 = scan.sha256;
  return out;
}

}  // namespace trialmill::ingest
