#include "publish/writers.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/xpt_writer.hpp"

namespace trialmill::publish {

namespace {

void copy(table::Session& session, const Dataset& dataset, const std::string& select,
          const std::filesystem::path& file, const std::string& format) {
  try {
    session.execute("COPY (" + select + ") TO " + base::sql_literal(file.string()) + " (" + format + ")");
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    throw base::Error("TM2501", dataset.name + " cannot be written: " + error.message(), {file.string()},
                      "the last release is untouched; check free space and rights, then run again");
  }
  base::sync_path(file);
}

/// One worker thread while it lives: which rows share a Parquet page must not depend on the machine.
class SingleThread {
 public:
  explicit SingleThread(table::Session& session)
      : session_(session), before_(session.count("SELECT current_setting('threads')::BIGINT")) {
    session_.execute("SET threads = 1");
  }
  ~SingleThread() {
    try {
      session_.execute("SET threads = " + std::to_string(before_));
    } catch (const std::exception&) {  // slower, not wrong
    }
  }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  table::Session& session_;
  std::int64_t before_;
};

base::Json describe(const Dataset& dataset) {
  base::Json columns = base::Json::array();
  for (const auto& column : dataset.columns) {
    columns.push_back({{"name", column.name},
                       {"label", column.label},
                       {"type", column.is_text ? "Char" : "Num"},
                       {"length", column.is_text ? column.xpt_length : 8},
                       {"origin", column.origin}});
  }
  return {{"name", dataset.name}, {"label", dataset.label}, {"keys", dataset.keys}, {"columns", columns}};
}

findings::Finding finding_of(const Dataset& dataset, const formats::XptProblem& problem) {
  findings::Finding out;
  out.rule = problem.kind == formats::XptProblem::Kind::blank_row ? "TM2516" : "TM2515";
  out.stage = "publish";
  out.dataset = dataset.name;
  out.variable = problem.column;
  out.value = problem.value;
  out.message = "The XPT file is not written: " + problem.message + ".";
  out.row = problem.row;
  return out;
}

std::optional<formats::XptProblem> put(formats::XptWriter& writer, const Dataset& dataset,
                                       const table::Result& piece, std::size_t row, std::size_t c) {
  constexpr std::int64_t exact_max = std::int64_t{1} << 53;
  if (piece.is_null(row, c)) {
    writer.missing(c);
    return std::nullopt;
  }
  if (dataset.columns[c].is_text) return writer.text(c, piece.view(row, c));
  if (dataset.columns[c].is_integer && std::abs(piece.integer(row, c)) > exact_max) {
    return formats::XptProblem{formats::XptProblem::Kind::number, dataset.columns[c].name, piece.text(row, c),
                               "a whole number over 2^53 would be rounded", writer.rows() + 1};
  }
  return writer.number(c, piece.number(row, c));
}

}  // namespace

void write_csv(table::Session& session, const Dataset& dataset, const std::filesystem::path& file) {
  copy(session, dataset, dataset.select_as_text(), file,
       "FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR ''");
}

void write_parquet(table::Session& session, const Dataset& dataset, const std::filesystem::path& file) {
  const SingleThread single(session);
  copy(session, dataset, dataset.select(), file,
       "FORMAT parquet, COMPRESSION zstd, KV_METADATA {trialmill: " +
           base::sql_literal(base::dump_json(describe(dataset), -1)) + "}");
}

bool write_xpt(table::Session& session, Dataset& dataset, const std::filesystem::path& file,
               const std::string& created, findings::Findings& findings) {
  formats::XptWriteOptions options;
  options.created = created;
  formats::XptWriter writer(file, xpt_member(dataset), options);
  std::optional<formats::XptProblem> problem;
  session.stream(dataset.select(), [&](const table::Result& piece) {
    for (std::size_t row = 0; row < piece.rows(); ++row) {
      for (std::size_t c = 0; c < piece.columns(); ++c) {
        problem = put(writer, dataset, piece, row, c);
        if (problem) return false;
      }
      writer.end_row();
    }
    return true;
  });
  if (!problem && writer.rows() != dataset.rows) {
    throw base::Error("TM2504",
                      fmt::format("{} has {} rows now, {} before", dataset.name, writer.rows(), dataset.rows),
                      {}, "do not run transform and publish on one lake at the same time");
  }
  if (!problem) problem = writer.commit();
  if (!problem) return true;
  findings.add(finding_of(dataset, *problem));
  dataset.refuse_xpt((problem->column.empty() ? dataset.name : problem->column) + ": " + problem->message);
  return false;
}

}  // namespace trialmill::publish
