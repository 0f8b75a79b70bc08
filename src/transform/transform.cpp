#include "transform/transform.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "base/yaml.hpp"
#include "transform/build_all.hpp"
#include "transform/decimal.hpp"
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

/// The text without comment lines, so that a name in a comment makes no dependency.
std::string without_comments(const std::string& text) {
  std::string out;
  for (const auto& line : base::split(text, '\n')) {
    const auto start = base::trim(line);
    if (start.substr(0, 1) != "#" && start.substr(0, 2) != "--") out += line + "\n";
  }
  return out;
}

std::string dataset_of(const Model& model) {
  if (model.path.extension() != ".sql") return base::parse_yaml(model.text, model.name).map().text("dataset");
  static const std::regex line("(^|\n)--[ \t]*dataset:[ \t]*([A-Za-z0-9]+)");
  std::smatch found;
  if (std::regex_search(model.text, found, line)) return found[2];
  throw base::usage_error("TM1006", "the model does not say which dataset it makes", {model.name, 1, 1},
                          "begin with a line `-- dataset: AE`");
}

std::vector<Model> read_models(const study::Study& study) {
  std::vector<Model> models;
  std::map<std::string, std::string> makers;
  for (const auto& path : study.mappings) {
    Model model;
    model.path = path;
    model.name = path.lexically_relative(study.root).string();
    model.text = base::read_file(path);
    model.dataset = dataset_of(model);
    if (const auto [other, fresh] = makers.emplace(model.dataset, model.name); !fresh) {
      throw base::usage_error("TM2307", model.dataset + " is made by " + other->second + " already",
                              {model.name, 1, 1});
    }
    models.push_back(std::move(model));
  }
  for (auto& model : models) {
    const std::string text = without_comments(model.text);
    std::set<std::string> needs;
    static const std::regex dotted("\\b(?:sdtm\\.\"?([A-Z][A-Z0-9]{1,7})|([A-Z][A-Z0-9]{1,7})\\.[A-Z])");
    for (std::sregex_iterator it(text.begin(), text.end(), dotted), end; it != end; ++it) {
      std::string name = (*it)[1].matched ? (*it)[1].str() : (*it)[2].str();
      if (makers.count(name) == 0 && name.rfind("SUPP", 0) == 0) name = name.substr(4);
      if (makers.count(name) != 0) needs.insert(name);
    }
    if (text.find("study_day:") != std::string::npos && makers.count("DM") != 0) needs.insert("DM");
    needs.erase(model.dataset);
    model.needs.assign(needs.begin(), needs.end());
  }
  return models;
}

/// Models such that each comes after those it needs; alphabetical where there is a choice.
std::vector<Model> in_order(std::vector<Model> models) {
  std::sort(models.begin(), models.end(),
            [](const Model& a, const Model& b) { return a.dataset < b.dataset; });
  std::vector<Model> out;
  std::set<std::string> made;
  while (!models.empty()) {
    const auto ready = std::find_if(models.begin(), models.end(), [&made](const Model& model) {
      return std::all_of(model.needs.begin(), model.needs.end(),
                         [&made](const auto& need) { return made.count(need) != 0; });
    });
    if (ready == models.end()) {
      // Follow unmet needs until a dataset comes again: that is the loop.
      std::vector<std::string> path{models[0].dataset};
      while (std::count(path.begin(), path.end(), path.back()) < 2) {
        const auto at = std::find_if(models.begin(), models.end(),
                                     [&path](const Model& m) { return m.dataset == path.back(); });
        path.push_back(*std::find_if(at->needs.begin(), at->needs.end(),
                                     [&made](const auto& need) { return made.count(need) == 0; }));
      }
      path.erase(path.begin(), std::find(path.begin(), path.end(), path.back()));
      throw base::usage_error("TM2305", "datasets need each other: " + base::join(path, " -> "),
                              {models[0].name, 1, 1});
    }
    made.insert(ready->dataset);
    out.push_back(std::move(*ready));
    models.erase(ready);
  }
  return out;
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
          "SELECT why, count(*) FROM (SELECT arg_min(why, ord) AS why FROM tm_excluded e WHERE e.source = " +
          name +
          " AND NOT EXISTS (SELECT 1 FROM tm_lineage l WHERE l.source = e.source AND l._file = e._file AND "
          "l._row = e._row)"
          " GROUP BY e._file, e._row) GROUP BY 1 ORDER BY 1");
      for (std::size_t r = 0; r < left_out.rows(); ++r)
        account.filtered[left_out.text(r, 0)] = left_out.integer(r, 1);
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
  const auto add_file = [&hash](const fs::path& path) {
    hash.add_part(path.filename().string()).add_part(base::sha256_of_file(path));
  };
  for (const auto& path : context.study.mappings) add_file(path);
  std::error_code status;
  std::vector<fs::path> files;
  for (const auto& folder : {context.study.root / "codelists", context.layout.tables()}) {
    for (const auto& entry : fs::directory_iterator(folder, status)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) add_file(path);
  for (const auto& source : context.study.sources) hash.add_part(source.name).add_part(source.unmapped);
  return hash.hex();
}

study::Outcome run(const Options& options, study::Context& context) {
  auto& session = context.session;
  const auto models = in_order(read_models(context.study));
  register_functions(session);
  session.execute(
      "CREATE SCHEMA IF NOT EXISTS raw; CREATE SCHEMA IF NOT EXISTS sdtm;"
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
  base::Json description = base::Json::object();
  study::Outcome outcome;
  try {
    outcome.rows_out = build_all(models, folder, options, context, description);
    base::write_file_atomically(folder / "datasets.json", base::dump_json(description) + "\n");
  } catch (...) {
    std::error_code status;
    fs::remove_all(folder, status);
    throw;
  }
  outcome.accounts = close_accounts(context);
  std::error_code status;
  const std::string before = fs::read_symlink(context.layout.staged_current(), status).filename().string();
  base::switch_symlink(context.layout.staged_current(), fs::path("releases") / id);
  remove_old(releases, id, before);
  study::mount_staged(session, context.layout);
  for (const auto& name : session.tables("raw")) {
    if (context.study.find_source(name) != nullptr)
      outcome.rows_in += session.count("SELECT count(*) FROM raw." + sql_identifier(name));
  }
  for (const auto& [name, about] : description.items()) {
    outcome.detail["datasets"][name] = about["rows"];
    outcome.outputs.push_back(folder / "parquet" / (name + ".parquet"));
  }
  outcome.outputs.push_back(folder / "datasets.json");
  outcome.headline =
      std::to_string(description.size()) + " datasets, " + base::thousands(outcome.rows_out) + " rows";
  return outcome;
}

}  // namespace trialmill::transform
