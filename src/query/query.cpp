#include "query/query.hpp"

#include <algorithm>
#include <cctype>
#include <ostream>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "study/layout.hpp"
#include "study/study.hpp"
#include "table/session.hpp"

namespace trialmill::query {

namespace fs = std::filesystem;

namespace {

std::string first_word(const std::string& sql) {
  const std::string_view text = base::trim(sql);
  const auto end = std::find_if(text.begin(), text.end(),
                                [](char c) { return !std::isalpha(static_cast<unsigned char>(c)); });
  return base::to_upper(text.substr(0, static_cast<std::size_t>(end - text.begin())));
}

void require_select(const std::string& sql) {
  const std::vector<std::string> allowed{"SELECT", "WITH", "FROM", "DESCRIBE", "SHOW", "SUMMARIZE", "VALUES"};
  const std::string word = first_word(sql);
  if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return;
  throw base::usage_error("TM2702", "only SELECT is possible here, not '" + word + "'", {},
                          "datasets change by mappings and runs, never by a query");
}

/// The datasets of the last release as views in the main schema.
void mount_release(table::Session& session, const study::Layout& layout) {
  const fs::path folder = layout.output_current() / "parquet";
  std::error_code status;
  bool any = false;
  for (const auto& entry : fs::directory_iterator(folder, status)) {
    if (entry.path().extension() != ".parquet") continue;
    session.execute("CREATE VIEW " + base::sql_identifier(base::to_upper(entry.path().stem().string())) +
                    " AS SELECT * FROM read_parquet(" +
                    base::sql_literal(fs::canonical(entry.path()).string()) + ")");
    any = true;
  }
  if (!any && fs::exists(layout.output_current())) {
    throw base::Error("TM2701", "the release has no Parquet files, which queries read",
                      {layout.output_current().string()},
                      "add parquet to `publish.formats` of study.yaml, then: trialmill run STUDY");
  }
  if (!any) {
    throw base::Error("TM2701", "this study has no release yet", {layout.output_current().string()},
                      "make one with: trialmill run STUDY");
  }
}

/// A query may read the study's lake and nothing else on the disk.
void lock_down(table::Session& session, const study::Layout& layout) {
  session.execute("SET allowed_directories = [" +
                  base::sql_literal(fs::canonical(layout.lake).string() + "/") +
                  "]; SET enable_external_access = false; SET lock_configuration = true;");
}

void write_csv(const table::Result& result, std::ostream& out) {
  for (std::size_t c = 0; c < result.columns(); ++c) out << (c ? "," : "") << base::csv_cell(result.name(c));
  out << "\n";
  for (std::size_t r = 0; r < result.rows(); ++r) {
    for (std::size_t c = 0; c < result.columns(); ++c)
      out << (c ? "," : "") << base::csv_cell(result.text(r, c));
    out << "\n";
  }
}

void write_json(const table::Result& values, const table::Result& types, std::ostream& out) {
  base::Json rows = base::Json::array();
  for (std::size_t r = 0; r < values.rows(); ++r) {
    base::Json row = base::Json::object();
    for (std::size_t c = 0; c < values.columns(); ++c) {
      auto& cell = row[values.name(c)];
      if (values.is_null(r, c)) continue;
      switch (types.type(c)) {
        case table::Type::integer:
          cell = types.integer(r, c);
          break;
        case table::Type::number:
          cell = types.number(r, c);
          break;
        case table::Type::boolean:
          cell = types.integer(r, c) != 0;
          break;
        default:
          cell = values.text(r, c);
      }
    }
    rows.push_back(std::move(row));
  }
  out << base::dump_json(rows) << "\n";
}

/// Characters, not bytes, so that accents do not break the alignment.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void write_table(const table::Result& values, const table::Result& types, std::ostream& out) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < values.columns(); ++c) {
    std::size_t width = width_of(values.name(c));
    for (std::size_t r = 0; r < values.rows(); ++r) width = std::max(width, width_of(values.text(r, c)));
    widths.push_back(width);
  }
  const auto cell = [&](const std::string& text, std::size_t c, bool right) {
    const std::string blanks(widths[c] - width_of(text), ' ');
    const bool last = c + 1 == values.columns();
    out << (right ? blanks + text : text + (last ? "" : blanks)) << (last ? "\n" : "  ");
  };
  const auto is_right = [&](std::size_t c) {
    return types.type(c) == table::Type::integer || types.type(c) == table::Type::number;
  };
  for (std::size_t c = 0; c < values.columns(); ++c) cell(values.name(c), c, is_right(c));
  for (std::size_t c = 0; c < values.columns(); ++c) cell(std::string(widths[c], '-'), c, false);
  for (std::size_t r = 0; r < values.rows(); ++r) {
    for (std::size_t c = 0; c < values.columns(); ++c) cell(values.text(r, c), c, is_right(c));
  }
  out << values.rows() << (values.rows() == 1 ? " row\n" : " rows\n");
}

}  // namespace

void run(const Options& options, std::ostream& out) {
  require_select(options.sql);
  const study::Study study = study::load(options.study, options.environment);
  const study::Layout layout{study.lake};
  table::Session session;
  mount_release(session, layout);
  study::mount_raw(session, layout);
  lock_down(session, layout);
  std::string sql(base::trim(options.sql));
  while (!sql.empty() && sql.back() == ';') sql.pop_back();
  if (session.statement_count(sql) != 1) {
    throw base::usage_error("TM2702", "a query is one statement", {}, "ask one SELECT at a time");
  }
  const std::string word = first_word(sql);
  if (word == "DESCRIBE" || word == "SHOW" || word == "SUMMARIZE") sql = "FROM (" + sql + ")";
  const table::Result values = session.query_text(sql);
  if (options.format == "csv") return write_csv(values, out);
  const table::Result types = session.query("SELECT * FROM (" + sql + ")");
  if (options.format == "json") return write_json(values, types, out);
  write_table(values, types, out);
}

}  // namespace trialmill::query
