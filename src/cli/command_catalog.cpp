// trialmill catalog: what the lake of a study holds, and what changed since the last delivery.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <memory>

#include "base/text.hpp"
#include "catalog/catalog.hpp"
#include "cli/cli.hpp"
#include "study/layout.hpp"
#include "study/study.hpp"

namespace trialmill::cli {

namespace {

using base::Json;

struct CatalogAsked {
  std::filesystem::path study = ".";
  std::string environment;
};

Json as_json(catalog::Catalog& catalog) {
  std::map<std::string, Json> files, changes;
  for (const auto& file : catalog.files()) {
    files[file.source].push_back({{"path", file.path},
                                  {"sha256", file.sha256},
                                  {"bytes", file.bytes},
                                  {"first_seen", file.first_seen},
                                  {"current", file.current}});
  }
  for (const auto& change : catalog.changes()) {
    changes[change.source].push_back(
        {{"column", change.column}, {"change", change.change}, {"run", change.run}, {"seen", change.seen}});
  }
  const auto list = [](std::map<std::string, Json>& of, const std::string& source) {
    return of.contains(source) ? of.at(source) : Json::array();
  };
  Json sources = Json::array(), releases = Json::array();
  for (const auto& source : catalog.sources()) {
    sources.push_back({{"source", source.name},
                       {"rows", source.rows},
                       {"run", source.run},
                       {"columns", source.columns},
                       {"changes", list(changes, source.name)},
                       {"files", list(files, source.name)}});
  }
  for (const auto& release : catalog.releases()) {
    releases.push_back({{"release", release.id},
                        {"run", release.run},
                        {"manifest_sha256", release.manifest_sha256},
                        {"recorded", release.recorded}});
  }
  return {{"sources", sources}, {"releases", releases}};
}

void print_source(const Json& source) {
  std::cout << fmt::format("{}  {} rows\n", source.at("source").get<std::string>(),
                           base::thousands(source.at("rows").get<std::int64_t>()));
  std::cout << "  columns  " << base::join(source.at("columns").get<std::vector<std::string>>(), ", ")
            << "\n";
  for (const auto& change : source.at("changes")) {
    std::cout << fmt::format("  {:<7}  {}  run {}\n", change.at("change").get<std::string>(),
                             change.at("column").get<std::string>(), change.at("run").get<std::string>());
  }
  for (const auto& file : source.at("files")) {
    std::cout << fmt::format("  {}  {:>11} bytes  {}{}\n", file.at("sha256").get<std::string>().substr(0, 12),
                             base::thousands(file.at("bytes").get<std::int64_t>()),
                             file.at("path").get<std::string>(),
                             file.at("current").get<bool>() ? "" : "  (no longer delivered)");
  }
}

int show_catalog(const CatalogAsked& asked, const Common& common) {
  const study::Layout layout{study::load(asked.study, asked.environment).lake};
  catalog::Catalog catalog(layout.database());
  const Json all = as_json(catalog);
  if (common.json) {
    std::cout << base::dump_json(all) << "\n";
    return 0;
  }
  for (const auto& source : all.at("sources")) print_source(source);
  if (all.at("sources").empty()) std::cout << "nothing was crawled yet\n";
  for (const auto& release : all.at("releases")) {
    std::cout << fmt::format("release {}  run {}\n", release.at("release").get<std::string>(),
                             release.at("run").get<std::string>());
  }
  return 0;
}

}  // namespace

void add_catalog(Tree tree) {
  auto* command =
      tree.app.add_subcommand("catalog", "What the lake holds: files, columns and their changes, releases");
  auto asked = std::make_shared<CatalogAsked>();
  command->add_option("STUDY", asked->study, "Folder with study.yaml")->default_val(".");
  command->add_option("--env", asked->environment, "Environment of study.yaml; the first one if not given");
  command->footer("Full hashes are in --json.\nExample:\n  trialmill catalog study/");
  command->callback(
      [tree, asked] { tree.chosen = [tree, asked] { return show_catalog(*asked, tree.common); }; });
}

}  // namespace trialmill::cli
