// trialmill convert, schema, head: data files of any format, outside a study.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "formats/convert.hpp"

namespace trialmill::cli {

namespace {

using formats::DatasetMeta;
using formats::FormatNote;
using formats::Storage;

const std::vector<std::string> kind_names{"name",   "label",   "length",    "value",
                                          "number", "missing", "attribute", "rows"};

base::Json note_json(const FormatNote& note) {
  return {{"kind", kind_names[static_cast<std::size_t>(note.kind)]},
          {"refused", note.refused},
          {"dataset", note.dataset},
          {"variable", note.variable},
          {"value", note.value},
          {"message", note.message},
          {"row", note.row},
          {"count", note.count}};
}

void print_notes(const std::vector<FormatNote>& notes) {
  for (const auto& note : notes) {
    std::string place = note.dataset;
    if (!note.variable.empty()) place += (place.empty() ? "" : ".") + note.variable;
    std::cerr << (note.refused ? "refused " : "note ") << place << (place.empty() ? "" : ": ")
              << note.message;
    if (!note.value.empty()) std::cerr << " ('" << note.value << "')";
    if (note.count > 1) std::cerr << ", " << base::thousands(note.count) << " times";
    if (note.row > 0) std::cerr << ", first in row " << note.row;
    std::cerr << "\n";
  }
}

struct Input {
  std::filesystem::path path;
  formats::ReadOptions read;
  std::string delimiter;
  std::string member;
};

void add_input(CLI::App& command, Input& input) {
  command.add_option("IN", input.path, "A data file, or a folder of them")->required();
  command.add_option("--member,--sheet", input.member, "Only the dataset (sheet) of this name");
  command.add_option("--encoding", input.read.encoding,
                     "Of text, e.g. windows-1252, Shift_JIS; default: found out");
  command.add_option("--delimiter", input.delimiter, "Of delimited text, one character; default: found out");
  command.add_option(
      "--metadata", input.read.metadata,
      "ODM: a file with the definitions; Dataset-XML: the define.xml, if it is not beside the file");
  command
      .add_option("--header-lines", input.read.header_lines,
                  "2 = a line of labels above the line of names; default: found out")
      ->check(CLI::Range(1, 2));
}

formats::ReadOptions read_options(const Input& input) {
  formats::ReadOptions out = input.read;
  if (input.delimiter.size() > 1 && input.delimiter != "\\t")
    throw base::usage_error("TM3003", "--delimiter takes one character", {}, "a tab is written \\t");
  if (!input.delimiter.empty()) out.delimiter = input.delimiter == "\\t" ? '\t' : input.delimiter[0];
  return out;
}

/// --xpt-version in place of the format names xpt and xpt8.
void set_xpt_version(int version, const std::filesystem::path& target, formats::ConvertOptions& options) {
  std::string& named = options.to.empty() ? options.format : options.to;
  const auto format = named.empty() ? formats::format_for_writing(target) : formats::format_named(named);
  const bool says_eight = format == formats::Format::xpt8;
  if ((format != formats::Format::xpt5 && !says_eight) || (says_eight && version == 5))
    throw base::usage_error("TM3003", "--xpt-version contradicts the format of the target", {},
                            "it goes with .xpt files, or --to xpt");
  named = version == 8 ? "xpt8" : "xpt";
}

int run_convert(const Input& input, const std::filesystem::path& target, formats::ConvertOptions options,
                const Common& common) {
  options.read = read_options(input);
  options.read.raw_numbers = options.write.raw_numbers;
  options.member = input.member;
  const auto result = formats::convert(input.path, target, options);
  if (common.json) {
    base::Json files = base::Json::array(), notes = base::Json::array();
    for (const auto& file : result.files)
      files.push_back({{"path", file.path.string()}, {"dataset", file.dataset}, {"rows", file.rows}});
    for (const auto& note : result.notes) notes.push_back(note_json(note));
    std::cout << base::dump_json({{"files", files}, {"notes", notes}}) << "\n";
  } else if (!common.quiet) {
    print_notes(result.notes);
    for (const auto& file : result.files)
      std::cerr << file.path.string() << ": " << base::thousands(file.rows) << " rows of " << file.dataset
                << "\n";
  }
  return result.refused() ? 3 : 0;
}

/// What PROC CONTENTS would call it.
std::string type_of(const formats::Variable& variable) {
  return variable.storage == Storage::text ? "char" : "num";
}

int run_schema(const Input& input, const Common& common) {
  const auto file = formats::open_dataset_file(input.path, read_options(input));
  base::Json all = base::Json::array();
  for (const auto& meta : file->datasets()) {
    if (!input.member.empty() && base::to_lower(meta.name) != base::to_lower(input.member)) continue;
    base::Json columns = base::Json::array();
    for (const auto& v : meta.variables) {
      columns.push_back({{"name", v.name},
                         {"label", v.label},
                         {"type", type_of(v)},
                         {"data_type", formats::name_of(v.type)},
                         {"length", v.length},
                         {"format", v.format},
                         {"informat", v.informat}});
    }
    base::Json one = {{"name", meta.name}, {"label", meta.label}, {"columns", columns}};
    one["rows"] = meta.rows ? base::Json(*meta.rows) : base::Json();
    one["created"] = meta.created;
    one["modified"] = meta.modified;
    one["encoding"] = meta.encoding;
    all.push_back(std::move(one));
  }
  if (common.json) {
    std::cout << base::dump_json(all) << "\n";
    return 0;
  }
  for (const auto& one : all) {
    std::cout << one["name"].get<std::string>() << "  " << one["label"].get<std::string>() << "  "
              << (one["rows"].is_null() ? "?" : base::thousands(one["rows"].get<long long>())) << " rows\n";
    for (const auto& c : one["columns"]) {
      std::cout << fmt::format("  {:<20} {:<5} {:>6} {:<12} {}\n", c["name"].get<std::string>(),
                               c["type"].get<std::string>(), c["length"].get<int>(),
                               c["format"].get<std::string>(), c["label"].get<std::string>());
    }
  }
  if (!common.quiet) print_notes(file->notes());
  return 0;
}

int run_head(const Input& input, std::size_t rows) {
  const auto file = formats::open_dataset_file(input.path, read_options(input));
  const auto dataset = formats::pick_dataset(*file, input.member, input.path.string());
  const DatasetMeta& meta = file->datasets()[dataset];
  std::string line;
  for (const auto& v : meta.variables) line += (line.empty() ? "" : ",") + base::csv_cell(v.name);
  std::cout << line << "\n";
  std::size_t shown = 0;
  file->read(dataset, [&](const formats::Batch& batch) {
    for (std::size_t row = 0; row < batch.rows && shown < rows; ++row, ++shown) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c)
        std::cout << (c > 0 ? "," : "")
                  << base::csv_cell(formats::value_text(batch, row, c, meta.variables[c]));
      std::cout << "\n";
    }
    return shown < rows;
  });
  return 0;
}

}  // namespace

void add_convert(Tree tree) {
  auto* command = tree.app.add_subcommand(
      "convert", "Convert a data file from any format that is read to any that is written");
  auto input = std::make_shared<Input>();
  auto target = std::make_shared<std::filesystem::path>();
  auto options = std::make_shared<formats::ConvertOptions>();
  add_input(*command, *input);
  command->add_option("OUT", *target, "The file to write; with --to a folder")->required();
  command->add_option(
      "--to", options->to,
      "Write every dataset into the folder OUT, as files of this format: csv, tsv, parquet, xpt, "
      "xpt8, xlsx, dataset-json, dataset-ndjson, dsjc, json-rows, ndjson-rows");
  command->add_option("--format", options->format,
                      "Format of OUT where its extension means another one: xpt8, json-rows, ndjson-rows");
  command
      ->add_option("--created", options->write.created,
                   "Time for headers that have one; fixed by default, so that re-runs give the same bytes")
      ->capture_default_str();
  command->add_option("--modified", options->write.modified,
                      "The same for the time of modification; default: created (Dataset-JSON: the source's)");
  auto xpt_version = std::make_shared<int>(0);
  command->add_option("--xpt-version", *xpt_version, "Of .xpt files: 5 (default) or 8, as --format xpt8")
      ->check(CLI::IsMember({5, 8}));
  auto agency = std::make_shared<std::string>("none");
  command
      ->add_option(
          "--agency", *agency,
          "fda or pmda: check their limits over all datasets first, lengths from the data (.xpt only)")
      ->capture_default_str();
  command->add_flag("--shrink", options->shrink,
                    ".xpt: texts as long as their longest value, not as declared");
  command
      ->add_option("--split-bytes", options->split_bytes,
                   "With --agency: files beyond this size are also written in parts, into split/")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_flag("--raw-numbers", options->write.raw_numbers,
                    "CSV: 17 significant digits, SAS dates as numbers, missing as . and .A");
  command->footer(
      "What the target cannot hold is told as a note; what does not fit is refused (exit 3), never cut.\n"
      "Example:\n  trialmill convert dm.xpt dm.csv\n  trialmill convert sdtm/ csv/ --to csv\n"
      "  trialmill convert all.xpt ae.csv --member AE --raw-numbers\n"
      "  trialmill convert sdtm/ study.xlsx        (a sheet for each dataset)\n"
      "  trialmill convert sdtm/ submission/ --to xpt --agency fda");
  command->callback([tree, input, target, options, agency, xpt_version] {
    tree.chosen = [tree, input, target, options, agency, xpt_version] {
      options->agency = formats::agency_named(*agency);
      if (*xpt_version != 0) set_xpt_version(*xpt_version, *target, *options);
      return run_convert(*input, *target, *options, tree.common);
    };
  });
}

void add_schema(Tree tree) {
  auto* command = tree.app.add_subcommand(
      "schema", "Datasets and variables of a data file: names, labels, types, lengths, formats");
  auto input = std::make_shared<Input>();
  add_input(*command, *input);
  command->footer("Example:\n  trialmill schema dm.xpt --json");
  command->callback(
      [tree, input] { tree.chosen = [tree, input] { return run_schema(*input, tree.common); }; });
}

void add_head(Tree tree) {
  auto* command = tree.app.add_subcommand("head", "The first rows of a data file, as CSV");
  auto input = std::make_shared<Input>();
  auto rows = std::make_shared<std::size_t>(10);
  add_input(*command, *input);
  command->add_option("-n,--rows", *rows, "How many")->capture_default_str();
  command->footer("Example:\n  trialmill head ae.xpt -n 5");
  command->callback([tree, input, rows] { tree.chosen = [input, rows] { return run_head(*input, *rows); }; });
}

}  // namespace trialmill::cli
