#include "ingest/prepare.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::ingest {

findings::Finding crawl_finding(const std::string& code, findings::Severity severity,
                                const study::Source& source, const std::string& file, std::int64_t row,
                                const std::string& message, const std::string& value) {
  findings::Finding finding;
  finding.rule = code;
  finding.severity = severity;
  finding.stage = "crawl";
  finding.dataset = source.name;
  finding.file = file;
  finding.row = row;
  finding.value = value;
  finding.message = message;
  return finding;
}

Prepared prepare(const study::Source& source, const Delivered& file, int part, CleanCopies& copies) {
  const auto is = [&](const char* format) { return source.format == format; };
  // A member of a JSON file is a table below its keys, or a list inside of its records: see
  // docs/formats/json.md.
  const bool json =
      source.member.empty() && (is("json") || is("ndjson") || is("fitbit") || is("oura") || is("clue"));
  const bool zipped = file.path.extension() == ".zip";
  Prepared out = is("csv") && source.header_lines < 2 ? prepare_csv(source, file, part, copies)
                 : is("apple-health") && !zipped      ? prepare_apple_health(source, file, part, copies)
                 : json                               ? prepare_json(source, file, part, copies)
                                                      : prepare_dataset(source, file, part, copies);
  for (const auto& column : out.columns) {
    if (!is_reserved_column(column)) continue;
    throw base::Error("TM2009", "the column name '" + column + "' is reserved", {file.name, 1},
                      "raw tables use it for themselves; rename the column at its origin");
  }
  if (out.columns.empty() && out.bad.empty()) {
    out.remarks.push_back(crawl_finding(
        "TM2013", findings::Severity::error, source, file.name, 0,
        "the file is empty: " + std::string(source.format == "csv" ? "not even a header" : "no record")));
  } else if (out.records == 0) {
    out.remarks.push_back(crawl_finding("TM2013", findings::Severity::warning, source, file.name, 0,
                                        "the file has a header and no records"));
  }
  return out;
}

}  // namespace trialmill::ingest
