#include "transform/transform.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "base/yaml.hpp"
#include "transform/build_all.hpp"
#include "transform/check.hpp"
#include "transform/decimal.hpp"
#include "transform/expected.hpp"
#include "transform/model.hpp"
#include "transform/program.hpp"
#include "transform/records.hpp"
#include "transform/variables.hpp"

namespace trialmill::transform {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;

namespace {

/// Part `wanted` of a long text: at most 200 bytes, cut at a blank where there is one, never inside a
/// character.
std::optional<std::string> text_part(std::string_view text, int wanted) {
  for (int part = 0; !text.empty(); ++part) {
    std::size_t cut = text.size(), next = cut;
    if (cut > 200) {
      cut = text.rfind(' ', 200);
      next = cut == std::string_view::npos ? 0 : cut + 1;
      if (cut == std::string_view::npos || cut == 0) {
        for (cut = 200; cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U;) --cut;
        next = cut;
      }
    }
    if (part == wanted) return std::string(text.substr(0, cut));
    text.remove_prefix(next);
  }
  return std::nullopt;
}

void register_functions(table::Session& session) {
  register_date_function(session);
  register_convert_function(session);
  session.register_function("trialmill_text_part", 2, [](auto arguments) -> std::optional<std::string> {
    if (!arguments[0] || !arguments[1]) return std::nullopt;
    return text_part(*arguments[0], std::stoi(std::string(*arguments[1])));
  });
}

/// One finding for each row that no mapping takes and whose filter could not be decided.
void note_unclear(const std::string& source, study::Context& context) {
  const auto rows = context.session.query_text(
      "SELECT _file, _row, why FROM (SELECT _file, _row, arg_min(why, ord) AS why FROM tm_excluded e WHERE "
      "source = " +
      sql_literal(source) +
      " AND NOT EXISTS (SELECT 1 FROM tm_lineage l WHERE l.source = e.source AND l._file = e._file AND "
      "l._row = "
      "e._row) GROUP BY 1, 2) WHERE ends_with(why, " +
      sql_literal(unclear) + ") ORDER BY 1, 2 LIMIT 1000");
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    findings::Finding finding;
    finding.rule = "TM2364";
    finding.severity = findings::Severity::warning;
    finding.stage = "transform";
    finding.dataset = source;
    finding.file = rows.text(r, 0);
    finding.row = std::stoll(rows.text(r, 1));
    finding.message = "left out: " + rows.text(r, 2);
    context.findings.add(finding);
  }
}

findings::Reconciliation close_accounts(study::Context& context) {
  auto& session = context.session;
  findings::Reconciliation accounts;
  const auto delivered = session.tables("raw");
  for (const auto& source : context.study.sources) {
    findings::SourceAccount account;
    account.source = source.name;
    if (std::find(delivered.begin(), delivered.end(), source.name) != delivered.end()) {
      const std::string name = sql_literal(source.name);
      account.mapped = session.count(
          "SELECT count(*) FROM (SELECT DISTINCT _file, _row FROM tm_lineage WHERE source = " + name + ")");
      const auto left_out = session.query(
          "SELECT why, count(*) FROM (SELECT arg_min(why, ord) AS why FROM (SELECT * FROM tm_excluded WHERE "
          "source = " +
          name + ") ANTI JOIN (SELECT _file, _row FROM tm_lineage WHERE source = " + name +
          ") USING (_file, _row) GROUP BY _file, _row) GROUP BY 1 ORDER BY 1");
      bool any_unclear = false;
      for (std::size_t r = 0; r < left_out.rows(); ++r) {
        any_unclear = any_unclear || left_out.text(r, 0).ends_with(unclear);
        account.filtered[left_out.text(r, 0)] = left_out.integer(r, 1);
      }
      if (any_unclear) note_unclear(source.name, context);
      if (!source.unmapped.empty()) {
        const auto rest = session.count("SELECT count(*) FROM raw." + sql_identifier(source.name)) -
                          account.mapped - account.filtered_total();
        if (rest > 0) account.filtered["not mapped: " + source.unmapped] = rest;
      }
    }
    accounts.push_back(std::move(account));
  }
  return accounts;
}

/// Datasets with records that share their keys.
std::vector<std::string> duplicate_keys(const base::Json& description) {
  std::vector<std::string> names;
  for (const auto& [name, about] : description.items()) {
    if (about.value("duplicate_keys", false)) names.push_back(name);
  }
  return names;
}

bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool names_word(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_word_char(text[at - 1])) && (end == text.size() || !is_word_char(text[end])))
      return true;
  }
  return false;
}

/// Columns that no mapping names, by source. Sources that are declared as unmapped are left out.
base::Json unused_columns(study::Context& context) {
  std::string text;
  for (const auto& path : context.study.mappings) text += base::to_lower(base::read_file(path)) + "\n";
  base::Json out = base::Json::object();
  for (const auto& name : context.session.tables("raw")) {
    const auto* source = context.study.find_source(name);
    if (source == nullptr || !source->unmapped.empty()) continue;
    for (const auto& column : context.session.columns_of("raw." + sql_identifier(name))) {
      if (column != "_file" && column != "_row" && !names_word(text, base::to_lower(column)))
        out[name].push_back(column);
    }
  }
  return out;
}

/// A folder name for this release that is not taken: readers of an older one must not be disturbed.
std::string free_name(const fs::path& releases, const std::string& base_name) {
  std::string name = base_name;
  for (int n = 2; fs::exists(releases / name); ++n) name = base_name + "-" + std::to_string(n);
  return name;
}

/// Keeps the current release and the one before it.
void remove_old(const fs::path& releases, const std::string& current, const std::string& before) {
  std::error_code status;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(releases, status)) {
    const std::string name = entry.path().filename().string();
    if (name != current && name != before) old.push_back(entry.path());
  }
  for (const auto& path : old) fs::remove_all(path, status);
}

}  // namespace

std::string fingerprint(const Options& options, study::Context& context) {
  base::Sha256 hash;
  hash.add_part(base::program_version).add_part(context.study.id).add_part(context.study.sdtmig);
  hash.add_part(std::to_string(options.findings_per_variable_max));
  if (options.fresh_numbering || context.study.fresh_numbering) hash.add_part("fresh numbering");
  const auto add_file = [&hash](const fs::path& path) {
    hash.add_part(path.filename().string()).add_part(base::sha256_of_file(path));
  };
  for (const auto& path : context.study.mappings) {
    add_file(path);
    if (path.extension() == ".sql") continue;
    try {
      for (const auto& file :
           program_files(base::read_file(path), path.lexically_relative(context.study.root).string(),
                         context.study.root))
        add_file(file);
    } catch (const base::Error& error) {  // a mistake, which the check of all mappings reports
      hash.add_part(error.message());
    }
  }
  std::error_code status;
  std::vector<fs::path> files;
  for (const auto& folder :
       {context.study.root / "codelists", context.study.root / "expected", context.layout.tables()}) {
    for (const auto& entry : fs::directory_iterator(folder, status)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) add_file(path);
  const auto& expected = context.study.expected;
  for (const auto* lists : {&expected.keys, &expected.ignore}) {
    for (const auto& [dataset, names] : *lists) hash.add_part(dataset + ":" + base::join(names, ","));
  }
  hash.add_part(std::to_string(expected.tolerance) + expected.severity + (expected.attributes ? "a" : ""));
  for (const auto& source : context.study.sources) hash.add_part(source.name).add_part(source.unmapped);
  return hash.hex();
}

study::Outcome run(const Options& options, study::Context& context) {
  auto& session = context.session;
  require_good_mappings(context.study, session);
  const auto groups = groups_of(read_models(context.study));
  register_functions(session);
  session.execute(
      "CREATE SCHEMA IF NOT EXISTS raw; CREATE SCHEMA IF NOT EXISTS sdtm; CREATE SCHEMA IF NOT EXISTS build;"
      "CREATE OR REPLACE TABLE tm_lineage (source VARCHAR, _file VARCHAR, _row BIGINT);"
      "CREATE OR REPLACE TABLE tm_excluded (source VARCHAR, _file VARCHAR, _row BIGINT, why VARCHAR, "
      "ord BIGINT);");
  // Datasets of the release before must not be seen by this one.
  for (const auto& name : session.tables("sdtm"))
    session.execute("DROP VIEW IF EXISTS sdtm." + sql_identifier(name));
  const fs::path releases = context.layout.staged_releases();
  const std::string id = free_name(releases, fingerprint(options, context).substr(0, 16));
  const fs::path folder = releases / id;
  base::make_folders(folder / "parquet");
  base::make_folders(folder / "lineage");
  base::make_folders(folder / "sql");
  base::Json description = base::Json::object();
  study::Outcome outcome;
  base::Json expected;
  try {
    outcome.rows_out = build_all(groups, folder, options, context, description);
    base::write_file_atomically(folder / "datasets.json", base::dump_json(description) + "\n");
    if (options.expected) expected = compare_expected(folder, description, context);
  } catch (...) {
    std::error_code status;
    fs::remove_all(folder, status);
    throw;
  }
  outcome.accounts = close_accounts(context);
  const auto duplicates = duplicate_keys(description);
  outcome.passed = duplicates.empty();
  std::error_code status;
  const std::string before = fs::read_symlink(context.layout.staged_current(), status).filename().string();
  base::switch_symlink(context.layout.staged_current(), fs::path("releases") / id);
  remove_old(releases, id, before);
  // A domain that was split is no dataset for the stages to come.
  for (const auto& name : session.tables("sdtm"))
    session.execute("DROP VIEW IF EXISTS sdtm." + sql_identifier(name));
  study::mount_staged(session, context.layout);
  for (const auto& name : session.tables("raw")) {
    if (context.study.find_source(name) != nullptr)
      outcome.rows_in += session.count("SELECT count(*) FROM raw." + sql_identifier(name));
  }
  for (const auto& [name, about] : description.items()) {
    outcome.detail["datasets"][name] = about["rows"];
    if (about.contains("programs")) outcome.detail["programs"][name] = about["programs"];
    outcome.outputs.push_back(folder / "parquet" / (name + ".parquet"));
  }
  outcome.outputs.push_back(folder / "datasets.json");
  outcome.headline =
      std::to_string(description.size()) + " datasets, " + base::thousands(outcome.rows_out) + " rows";
  if (const auto unused = unused_columns(context); !unused.empty()) outcome.detail["unused_columns"] = unused;
  if (!duplicates.empty()) {
    outcome.detail["duplicate_keys"] = duplicates;
    outcome.headline += ", keys not unique in " + base::join(duplicates, ", ");
  }
  if (expected.is_object()) {
    const auto equal = std::ranges::count_if(expected, [](const base::Json& one) { return one.get<bool>(); });
    outcome.detail["expected"] = expected;
    outcome.outputs.push_back(folder / "expected.html");
    outcome.headline +=
        ", " + std::to_string(equal) + " of " + std::to_string(expected.size()) + " as expected";
  }
  return outcome;
}

}  // namespace trialmill::transform
