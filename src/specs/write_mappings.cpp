#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "specs/mapping_text.hpp"
#include "specs/spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {

namespace fs = std::filesystem;

namespace {

/// Codelists that the mappings name and the study has not.
void write_codelists(const Spec& spec, const std::vector<WrittenMapping>& mappings, const fs::path& study) {
  for (const auto& [name, codelist] : spec.codelists) {
    const fs::path file = study / "codelists" / (name + ".csv");
    const bool used = std::ranges::any_of(mappings, [&name = name](const WrittenMapping& one) {
      return one.text.find("terms: " + scalar(name)) != std::string::npos;
    });
    if (!used || name.find('/') != std::string::npos || fs::exists(file)) continue;
    std::string text = "term,decode\n";
    for (const auto& term : codelist.terms)
      text += base::csv_cell(term.term) + "," + base::csv_cell(term.decode) + "\n";
    base::make_folders(file.parent_path());
    base::write_file_atomically(file, text);
  }
}

}  // namespace

std::vector<WrittenMapping> write_mappings(const Spec& spec, const WriteOptions& options) {
  std::vector<WrittenMapping> all;
  for (const auto& dataset : spec.datasets) {
    const auto& only = options.datasets;
    if (!only.empty() && std::ranges::find(only, dataset.name) == only.end()) continue;
    WrittenMapping one = mapping_of(dataset, spec.file, options);
    one.file = options.study / "mappings" / (base::to_lower(dataset.name) + ".yaml");
    // What we write must be what we read.
    base::parse_yaml(one.text, one.file.string());
    if (options.write && !options.overwrite && fs::exists(one.file)) {
      throw base::usage_error(
          "TM2952", one.file.string() + " is there already", {},
          "--overwrite replaces it, --dataset NAME imports only some, --dry-run shows the text");
    }
    all.push_back(std::move(one));
  }
  if (!options.write) return all;
  base::make_folders(options.study / "mappings");
  for (const auto& one : all) base::write_file_atomically(one.file, one.text);
  write_codelists(spec, all, options.study);
  return all;
}

}  // namespace trialmill::specs
