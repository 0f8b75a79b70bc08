// trialmill mapping: mappings from specifications, and the JSON Schemas of what people write.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "specs/spec.hpp"
#include "study/schemas.hpp"

namespace trialmill::cli {
namespace {

int import_spec(const std::string& file, const specs::WriteOptions& options, const Common& common) {
  const auto spec = specs::read_spec(file);
  const auto written = specs::write_mappings(spec, options);
  if (common.json) {
    base::Json list = base::Json::array();
    for (const auto& one : written) {
      base::Json entry{{"dataset", one.dataset},
                       {"file", one.file.string()},
                       {"variables", one.variables},
                       {"open", one.open}};
      if (!options.write) entry["text"] = one.text;
      list.push_back(std::move(entry));
    }
    std::cout << base::dump_json({{"kind", spec.kind}, {"mappings", list}}) << "\n";
    return 0;
  }
  std::size_t open = 0;
  for (const auto& one : written) {
    open += one.open.size();
    if (!options.write) {
      std::cout << one.text << "\n";
      continue;
    }
    if (common.quiet) continue;
    std::cout << one.file.string() << ": " << one.variables << " variables, " << one.open.size()
              << " to do\n";
    for (const auto& what : one.open) std::cout << "    " << what << "\n";
  }
  if (!common.quiet && options.write)
    std::cout << written.size() << " mappings from a specification of the kind " << spec.kind << ", " << open
              << " lines to do\n";
  return 0;
}

int print_schema(const std::string& name) {
  for (const auto& schema : study::schema_texts()) {
    if (schema.path != name + ".schema.json") continue;
    std::cout << schema.content;
    return 0;
  }
  return 2;
}

}  // namespace

void add_mapping(Tree tree) {
  auto* group =
      tree.app.add_subcommand("mapping", "Check mappings; import specifications; print JSON Schemas");
  group->require_subcommand(1);
  group->footer("Example:\n  trialmill mapping check study/");
  add_mapping_check(*group, tree);

  auto* import = group->add_subcommand("import", "Make mappings from a specification (CSV or XLSX)");
  auto file = std::make_shared<std::string>();
  auto options = std::make_shared<specs::WriteOptions>();
  auto study = std::make_shared<std::string>();
  auto dry_run = std::make_shared<bool>(false);
  import->add_option("SPEC", *file, "Spreadsheet, Pinnacle 21 workbook, or spreadsheet of CDISC COSMoS")
      ->required();
  import->add_option("STUDY", *study, "Folder of the study; mappings/ and codelists/ lie there")
      ->default_val(".");
  import->add_option("--dataset", options->datasets, "Only these datasets: AE,VS")->delimiter(',');
  import->add_flag("--overwrite", options->overwrite, "Replace mappings that are there");
  import->add_flag("--dry-run", *dry_run, "Print the mappings, write nothing");
  import->footer(
      "What the specification leaves open is marked TODO in the mapping and listed here.\n"
      "docs/mapping-import.md lists the columns that are understood.\n"
      "Examples:\n"
      "  trialmill mapping import spec.xlsx study/\n"
      "  trialmill mapping import spec.csv study/ --dataset AE,VS --dry-run");
  import->callback([tree, file, options, study, dry_run] {
    tree.chosen = [tree, file, options, study, dry_run] {
      options->study = *study;
      options->write = !*dry_run;
      for (auto& name : options->datasets) name = base::to_upper(name);
      return import_spec(*file, *options, tree.common);
    };
  });

  auto* schema = group->add_subcommand("schema", "Print a JSON Schema for editors");
  auto name = std::make_shared<std::string>();
  schema
      ->add_option("WHICH", *name,
                   "mapping (mappings/*.yaml), study (study.yaml) or mapping-tests (tests/*.yaml)")
      ->default_val("mapping")
      ->check(CLI::IsMember({"mapping", "study", "mapping-tests"}));
  schema->footer(
      "Editors complete and check keys with it, for example with this first line in a mapping:\n"
      "  # yaml-language-server: $schema=../schemas/mapping.schema.json\n"
      "Example:\n  trialmill mapping schema > schemas/mapping.schema.json");
  schema->callback([tree, name] { tree.chosen = [name] { return print_schema(*name); }; });
}

}  // namespace trialmill::cli
