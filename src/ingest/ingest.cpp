#include "ingest/ingest.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "base/workers.hpp"
#include "ingest/files.hpp"
#include "ingest/load.hpp"
#include "ingest/prepare.hpp"
#include "study/side_by_side.hpp"

namespace trialmill::ingest {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;
using findings::Severity;

namespace {

constexpr std::size_t workers = 2;

/// A blank value is none.
std::string trimmed(const std::string& column) {
  return "nullif(trim(" + sql_identifier(column) + "), '')";
}

/// The values of "a", "b" as SQL, after checking that the table has those columns.
std::string column_list(study::Context& context, const study::Source& source,
                        const std::vector<std::string>& names, const std::string& relation) {
  const auto known = context.session.columns_of(relation);
  std::string out;
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw base::usage_error("TM2004", "source '" + source.name + "' has no column '" + name + "'",
                              source.place, base::did_you_mean(name, known));
    }
    out += (out.empty() ? "" : ", ") + trimmed(name);
  }
  return out;
}

/// Parts (files) of an append source whose bytes an earlier file had already: delivered twice.
std::string repeated_parts(const std::vector<Prepared>& prepared) {
  std::set<std::string> known;
  std::string parts;
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    if (!known.insert(prepared[i].sha256).second) parts += (parts.empty() ? "" : ", ") + std::to_string(i);
  }
  return parts;
}

struct Superseded {
  std::string condition;  ///< SQL, true for a row that a later delivery has replaced
  std::string reason;
};

/// A row without a complete `by` or `key` is never replaced: nothing says what it would be the same as.
Superseded superseded_by(study::Context& context, const study::Source& source, const std::string& relation,
                         const std::vector<Prepared>& prepared) {
  if (source.delivery == study::Delivery::append) {
    const std::string parts = repeated_parts(prepared);
    return {parts.empty() ? "false" : "_part IN (" + parts + ")",
            "the same file was delivered before under another name"};
  }
  const bool snapshot = source.delivery == study::Delivery::snapshot;
  const auto& names = snapshot ? source.by : source.key;
  const std::string columns = column_list(context, source, names, relation);
  const std::string window = " OVER (PARTITION BY " + columns;
  std::string complete;
  for (const auto& name : names) complete += trimmed(name) + " IS NOT NULL AND ";
  return {complete + (snapshot ? "_part < max(_part)" + window + ")"
                               : "row_number()" + window + " ORDER BY _part DESC, _row DESC) > 1"),
          (snapshot ? "replaced by a later file (snapshot by " : "replaced by a later row (upsert by ") +
              base::join(names, ", ") + ")"};
}

fs::path beside(fs::path target) {
  return target += ".tmp";
}

/// Writes aside; the caller renames.
void write_parquet(study::Context& context, const std::string& select, const fs::path& target) {
  context.session.execute("COPY (" + select + ") TO " + sql_literal(beside(target).string()) +
                          " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)");
}

/// A delivered row as one JSON object.
std::string content_sql(const std::vector<std::string>& columns) {
  std::string sql;
  for (const auto& name : columns) {
    sql += (sql.empty() ? "" : ", ") + sql_literal(name) + ", " + sql_identifier(name);
  }
  return "json_object(" + sql + ")::VARCHAR";
}

/// SOURCE.aside.parquet: rejected records and superseded rows, with what they held.
void write_aside(study::Context& context, const study::Source& source, const std::vector<Delivered>& files,
                 const std::vector<Prepared>& prepared, const std::string& gone_sql,
                 const fs::path& scratch) {
  const fs::path listed = scratch / (source.name + ".aside.csv");
  bool any = false;
  base::AtomicFile out(listed);
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const auto& bad : prepared[i].bad) {
      any = true;
      out.write(base::csv_cell(files[i].name) + "," + std::to_string(bad.row) + "," +
                base::csv_cell(bad.reason) + "," + base::csv_cell(bad.content) + "\n");
    }
  }
  std::string sql = gone_sql;
  if (any) {
    out.commit();
    sql = "SELECT _file, _row, 'rejected' AS fate, reason, content FROM read_csv(" +
          sql_literal(listed.string()) +
          ", auto_detect=false, header=false, delim=',', quote='\"', escape='\"', nullstr='', "
          "new_line='\\n', parallel=false, columns={" +
          "'_file': 'VARCHAR', '_row': 'BIGINT', 'reason': 'VARCHAR', 'content': 'VARCHAR'}) UNION ALL " +
          sql;
  }
  write_parquet(context, sql + " ORDER BY _file, _row", context.layout.aside_table(source.name));
  fs::rename(beside(context.layout.aside_table(source.name)), context.layout.aside_table(source.name));
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
  context.findings.add(crawl_finding("TM2012", Severity::warning, source, file.name, 0, text));
}

void report_files(study::Context& context, const study::Source& source, const std::vector<Delivered>& files,
                  std::vector<Prepared>& prepared) {
  std::set<std::string> known;
  for (std::size_t i = 0; i < files.size(); ++i) {
    Prepared& file = prepared[i];
    for (auto& remark : file.remarks) context.findings.add(std::move(remark));
    for (const auto& bad : file.bad) {
      context.findings.add(crawl_finding("TM2011", Severity::warning, source, files[i].name, bad.row,
                                         "malformed record at line " + std::to_string(bad.line) + ": " +
                                             bad.reason + "; the record was set aside",
                                         bad.content));
    }
    if (source.format == "csv" && !known.empty() && !file.columns.empty()) {
      report_drift(context, source, files[i], known, file.columns);
    }
    known.insert(file.columns.begin(), file.columns.end());
  }
  if (known.empty()) {
    throw base::Error("TM2005",
                      "no file of source '" + source.name + "' has a single " +
                          (source.format == "csv" ? "header" : "well-formed record"),
                      source.place, "not even its columns are known: deliver the files again");
  }
}

/// Files of a source and what the workers made of them.
struct Delivery {
  std::vector<Delivered> files;
  std::vector<Prepared> prepared;
  std::vector<CleanCopy> copies;
};

/// Where every record of a source went, and what the crawl reports of it.
findings::SourceAccount settle(study::Context& context, const study::Source& source, const Delivery& delivery,
                               const std::vector<std::string>& columns, std::int64_t gone,
                               const std::string& gone_because, study::Outcome& outcome) {
  findings::SourceAccount account;
  account.source = source.name;
  base::Json listed = base::Json::array();
  for (std::size_t i = 0; i < delivery.files.size(); ++i) {
    const Prepared& file = delivery.prepared[i];
    account.received += file.records;
    if (!file.bad.empty()) account.rejected["malformed record"] += static_cast<std::int64_t>(file.bad.size());
    listed.push_back({{"file", delivery.files[i].name}, {"sha256", file.sha256}, {"bytes", file.bytes}});
  }
  if (gone > 0) account.filtered[gone_because] = gone;
  const auto kept = account.received - account.rejected_total() - gone;
  outcome.detail[source.name] = {
      {"files", listed}, {"received", account.received}, {"rows", kept}, {"columns", columns}};
  outcome.rows_in += account.received;
  outcome.rows_out += kept;
  outcome.outputs.push_back(context.layout.raw_table(source.name));
  outcome.outputs.push_back(context.layout.aside_table(source.name));
  return account;
}

/// The table of a source without a file: none, or, if the study names its columns, one without rows.
void keep_empty(study::Context& context, const study::Source& source) {
  if (source.columns.empty()) {
    fs::remove(context.layout.raw_table(source.name));
    return;
  }
  std::string sql = "SELECT ''::VARCHAR AS _file, 0::BIGINT AS _row";
  for (const auto& name : source.columns) sql += ", ''::VARCHAR AS " + sql_identifier(name);
  write_parquet(context, sql + " WHERE false", context.layout.raw_table(source.name));
  fs::rename(beside(context.layout.raw_table(source.name)), context.layout.raw_table(source.name));
}

std::int64_t rows_of(study::Context& context, const fs::path& table) {
  if (!fs::exists(table)) return 0;
  return context.session.count("SELECT count(*) FROM read_parquet(" + sql_literal(table.string()) + ")");
}

/// A table that had rows and gets none: more often a failed export than the truth.
void refuse_emptied(study::Context& context, const study::Source& source, const fs::path& fresh) {
  const auto before = source.optional ? 0 : rows_of(context, context.layout.raw_table(source.name));
  if (before == 0 || rows_of(context, fresh) > 0) return;
  throw base::Error("TM2018",
                    "source '" + source.name + "' has no record any more, and had " + std::to_string(before),
                    source.place, "deliver it again; if it is meant, say `optional: true` at the source");
}

findings::SourceAccount load_source(study::Context& context, const study::Source& source, Delivery& delivery,
                                    const fs::path& scratch, study::Outcome& outcome) {
  auto& [files, prepared, copies] = delivery;
  auto& session = context.session;
  if (files.empty()) {
    const auto before = rows_of(context, context.layout.raw_table(source.name));
    fs::remove(context.layout.aside_table(source.name));
    keep_empty(context, source);
    context.findings.add(crawl_finding(
        "TM2014", before > 0 ? Severity::warning : Severity::info, source, "", 0,
        before > 0 ? "this optional source has no file any more; its records of the last crawl (" +
                         std::to_string(before) + ") are gone"
                   : "no file has been delivered yet for this optional source"));
    findings::SourceAccount nothing;
    nothing.source = source.name;
    return nothing;
  }
  report_files(context, source, files, prepared);
  const std::string relation = "crawl_" + source.name;
  const bool in_order = open_relation(session, files, prepared, copies, relation);
  const Superseded superseded = superseded_by(context, source, relation, prepared);
  std::vector<std::string> columns;
  for (const auto& name : session.columns_of(relation)) {
    if (!is_reserved_column(name)) columns.push_back(name);
  }
  std::string rows = relation;
  std::int64_t gone = 0;
  if (superseded.condition != "false") {
    rows = relation + "_marked";
    session.execute("CREATE TEMP TABLE " + rows + " AS SELECT *, " + superseded.condition +
                    " AS _gone FROM " + relation);
    gone = session.count("SELECT count(*) FROM " + rows + " WHERE _gone");
  }
  const bool marked = rows != relation;
  const fs::path raw = context.layout.raw_table(source.name);
  write_parquet(context,
                "SELECT * EXCLUDE (_part" + std::string(marked ? ", _gone) FROM " : ") FROM ") + rows +
                    (marked ? " WHERE NOT _gone" : "") + (in_order && !marked ? "" : " ORDER BY _part, _row"),
                raw);
  check_counts(session, files, prepared,
               marked ? rows : "read_parquet(" + sql_literal(beside(raw).string()) + ")");
  refuse_emptied(context, source, beside(raw));
  fs::rename(beside(raw), raw);
  write_aside(context, source, files, prepared,
              "SELECT _file, _row, 'superseded' AS fate, " + sql_literal(superseded.reason) + " AS reason, " +
                  content_sql(columns) + " AS content FROM " + rows + " WHERE " +
                  (marked ? "_gone" : "false"),
              scratch);
  if (marked) session.execute("DROP TABLE " + rows);
  close_relation(session, relation);
  return settle(context, source, delivery, columns, gone, superseded.reason, outcome);
}

/// Prepares every file of every source, two at a time. The caller's thread is one of the workers.
void prepare_all(const Options& options, study::Context& context, std::vector<Delivery>& deliveries,
                 const fs::path& scratch) {
  std::vector<std::pair<std::size_t, std::size_t>> tasks;
  for (std::size_t s = 0; s < deliveries.size(); ++s) {
    deliveries[s].prepared.resize(deliveries[s].files.size());
    for (std::size_t i = 0; i < deliveries[s].files.size(); ++i) tasks.emplace_back(s, i);
  }
  std::vector<CleanCopies> copies;
  for (std::size_t w = 0; w < workers; ++w) copies.emplace_back(scratch, "worker" + std::to_string(w) + "-");
  base::run_workers(workers, tasks.size(), [&](std::size_t worker, std::size_t number) {
    const auto [s, i] = tasks[number];
    const study::Source& source = context.study.sources[s];
    const Delivered& file = deliveries[s].files[i];
    if (worker == 0 && context.progress) {
      context.progress(0.7 * static_cast<double>(number) / static_cast<double>(tasks.size()), source.name);
    }
    const std::string before = file_state(file.path);
    deliveries[s].prepared[i] = prepare(source, file, static_cast<int>(i), copies[worker]);
    if (options.keep_objects) keep_object(context.layout, file.path, deliveries[s].prepared[i].sha256);
    if (file_state(file.path) != before) {
      throw base::Error("TM2016", "the file changed while it was read", {file.name},
                        "is it still being transferred? run again when it is complete");
    }
  });
  for (auto& worker : copies) {
    worker.flush();
    for (auto& copy : worker.copies()) {
      for (std::size_t s = 0; s < deliveries.size(); ++s) {
        if (context.study.sources[s].name == copy.source) deliveries[s].copies.push_back(copy);
      }
    }
  }
}

/// Adds what loading one source gave.
void append(study::Outcome& outcome, study::Outcome&& one) {
  outcome.rows_in += one.rows_in;
  outcome.rows_out += one.rows_out;
  outcome.detail.update(one.detail);
  std::move(one.outputs.begin(), one.outputs.end(), std::back_inserter(outcome.outputs));
  std::move(one.accounts.begin(), one.accounts.end(), std::back_inserter(outcome.accounts));
}

/// A folder for scratch files that is gone afterwards, also when the crawl fails.
struct Scratch {
  fs::path path;
  explicit Scratch(fs::path folder) : path(std::move(folder)) {
    fs::remove_all(path);  // of a crawl that was killed
    base::make_folders(path);
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

}  // namespace

std::string fingerprint(const Options& options, study::Context& context) {
  base::Sha256 hash;
  hash.add_part(base::program_version).add_part(options.keep_objects ? "1" : "0");
  const auto everything = inbox_files(context.study);
  for (const auto& source : context.study.sources) {
    hash.add_part(source.name).add_part(source.format).add_part(source.delimiter).add_part(source.encoding);
    hash.add_part(source.member).add_part(std::to_string(source.header_lines));
    hash.add_part(std::to_string(static_cast<int>(source.delivery))).add_part(base::join(source.by, "\n"));
    hash.add_part(base::join(source.key, "\n")).add_part(base::join(source.files, "\n"));
    for (const auto& file : matched_files(context.study, source, everything)) {
      hash.add_part(file.name).add_part(file_state(file.path));
    }
  }
  return hash.hex();
}

study::Outcome run(const Options& options, study::Context& context) {
  study::Outcome outcome;
  base::make_folders(context.layout.tables());
  const Scratch scratch(context.layout.lake / "state" / "scratch");
  const auto& sources = context.study.sources;
  const auto everything = inbox_files(context.study);
  std::vector<Delivery> deliveries(sources.size());
  std::size_t files = 0;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    deliveries[s].files = matched_files(context.study, sources[s], everything);
    files += deliveries[s].files.size();
  }
  prepare_all(options, context, deliveries, scratch.path);
  std::vector<study::Outcome> loaded(sources.size());
  study::side_by_side(context, sources.size(), [&](study::Context& own, std::size_t s) {
    base::check_stop();
    if (own.progress) {
      own.progress(0.7 + 0.3 * static_cast<double>(s) / static_cast<double>(sources.size()), sources[s].name);
    }
    loaded[s].accounts.push_back(load_source(own, sources[s], deliveries[s], scratch.path, loaded[s]));
    deliveries[s] = {};
  });
  for (auto& one : loaded) append(outcome, std::move(one));
  outcome.headline = std::to_string(sources.size()) + " sources, " + std::to_string(files) + " files, " +
                     base::thousands(outcome.rows_in) + " rows";
  return outcome;
}

}  // namespace trialmill::ingest
