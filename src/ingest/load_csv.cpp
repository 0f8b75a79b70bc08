#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "formats/csv_scan.hpp"
#include "ingest/load.hpp"

namespace trialmill::ingest {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;
using findings::Severity;

namespace {

struct Prepared {
  fs::path path;          // what the engine reads: the delivered file or a cleaned copy
  bool numbered = false;  // the copy carries the record number as its first column
  formats::CsvScan scan;
};

void report(study::Context& context, const study::Source& source, const std::string& rule, Severity severity,
            const std::string& file, std::int64_t row, const std::string& message,
            const std::string& value = "") {
  findings::Finding finding;
  finding.rule = rule;
  finding.severity = severity;
  finding.stage = "crawl";
  finding.dataset = source.name;
  finding.file = file;
  finding.row = row;
  finding.value = value;
  finding.message = message;
  context.findings.add(std::move(finding));
}

// Good records only, each with its number in front, line ends made regular.
void write_clean_copy(const fs::path& from, const fs::path& to, const formats::CsvScan& scan,
                      const std::string& name) {
  base::AtomicFile out(to);
  const std::string separator(1, scan.delimiter);
  formats::scan_csv(from, scan.delimiter, name, [&](std::int64_t row, std::string_view record) {
    out.write(std::to_string(row) + separator);
    out.write(record);
    out.write("\n");
  });
  out.commit();
}

std::string iconv_name(const std::string& declared) {
  return declared.empty() ? "WINDOWS-1252" : base::to_upper(declared);
}

Prepared prepare(study::Context& context, const study::Source& source, const Delivered& file,
                 const fs::path& scratch) {
  const char delimiter = source.delimiter.empty() ? '\0' : source.delimiter[0];
  Prepared out;
  out.path = file.path;
  const bool declared = !source.encoding.empty() && source.encoding != "utf-8";
  const fs::path converted = scratch / "converted.csv";
  if (!declared) out.scan = formats::scan_csv(file.path, delimiter, file.name);
  if (declared || !out.scan.valid_utf8) {
    formats::convert_to_utf8(file.path, converted, iconv_name(declared ? source.encoding : ""), file.name);
    if (!declared) {
      report(context, source, "TM2010", Severity::warning, file.name, 0,
             "the file is not UTF-8; it was read as windows-1252", "");
    }
    out.path = converted;
    out.scan = formats::scan_csv(converted, delimiter, file.name);
    out.scan.sha256 = base::sha256_of_file(file.path);  // of what was delivered, not of the conversion
  }
  if (out.path == converted || !out.scan.bad.empty() || out.scan.irregular) {
    const fs::path clean = scratch / "clean.csv";
    write_clean_copy(out.path, clean, out.scan, file.name);
    out.path = clean;
    out.numbered = true;
  }
  return out;
}

std::string read_sql(const Prepared& prepared) {
  std::string columns = prepared.numbered ? "'_row': 'VARCHAR'" : "";
  for (const auto& name : prepared.scan.header) {
    columns += (columns.empty() ? "" : ", ") + sql_literal(std::string(base::trim(name))) + ": 'VARCHAR'";
  }
  return "read_csv(" + sql_literal(prepared.path.string()) +
         ", auto_detect=false, delim=" + sql_literal(std::string(1, prepared.scan.delimiter)) +
         ", quote='\"', escape='\"', header=" + (prepared.numbered ? "false" : "true") +
         ", nullstr='', max_line_size=33554432, columns={" + columns + "})";
}

void report_bad(study::Context& context, const study::Source& source, const Delivered& file,
                const formats::CsvScan& scan, Loaded& loaded) {
  for (const auto& bad : scan.bad) {
    report(context, source, "TM2011", Severity::warning, file.name, bad.row,
           "malformed record at line " + std::to_string(bad.line) + ": " + bad.reason +
               "; the record was set aside",
           bad.content);
    ++loaded.rejected["malformed record"];
    loaded.aside.push_back({file.name, bad.row, bad.reason, bad.content});
  }
}

void report_drift(study::Context& context, const study::Source& source, const Delivered& file,
                  const std::set<std::string>& known, const std::vector<std::string>& header) {
  std::vector<std::string> added, missing;
  const std::set<std::string> here(header.begin(), header.end());
  for (const auto& name : header) {
    if (!known.contains(name)) added.push_back(name);
  }
  for (const auto& name : known) {
    if (!here.contains(name)) missing.push_back(name);
  }
  if (added.empty() && missing.empty()) return;
  std::string text = "the columns differ from those of earlier files:";
  if (!added.empty()) text += " new " + base::join(added, ", ");
  if (!missing.empty())
    text += std::string(added.empty() ? "" : ";") + " without " + base::join(missing, ", ");
  report(context, source, "TM2012", Severity::warning, file.name, 0, text);
}

}  // namespace

Loaded load_csv(study::Context& context, const study::Source& source, const std::vector<Delivered>& files,
                const std::string& relation, const fs::path& scratch) {
  Loaded loaded;
  std::set<std::string> known;
  std::string unions;
  auto& session = context.session;
  for (std::size_t part = 0; part < files.size(); ++part) {
    const Delivered& file = files[part];
    const Prepared prepared = prepare(context, source, file, scratch);
    const formats::CsvScan& scan = prepared.scan;
    loaded.hashes.push_back(scan.sha256);
    if (scan.header.empty() || scan.records == 0) {
      report(context, source, "TM2013", scan.header.empty() ? Severity::error : Severity::warning, file.name,
             0,
             scan.header.empty() ? "the file is empty: not even a header"
                                 : "the file has a header and no records");
      if (scan.header.empty()) continue;
    }
    if (!known.empty()) report_drift(context, source, file, known, scan.header);
    known.insert(scan.header.begin(), scan.header.end());
    report_bad(context, source, file, scan, loaded);
    loaded.received += scan.records;
    const std::string table = relation + "_" + std::to_string(part);
    session.execute("CREATE TEMP TABLE " + table + " AS SELECT * FROM " + read_sql(prepared));
    const auto rows = session.count("SELECT count(*) FROM " + table);
    if (rows != scan.records - static_cast<std::int64_t>(scan.bad.size())) {
      throw base::Error("TM2003",
                        "the file holds " + std::to_string(scan.records) + " records, but " +
                            std::to_string(rows) + " were loaded",
                        {file.name}, "please report this file");
    }
    unions += (unions.empty() ? "" : " UNION ALL BY NAME ") + std::string("SELECT ") + std::to_string(part) +
              "::INTEGER AS _part, " + sql_literal(file.name) + " AS _file, " +
              (prepared.numbered ? "_row::BIGINT AS _row, * EXCLUDE (_row)" : "rowid + 1 AS _row, *") +
              " FROM " + table;
  }
  if (unions.empty()) {
    throw base::Error("TM2005", "every file of source '" + source.name + "' is empty", source.place,
                      "deliver at least a header line");
  }
  session.execute("CREATE TEMP TABLE " + relation + " AS " + unions);
  for (std::size_t part = 0; part < files.size(); ++part) {
    session.execute("DROP TABLE IF EXISTS " + relation + "_" + std::to_string(part));
  }
  return loaded;
}

}  // namespace trialmill::ingest
