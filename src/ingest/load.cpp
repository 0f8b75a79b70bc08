#include "ingest/load.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::ingest {

using base::sql_literal;

namespace {

/// Files that one read_csv() call reads: same columns, same dialect.
struct Group {
  std::vector<std::string> columns;
  char delimiter = ',';
  bool copied = false;
  bool multiline = false;
  bool long_records = false;
  std::vector<std::string> paths;
  std::vector<int> parts;  ///< of the paths; only for delivered files
  int first_part = 0;
};

std::vector<Group> groups_of(const std::vector<Delivered>& files, const std::vector<Prepared>& prepared,
                             const std::vector<CleanCopy>& copies) {
  using Key = std::tuple<bool, char, bool, std::vector<std::string>>;
  std::map<Key, Group> groups;
  const auto group = [&](bool copied, char delimiter, bool multiline, std::size_t longest,
                         const std::vector<std::string>& columns, int part) -> Group& {
    const auto [found, fresh] = groups.try_emplace({copied, delimiter, multiline, columns});
    Group& at = found->second;
    if (fresh) at = {columns, delimiter, copied, multiline, false, {}, {}, part};
    at.long_records = at.long_records || longest > (1u << 20);
    at.first_part = std::min(at.first_part, part);
    return at;
  };
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Prepared& file = prepared[i];
    if (!file.direct || file.columns.empty()) continue;
    Group& at = group(false, file.delimiter, file.multiline, static_cast<std::size_t>(file.longest),
                      file.columns, static_cast<int>(i));
    at.paths.push_back(files[i].path.string());
    at.parts.push_back(static_cast<int>(i));
  }
  for (const auto& copy : copies) {
    if (!std::filesystem::exists(copy.path)) continue;  // no good record
    group(true, copy.delimiter, copy.multiline, copy.longest, copy.columns, copy.first_part)
        .paths.push_back(copy.path.string());
  }
  std::vector<Group> out;
  for (auto& [key, value] : groups) out.push_back(std::move(value));
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.first_part < b.first_part; });
  return out;
}

std::string read_sql(const Group& group) {
  std::string columns = group.copied ? "'_part': 'INTEGER', '_row': 'BIGINT'" : "";
  for (const auto& name : group.columns) {
    columns += (columns.empty() ? "" : ", ") + sql_literal(name) + ": 'VARCHAR'";
  }
  std::string paths;
  for (const auto& path : group.paths) paths += (paths.empty() ? "" : ", ") + sql_literal(path);
  // A thread that starts in the middle of a quoted field could take its line ends for ends of records.
  return "read_csv([" + paths +
         "], auto_detect=false, delim=" + sql_literal(std::string(1, group.delimiter)) +
         ", quote='\"', escape='\"', nullstr='', header=" +
         (group.copied ? "false" : "true, filename='_path'") + (group.multiline ? ", parallel=false" : "") +
         (group.long_records ? ", max_line_size=40000000, buffer_size=80000000" : "") + ", columns={" +
         columns + "})";
}

void check_count(const Delivered& file, const Prepared& prepared, std::int64_t loaded) {
  const auto good = prepared.records - static_cast<std::int64_t>(prepared.bad.size());
  if (loaded == good) return;
  throw base::Error("TM2003",
                    "the file holds " + std::to_string(good) + " well-formed records, but " +
                        std::to_string(loaded) + " were loaded",
                    {file.name}, "please report this file");
}

/// Names of the files' columns that no group has, because none of their records was good.
std::string columns_without_rows(const std::vector<Prepared>& prepared, const std::vector<Group>& groups) {
  std::set<std::string> known;
  for (const auto& group : groups) {
    for (const auto& name : group.columns) known.insert(base::to_lower(name));
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

/// Reads a group into `table`, adds its rows to `loaded` by part, and returns the SELECT that numbers its
/// rows.
std::string load_group(table::Session& session, const Group& group, const std::vector<Delivered>& files,
                       const std::string& table, const std::string& file_table,
                       std::vector<std::int64_t>& loaded) {
  session.execute("CREATE TEMP TABLE " + table + " AS SELECT * FROM " + read_sql(group));
  if (group.parts.size() == 1) {
    const auto part = static_cast<std::size_t>(group.parts.front());
    loaded[part] += session.count("SELECT count(*) FROM " + table);
    return "SELECT " + std::to_string(part) + "::INTEGER AS _part, " + sql_literal(files[part].name) +
           " AS _file, rowid + 1 AS _row, * EXCLUDE (_path) FROM " + table;
  }
  if (group.copied) {
    const auto counts = session.query("SELECT _part, count(*) FROM " + table + " GROUP BY 1");
    for (std::size_t r = 0; r < counts.rows(); ++r) {
      loaded[static_cast<std::size_t>(counts.integer(r, 0))] += counts.integer(r, 1);
    }
    if (files.size() == 1) {
      return "SELECT _part, " + sql_literal(files.front().name) + " AS _file, * EXCLUDE (_part) FROM " +
             table;
    }
    return "SELECT f._part, f._file, t.* EXCLUDE (_part) FROM " + table + " t JOIN " + file_table +
           " f ON f._part = t._part";
  }
  // The engine keeps the order of files and records, so a record's number follows from its place in the
  // table.
  const auto counts = session.query("SELECT f._part, count(*), min(t.rowid), max(t.rowid) FROM " + table +
                                    " t JOIN " + file_table + " f USING (_path) GROUP BY 1");
  std::string firsts;
  for (std::size_t r = 0; r < counts.rows(); ++r) {
    const auto part = static_cast<std::size_t>(counts.integer(r, 0));
    const bool together = counts.integer(r, 3) - counts.integer(r, 2) + 1 == counts.integer(r, 1);
    loaded[part] += together ? counts.integer(r, 1) : -1;
    firsts += (r ? ", (" : "(") + std::to_string(part) + ", " + std::to_string(counts.integer(r, 2)) + ")";
  }
  if (firsts.empty()) firsts = "(-1, 0)";
  return "SELECT f._part, f._file, t.rowid - n.first + 1 AS _row, t.* EXCLUDE (_path) FROM " + table +
         " t JOIN " + file_table + " f USING (_path) JOIN (VALUES " + firsts +
         ") n(part, first) ON n.part = f._part";
}

}  // namespace

bool load(table::Session& session, const std::vector<Delivered>& files, const std::vector<Prepared>& prepared,
          const std::vector<CleanCopy>& copies, const std::string& relation) {
  const std::vector<Group> groups = groups_of(files, prepared, copies);
  std::vector<std::int64_t> loaded(files.size());
  std::string names;
  for (std::size_t i = 0; i < files.size(); ++i) {
    names += (i ? ", (" : "(") + std::to_string(i) + ", " + sql_literal(files[i].name) + ", " +
             sql_literal(files[i].path.string()) + ")";
  }
  const std::string file_table = relation + "_files";
  session.execute("CREATE TEMP TABLE " + file_table +
                  " AS SELECT part::INTEGER AS _part, file AS _file, path AS " + "_path FROM (VALUES " +
                  names + ") v(part, file, path)");
  std::string unions;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    unions += (g ? " UNION ALL BY NAME " : "") +
              load_group(session, groups[g], files, relation + "_" + std::to_string(g), file_table, loaded);
  }
  for (std::size_t i = 0; i < files.size(); ++i) check_count(files[i], prepared[i], loaded[i]);
  if (const std::string columns = columns_without_rows(prepared, groups); !columns.empty()) {
    unions += (groups.empty() ? "" : " UNION ALL BY NAME ") +
              std::string("SELECT 0::INTEGER AS _part, '' AS _file, 0::BIGINT AS _row") + columns +
              " WHERE false";
  }
  session.execute("CREATE TEMP VIEW " + relation + " AS " + unions);
  return groups.size() == 1 && groups.front().paths.size() == 1 && files.size() == 1;
}

void unload(table::Session& session, const std::string& relation) {
  session.execute("DROP VIEW " + relation);
  const auto tables = session.query("SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, " +
                                    sql_literal(relation + "_") + ")");
  for (std::size_t r = 0; r < tables.rows(); ++r) {
    session.execute("DROP TABLE " + base::sql_identifier(tables.text(r, 0)));
  }
}

}  // namespace trialmill::ingest
