#include "ingest/ingest.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "ingest/files.hpp"
#include "ingest/load.hpp"

namespace trialmill::ingest {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;

namespace {

/// "a", "b" as SQL, after checking that the table has those columns.
std::string column_list(study::Context& context, const study::Source& source,
                        const std::vector<std::string>& names, const std::string& relation) {
  const auto known = context.session.columns_of(relation);
  std::string out;
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw base::usage_error("TM2004", "source '" + source.name + "' has no column '" + name + "'",
                              source.place, base::did_you_mean(name, known));
    }
    out += (out.empty() ? "" : ", ") + sql_identifier(name);
  }
  return out;
}

/// Parts (files) of an append source whose bytes an earlier file had already: delivered twice.
std::string repeated_parts(const Loaded& loaded) {
  std::string parts = "-1";
  for (std::size_t i = 1; i < loaded.hashes.size(); ++i) {
    const auto end = loaded.hashes.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(loaded.hashes.begin(), end, loaded.hashes[i]) != end) parts += ", " + std::to_string(i);
  }
  return parts;
}

/// Makes table `relation`_marked with the columns _gone and _reason: which rows a later delivery has
/// replaced. A row without a complete `by` or `key` is never replaced: nothing says what it would be the same
/// as.
void mark_superseded(study::Context& context, const study::Source& source, const std::string& relation,
                     const Loaded& loaded) {
  auto& session = context.session;
  std::string gone, reason;
  if (source.delivery == study::Delivery::append) {
    gone = "_part IN (" + repeated_parts(loaded) + ")";
    reason = "the same file was delivered before under another name";
  } else {
    const bool snapshot = source.delivery == study::Delivery::snapshot;
    const auto& names = snapshot ? source.by : source.key;
    const std::string columns = column_list(context, source, names, relation);
    const std::string window = " OVER (PARTITION BY " + columns;
    gone = "(" + base::replace_all(columns, ", ", " IS NOT NULL AND ") + " IS NOT NULL) AND " +
           (snapshot ? "_part < max(_part)" + window + ")"
                     : "row_number()" + window + " ORDER BY _part DESC, _row DESC) > 1");
    reason = (snapshot ? "replaced by a later file (snapshot by " : "replaced by a later row (upsert by ") +
             base::join(names, ", ") + ")";
  }
  session.execute("CREATE TEMP TABLE " + relation + "_marked AS SELECT *, " + gone + " AS _gone, " +
                  sql_literal(reason) + " AS _reason FROM " + relation + "; DROP TABLE " + relation);
}

void write_parquet(study::Context& context, const std::string& select, const fs::path& target) {
  fs::path aside = target;
  aside += ".tmp";
  context.session.execute("COPY (" + select + ") TO " + sql_literal(aside.string()) +
                          " (FORMAT parquet, COMPRESSION zstd)");
  fs::rename(aside, target);
}

void write_aside(study::Context& context, const study::Source& source, const std::string& marked,
                 const Loaded& loaded) {
  std::string rejected;
  for (const auto& row : loaded.aside) {
    rejected += (rejected.empty() ? "" : ", ") + std::string("(") + sql_literal(row.file) + ", " +
                std::to_string(row.row) + ", 'rejected', " + sql_literal(row.reason) + ", " +
                sql_literal(row.content) + ")";
  }
  std::string sql =
      "SELECT _file, _row, 'superseded' AS fate, _reason AS reason, to_json(m)::VARCHAR AS content FROM " +
      marked + " m WHERE _gone";
  if (!rejected.empty()) {
    sql += " UNION ALL SELECT * FROM (VALUES " + rejected + ") v(_file, _row, fate, reason, content)";
  }
  write_parquet(context, "SELECT * FROM (" + sql + ") ORDER BY _file, _row",
                context.layout.aside_table(source.name));
}

Loaded load_source(study::Context& context, const study::Source& source, const std::vector<Delivered>& files,
                   const std::string& relation, const fs::path& scratch) {
  if (source.format == "csv") return load_csv(context, source, files, relation, scratch);
  if (source.format == "apple-health") return load_apple_health(context, source, files, relation, scratch);
  return load_json(context, source, files, relation);
}

findings::SourceAccount crawl_source(const Options& options, study::Context& context,
                                     const study::Source& source, const fs::path& scratch,
                                     study::Outcome& outcome) {
  findings::SourceAccount account;
  account.source = source.name;
  const auto files = matched_files(context.study, source);
  if (files.empty()) {
    fs::remove(context.layout.raw_table(source.name));
    fs::remove(context.layout.aside_table(source.name));
    context.findings.add({"TM2014", findings::Severity::info, "crawl", source.name, "", "", "",
                          "no file has been delivered yet for this optional source", "", "", 0});
    return account;
  }
  const std::string relation = "crawl_" + source.name, marked = relation + "_marked";
  const Loaded loaded = load_source(context, source, files, relation, scratch);
  for (std::size_t i = 0; options.keep_objects && i < files.size(); ++i) {
    keep_object(context.layout, files[i].path, loaded.hashes[i]);
  }
  mark_superseded(context, source, relation, loaded);
  write_parquet(
      context,
      "SELECT * EXCLUDE (_part, _gone, _reason) FROM " + marked + " WHERE NOT _gone ORDER BY _part, _row",
      context.layout.raw_table(source.name));
  write_aside(context, source, marked, loaded);
  account.received = loaded.received;
  account.rejected = loaded.rejected;
  const auto gone =
      context.session.query("SELECT _reason, count(*) FROM " + marked + " WHERE _gone GROUP BY 1 ORDER BY 1");
  for (std::size_t r = 0; r < gone.rows(); ++r) account.filtered[gone.text(r, 0)] = gone.integer(r, 1);
  const auto kept = context.session.count("SELECT count(*) FROM " + marked + " WHERE NOT _gone");
  base::Json listed = base::Json::array();
  for (std::size_t i = 0; i < files.size(); ++i)
    listed.push_back(
        {{"file", files[i].name}, {"sha256", loaded.hashes[i]}, {"bytes", fs::file_size(files[i].path)}});
  base::Json columns = base::Json::array();
  for (const auto& name : context.session.columns_of(
           "read_parquet(" + sql_literal(context.layout.raw_table(source.name).string()) + ")")) {
    if (name != "_file" && name != "_row") columns.push_back(name);
  }
  outcome.detail[source.name] = {
      {"files", listed}, {"received", loaded.received}, {"rows", kept}, {"columns", columns}};
  outcome.rows_in += loaded.received;
  outcome.rows_out += kept;
  outcome.outputs.push_back(context.layout.raw_table(source.name));
  outcome.outputs.push_back(context.layout.aside_table(source.name));
  context.session.execute("DROP TABLE " + marked);
  return account;
}

}  // namespace

std::string fingerprint(const Options& options, study::Context& context) {
  base::Sha256 hash;
  hash.add_part(base::program_version).add_part(options.keep_objects ? "1" : "0");
  for (const auto& source : context.study.sources) {
    hash.add_part(source.name).add_part(source.format).add_part(source.delimiter).add_part(source.encoding);
    hash.add_part(std::to_string(static_cast<int>(source.delivery))).add_part(base::join(source.by, "\n"));
    hash.add_part(base::join(source.key, "\n")).add_part(base::join(source.files, "\n"));
    for (const auto& file : matched_files(context.study, source)) {
      struct stat info{};
      ::stat(file.path.c_str(), &info);
      hash.add_part(file.name).add_part(std::to_string(info.st_size)).add_part(std::to_string(info.st_ino));
      hash.add_part(std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec));
    }
  }
  return hash.hex();
}

study::Outcome run(const Options& options, study::Context& context) {
  study::Outcome outcome;
  base::make_folders(context.layout.tables());
  const fs::path scratch = context.layout.lake / "state" / "scratch";
  base::make_folders(scratch);
  std::size_t files = 0, done = 0;
  for (const auto& source : context.study.sources) {
    base::check_stop();
    if (context.progress) {
      context.progress(static_cast<double>(done++) / static_cast<double>(context.study.sources.size()),
                       source.name);
    }
    outcome.accounts.push_back(crawl_source(options, context, source, scratch, outcome));
    if (outcome.detail.contains(source.name)) files += outcome.detail[source.name]["files"].size();
  }
  std::error_code ignored;
  fs::remove_all(scratch, ignored);
  outcome.headline = std::to_string(context.study.sources.size()) + " sources, " + std::to_string(files) +
                     " files, " + base::thousands(outcome.rows_in) + " rows";
  return outcome;
}

}  // namespace trialmill::ingest
