#include "study/layout.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "table/session.hpp"

namespace trialmill::study {

namespace fs = std::filesystem;

namespace {

void mount_folder(table::Session& session, const std::string& schema, const fs::path& folder) {
  session.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
  std::error_code status;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, status)) {
    if (entry.path().extension() == ".parquet") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string sql;
  for (const auto& file : files) {
    sql += "CREATE OR REPLACE VIEW " + schema + "." + base::sql_identifier(file.stem().string()) +
           " AS SELECT * FROM read_parquet(" + base::sql_literal(file.string()) + ");\n";
  }
  if (!sql.empty()) session.execute(sql);
}

}  // namespace

void mount_raw(table::Session& session, const Layout& layout) {
  mount_folder(session, "raw", layout.tables());
}

void mount_staged(table::Session& session, const Layout& layout) {
  mount_folder(session, "sdtm", layout.staged_current() / "parquet");
  mount_folder(session, "lineage", layout.lineage());
}

}  // namespace trialmill::study
