// trialmill ct import|list|show|remove: controlled terminology on this machine.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "standards/terminology_folder.hpp"
#include "standards/terminology_import.hpp"

namespace trialmill::cli {

namespace {

using base::Json;
using standards::Codelist;
using standards::PackageFolder;
using standards::PackageInfo;

struct Asked {
  std::vector<std::string> files;
  standards::ImportOptions import;
  std::string package, codelist, folder;

  PackageFolder packages() const { return folder.empty() ? PackageFolder() : PackageFolder(folder); }
};

Json as_json(const PackageInfo& info) {
  return {{"name", info.name},
          {"standard", info.standard},
          {"date", info.date},
          {"codelists", info.codelists},
          {"terms", info.terms}};
}

std::string counted(std::size_t count) {
  return base::thousands(static_cast<long long>(count));
}

/// "1 term", "43,698 terms".
std::string counted(std::size_t count, const std::string& noun) {
  return counted(count) + " " + noun + (count == 1 ? "" : "s");
}

int import_files(const Asked& asked, const Common& common) {
  if (asked.files.size() > 1 && !asked.import.name.empty()) {
    throw base::usage_error("TM1433", "--name names one package, but there are several files", {},
                            "import them one by one, or leave the names to the files");
  }
  const PackageFolder packages = asked.packages();
  Json out = Json::array();
  for (const std::string& file : asked.files) {
    const auto read = standards::read_published_terminology(file, asked.import);
    packages.install(*read.package);
    const PackageInfo& info = read.package->info();
    const std::string place = packages.file_of(info.name).string();
    Json item = as_json(info);
    item["form"] = read.form;
    item["file"] = place;
    item["remarks"] = read.remarks;
    out.push_back(std::move(item));
    for (const std::string& remark : read.remarks) std::cerr << file << ": " << remark << "\n";
    if (!common.json) {
      std::cout << fmt::format("{}: {}, {}, read from {}; now in {}\n", info.name,
                               counted(info.codelists, "codelist"), counted(info.terms, "term"), read.form,
                               place);
    }
  }
  if (common.json) std::cout << base::dump_json(out) << "\n";
  return 0;
}

int list_packages(const Asked& asked, const Common& common) {
  const PackageFolder packages = asked.packages();
  const auto installed = packages.list();
  if (common.json) {
    Json out = Json::array();
    for (const PackageInfo& info : installed) out.push_back(as_json(info));
    std::cout << base::dump_json(out) << "\n";
    return 0;
  }
  if (installed.empty()) {
    std::cout << "no controlled terminology in " << packages.path().string()
              << "; see: trialmill ct import --help\n";
    return 0;
  }
  std::cout << fmt::format("{:<26} {:<12} {:<10} {:>9} {:>9}\n", "NAME", "STANDARD", "DATE", "CODELISTS",
                           "TERMS");
  for (const PackageInfo& info : installed) {
    std::cout << fmt::format("{:<26} {:<12} {:<10} {:>9} {:>9}\n", info.name, info.standard, info.date,
                             counted(info.codelists), counted(info.terms));
  }
  return 0;
}

Json head_of(const Codelist& codelist) {
  return {{"code", codelist.code()},
          {"submission_value", codelist.submission_value()},
          {"name", codelist.name()},
          {"extensible", codelist.extensible()},
          {"terms", codelist.terms().size()}};
}

void show_codelist(const Codelist& codelist, const Common& common) {
  if (common.json) {
    Json out = head_of(codelist);
    out["preferred_term"] = codelist.preferred_term();
    out["synonyms"] = codelist.synonyms();
    out["terms"] = Json::array();
    for (const auto& term : codelist.terms()) {
      out["terms"].push_back({{"code", term.code},
                              {"submission_value", term.submission_value},
                              {"preferred_term", term.preferred_term},
                              {"synonyms", term.synonyms()}});
    }
    std::cout << base::dump_json(out) << "\n";
    return;
  }
  std::cout << fmt::format("{} {}: {} ({}, {})\n\n", codelist.code(), codelist.submission_value(),
                           codelist.name(), codelist.extensible() ? "extensible" : "not extensible",
                           counted(codelist.terms().size(), "term"));
  for (const auto& term : codelist.terms())
    std::cout << fmt::format("{:<9} {:<24} {}\n", term.code, term.submission_value, term.preferred_term);
}

void show_package(const standards::Package& package, const Common& common) {
  if (common.json) {
    Json out = as_json(package.info());
    out["codelists"] = Json::array();
    for (const Codelist& codelist : package.codelists()) out["codelists"].push_back(head_of(codelist));
    std::cout << base::dump_json(out) << "\n";
    return;
  }
  std::cout << fmt::format("{:<9} {:<10} {:<10} {:>6}  {}\n", "CODE", "VALUE", "EXTENSIBLE", "TERMS", "NAME");
  for (const Codelist& codelist : package.codelists()) {
    std::cout << fmt::format("{:<9} {:<10} {:<10} {:>6}  {}\n", codelist.code(), codelist.submission_value(),
                             codelist.extensible() ? "yes" : "no", codelist.terms().size(), codelist.name());
  }
}

int show(const Asked& asked, const Common& common) {
  const auto terminology = asked.packages().choose({asked.package});
  if (asked.codelist.empty()) {
    for (const auto& package : terminology.packages()) show_package(*package, common);
    return 0;
  }
  const Codelist* found = terminology.find_codelist(asked.codelist);
  if (found == nullptr) {
    std::vector<std::string> known;
    for (const auto& package : terminology.packages()) {
      for (const Codelist& codelist : package->codelists()) {
        known.emplace_back(codelist.submission_value());
        known.emplace_back(codelist.name());
      }
    }
    throw base::usage_error("TM1435", "no codelist '" + asked.codelist + "' in " + asked.package, {},
                            base::did_you_mean(asked.codelist, known));
  }
  show_codelist(*found, common);
  return 0;
}

int remove_package(const Asked& asked, const Common& common) {
  asked.packages().remove(asked.package);
  if (!common.quiet) std::cerr << asked.package << " removed\n";
  return 0;
}

void on_call(CLI::App* command, Tree tree, const std::shared_ptr<Asked>& asked,
             int (*action)(const Asked&, const Common&)) {
  command->callback(
      [tree, asked, action] { tree.chosen = [tree, asked, action] { return action(*asked, tree.common); }; });
}

}  // namespace

void add_ct(Tree tree) {
  auto* command = tree.app.add_subcommand(
      "ct", "CDISC controlled terminology on this machine: import, list, show, remove");
  command->require_subcommand(1);
  command->footer(
      "Example:\n  trialmill ct import \"SDTM Terminology.txt\"\n\n"
      "Packages lie in $TRIALMILL_CT, else $XDG_DATA_HOME/trialmill/ct, else ~/.local/share/trialmill/ct.\n"
      "More: docs/terminology.md");
  auto asked = std::make_shared<Asked>();

  auto* import = command->add_subcommand(
      "import", "Read published files: NCI EVS text or ODM XML, CDISC Library JSON, or CSV");
  import->add_option("FILE", asked->files, "Published files; their form is recognised")->required();
  import->add_option("--standard", asked->import.standard, "SDTM, ADaM, SEND … if the file does not say");
  import->add_option("--name", asked->import.name, "Name of the package, e.g. sdtmct-2025-03-28");
  import->add_option("--to", asked->folder, "Folder to install into");
  import->footer(
      "Examples:\n  trialmill ct import 'SDTM Terminology.txt' --name sdtmct-2025-03-28\n"
      "  trialmill ct import sdtmct-2025-03-28.json adamct-2024-09-27.json");
  on_call(import, tree, asked, import_files);

  auto* list = command->add_subcommand("list", "List installed packages");
  list->add_option("--in", asked->folder, "Folder with packages");
  list->footer("Example:\n  trialmill ct list");
  on_call(list, tree, asked, list_packages);

  auto* shown = command->add_subcommand("show", "Show a package's codelists, or a codelist's terms");
  shown->add_option("PACKAGE", asked->package, "Name, date, or path of a file")->required();
  shown->add_option("CODELIST", asked->codelist, "Submission value, NCI code or name");
  shown->add_option("--in", asked->folder, "Folder with packages");
  shown->footer(
      "Examples:\n  trialmill ct show sdtmct-2025-03-28\n  trialmill ct show sdtmct-2025-03-28 NY --json");
  on_call(shown, tree, asked, show);

  auto* removed = command->add_subcommand("remove", "Remove an installed package");
  removed->add_option("PACKAGE", asked->package, "Name")->required();
  removed->add_option("--in", asked->folder, "Folder with packages");
  removed->footer("Example:\n  trialmill ct remove sdtmct-2024-09-27");
  on_call(removed, tree, asked, remove_package);
}

}  // namespace trialmill::cli
