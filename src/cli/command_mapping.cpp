// trialmill mapping: mappings from specifications, and the JSON Schemas of what people write.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "specs/missing_variables.hpp"
#include "specs/spec.hpp"
#include "study/schemas.hpp"
#include "study/study.hpp"

namespace trialmill::cli {
namespace {

/// What study.yaml says: whose required and expected variables are looked for, and how the sources are
/// called.
void take_from_study(specs::WriteOptions& options) {
  options.sdtmig = study::Study().sdtmig;
  if (!std::filesystem::exists(options.study / "study.yaml")) return;
  try {
    const auto study = study::load(options.study);
    options.sdtmig = study.sdtmig;
    for (const auto& source : study.sources) options.sources.push_back(source.name);
  } catch (const base::Error&) {
    // Not ready yet: other commands say what is wrong.
  }
}

/// 2, 5-9, 12
std::string row_ranges(const std::vector<std::size_t>& rows) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t last = i;
    while (last + 1 < rows.size() && rows[last + 1] == rows[last] + 1) ++last;
    parts.push_back(std::to_string(rows[i]) + (last > i ? "-" + std::to_string(rows[last]) : ""));
    i = last + 1;
  }
  return base::join(parts, ", ");
}

/// Lines that are in no mapping, those with one reason together.
std::vector<std::string> left_out_lines(const specs::Spec& spec) {
  struct Group {
    std::string sheet, why;
    std::vector<std::size_t> rows;
    std::vector<std::string> what;
  };
  std::vector<Group> groups;
  for (const auto& one : spec.skipped) {
    auto group = std::ranges::find_if(
        groups, [&](const Group& other) { return other.sheet == one.sheet && other.why == one.why; });
    if (group == groups.end()) group = groups.insert(group, Group{one.sheet, one.why, {}, {}});
    group->rows.push_back(one.row);
    if (!one.what.empty() && group->what.size() < 6)
      group->what.push_back(group->what.size() == 5 ? "…" : one.what);
  }
  std::vector<std::string> lines;
  for (const auto& group : groups) {
    lines.push_back((group.sheet.empty() ? "" : group.sheet + ", ") +
                    (group.rows.size() > 1 ? "rows " : "row ") + row_ranges(group.rows) + ": " + group.why +
                    (group.what.empty() ? "" : " (" + base::join(group.what, ", ") + ")"));
  }
  return lines;
}

int print_json(const specs::Spec& spec, const std::vector<specs::WrittenMapping>& written, bool with_text) {
  base::Json list = base::Json::array(), skipped = base::Json::array();
  for (const auto& one : written) {
    base::Json entry{{"dataset", one.dataset},
                     {"file", one.file.string()},
                     {"variables", one.variables},
                     {"open", one.open}};
    entry["missing"] = base::Json::array();
    for (const auto& variable : one.missing) {
      base::Json line{{"variable", variable.name}, {"core", variable.required ? "Req" : "Exp"}};
      if (!variable.proposed.empty()) line["proposed"] = variable.proposed;
      entry["missing"].push_back(std::move(line));
    }
    if (with_text) entry["text"] = one.text;
    list.push_back(std::move(entry));
  }
  for (const auto& one : spec.skipped)
    skipped.push_back({{"sheet", one.sheet}, {"row", one.row}, {"what", one.what}, {"why", one.why}});
  std::cout << base::dump_json({{"kind", spec.kind},
                                {"mappings", list},
                                {"left_out", skipped},
                                {"not_read", spec.unread}})
            << "\n";
  return 0;
}

int import_spec(const std::string& file, specs::WriteOptions options, const Common& common) {
  take_from_study(options);
  const auto spec = specs::read_spec(file);
  const auto written = specs::write_mappings(spec, options);
  if (common.json) return print_json(spec, written, !options.write);
  std::size_t open = 0;
  for (const auto& one : written) {
    open += one.open.size();
    if (!options.write) std::cout << one.text << "\n";
    if (!options.write || common.quiet) continue;
    std::cout << one.file.string() << ": " << one.variables << " variables, " << one.open.size() << " to do";
    if (!one.missing.empty()) std::cout << ", " << one.missing.size() << " missing";
    std::cout << "\n";
    for (const auto& what : one.open) std::cout << "    " << what << "\n";
    if (!one.missing.empty()) std::cout << "    missing: " << specs::missing_text(one.missing) << "\n";
  }
  if (common.quiet) return 0;
  // A dry run prints YAML, so what is beside the mappings are comments.
  const char* mark = options.write ? "" : "# ";
  for (const auto& line : left_out_lines(spec)) std::cout << mark << "left out: " << line << "\n";
  for (const auto& line : spec.unread) std::cout << mark << "not read: " << line << "\n";
  std::cout << mark << written.size() << " mappings from a specification of the kind " << spec.kind << ", "
            << open << " lines to do, " << spec.skipped.size() << " lines left out\n";
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
  import
      ->add_option(
          "SPEC", *file,
          "Spreadsheet, Pinnacle 21 workbook, or spreadsheet of CDISC COSMoS; or a folder of CSV files")
      ->required();
  import->add_option("STUDY", *study, "Folder of the study; mappings/ and codelists/ lie there")
      ->default_val(".");
  import->add_option("--dataset", options->datasets, "Only these datasets: AE,VS")->delimiter(',');
  import->add_flag("--overwrite", options->overwrite, "Replace mappings that are there");
  import->add_flag("--dry-run", *dry_run, "Print the mappings, write nothing");
  import->footer(
      "What the specification leaves open is marked TODO in the mapping and listed here, as are lines that\n"
      "are in no mapping, columns that were not read, and variables that the SDTMIG has beyond them.\n"
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
