#include "ingest/load.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::ingest {

using base::sql_literal;

namespace {

/// Good records of one part only and in one copy are in order as they stand.
bool in_order(const std::vector<CleanCopy>& copies) {
  return copies.empty() || (copies.size() == 1 && copies.front().parts == 1);
}

std::string read_sql(const CleanCopy& copy) {
  std::string columns = "'_part': 'INTEGER', '_row': 'BIGINT'";
  for (const auto& name : copy.columns) columns += ", " + sql_literal(name) + ": 'VARCHAR'";
  // Without new_line the engine takes the first CR or LF that it sees for the line end, even one inside
  // quotes. A thread that starts in the middle of a quoted field could take its line ends for ends of
  // records.
  return "read_csv(" + sql_literal(copy.path.string()) +
         ", auto_detect=false, delim=" + sql_literal(std::string(1, copy.delimiter)) +
         ", quote='\"', escape='\"', nullstr='', header=false, new_line='\\n'" +
         (copy.multiline ? ", parallel=false" : "") +
         (copy.longest > (1u << 20) ? ", max_line_size=40000000, buffer_size=80000000" : "") + ", columns={" +
         columns + "})";
}

/// Columns of files without a good record: they are known, but no copy has them.
std::string columns_without_rows(const std::vector<Prepared>& prepared,
                                 const std::vector<CleanCopy>& copies) {
  std::set<std::string> known;
  for (const auto& copy : copies) {
    for (const auto& name : copy.columns) known.insert(base::to_lower(name));
  }
  std::string sql;
  for (const auto& file : prepared) {
    for (const auto& name : file.columns) {
      if (known.insert(base::to_lower(name)).second)
        sql += ", NULL::VARCHAR AS " + base::sql_identifier(name);
    }
  }
  return sql;
}

}  // namespace

bool open_relation(table::Session& session, const std::vector<Delivered>& files,
                   const std::vector<Prepared>& prepared, const std::vector<CleanCopy>& copies,
                   const std::string& relation) {
  std::vector<CleanCopy> sorted = copies;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first_part < b.first_part; });
  std::string names;
  for (std::size_t i = 0; i < files.size(); ++i) {
    names += (i ? ", (" : "(") + std::to_string(i) + ", " + sql_literal(files[i].name) + ")";
  }
  session.execute("CREATE OR REPLACE TEMP TABLE " + relation +
                  "_files AS SELECT part::INTEGER AS _part, file AS _file FROM (VALUES " + names +
                  ") v(part, file)");
  std::string unions;
  for (const auto& copy : sorted) {
    unions += unions.empty() ? "" : " UNION ALL BY NAME ";
    if (files.size() == 1) {
      unions += "SELECT _part, " + sql_literal(files.front().name) + " AS _file, * EXCLUDE (_part) FROM " +
                read_sql(copy);
    } else {
      unions += "SELECT f._part, f._file, r.* EXCLUDE (_part) FROM " + read_sql(copy) + " r JOIN " +
                relation + "_files f ON f._part = r._part";
    }
  }
  if (const std::string columns = columns_without_rows(prepared, sorted); !columns.empty()) {
    unions += (unions.empty() ? "" : " UNION ALL BY NAME ") +
              std::string("SELECT 0::INTEGER AS _part, '' AS _file, 0::BIGINT AS _row") + columns +
              " WHERE false";
  }
  session.execute("CREATE OR REPLACE TEMP VIEW " + relation + " AS " + unions);
  return files.size() == 1 && in_order(sorted);
}

void close_relation(table::Session& session, const std::string& relation) {
  session.execute("DROP VIEW " + relation + "; DROP TABLE " + relation + "_files");
}

void check_counts(table::Session& session, const std::vector<Delivered>& files,
                  const std::vector<Prepared>& prepared, const std::string& loaded) {
  const auto counts = session.query("SELECT _file, count(*) FROM " + loaded + " GROUP BY 1");
  std::map<std::string, std::int64_t> rows;
  for (std::size_t r = 0; r < counts.rows(); ++r) rows[counts.text(r, 0)] = counts.integer(r, 1);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto good = prepared[i].records - static_cast<std::int64_t>(prepared[i].bad.size());
    if (rows[files[i].name] == good) continue;
    throw base::Error("TM2003",
                      "the file holds " + std::to_string(good) + " well-formed records, but " +
                          std::to_string(rows[files[i].name]) + " were loaded",
                      {files[i].name}, "please report this file");
  }
}

}  // namespace trialmill::ingest
