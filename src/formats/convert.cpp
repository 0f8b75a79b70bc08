#include "formats/convert.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "formats/conversion.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const DatasetFile& file) {
  std::vector<std::string> names;
  for (const auto& meta : file.datasets()) names.push_back(meta.name);
  return names;
}

/// The dataset's name in lower case; names of sheets and forms may hold what a path cannot.
std::string file_name(const std::string& dataset) {
  std::string name = base::to_lower(dataset);
  for (char& c : name) {
    if (c == '/' || c == '\\' || c == ':' || static_cast<unsigned char>(c) < 0x20) c = '_';
  }
  return name.empty() || name[0] == '.' ? "_" + name : name;
}

}  // namespace

bool Converted::refused() const {
  return std::ranges::any_of(notes, [](const FormatNote& note) { return note.refused; });
}

std::size_t pick_dataset(const DatasetFile& file, const std::string& member, const std::string& name) {
  const auto names = names_of(file);
  if (member.empty()) {
    std::vector<std::size_t> whole;  // lists inside of records are meant only when they are named
    for (std::size_t d = 0; d < names.size(); ++d) {
      if (!file.datasets()[d].attributes.contains(std::string(parent_attribute))) whole.push_back(d);
    }
    if (whole.size() == 1) return whole[0];
    throw base::usage_error(names.empty() ? "TM1313" : "TM1311",
                            names.empty() ? std::string("the file holds no dataset")
                                          : "the file holds " + std::to_string(names.size()) + " datasets",
                            {name}, names.empty() ? "" : "name one: --member " + base::join(names, " | "));
  }
  for (std::size_t d = 0; d < names.size(); ++d) {
    if (names[d] == member) return d;
  }
  for (std::size_t d = 0; d < names.size(); ++d) {
    if (base::to_lower(names[d]) == base::to_lower(member)) return d;
  }
  throw base::usage_error("TM1313", "no dataset '" + member + "'", {name},
                          "there are: " + base::join(names, ", "));
}

DatasetMeta with_measured_lengths(DatasetFile& file, std::size_t dataset, std::size_t keep_max) {
  DatasetMeta meta = file.datasets()[dataset];
  std::vector<std::size_t> longest(meta.variables.size(), 1);
  file.read(dataset, [&](const Batch& batch) {
    base::check_stop();
    for (std::size_t c = 0; c < longest.size(); ++c) {
      for (const std::string_view text : batch.columns[c].texts)
        longest[c] = std::max(longest[c], text.size());
    }
    return true;
  });
  for (std::size_t c = 0; c < longest.size(); ++c) {
    Variable& variable = meta.variables[c];
    const int measured = static_cast<int>(std::min<std::size_t>(longest[c], 1u << 30));
    const bool stays = variable.length >= measured && variable.length <= static_cast<int>(keep_max);
    if (variable.storage == Storage::text && !stays) variable.length = measured;
  }
  return meta;
}

Converted convert(const fs::path& in, const fs::path& out, const ConvertOptions& options) {
  const auto file = open_dataset_file(in, options.read);
  Converted result;
  std::vector<ConversionTarget> targets;
  Format format;
  if (options.to.empty()) {
    format = options.format.empty() ? format_for_writing(out) : format_named(options.format);
    if (format == Format::xlsx && options.member.empty() && file->datasets().size() > 1) {
      // Sheets in the workbook's order; lists inside of records are sheets of their own.
      for (std::size_t d = 0; d < file->datasets().size(); ++d) targets.push_back({d, out, {}});
    } else {
      targets.push_back({pick_dataset(*file, options.member, in.string()), out, {}});
    }
  } else {
    format = format_named(options.to);
    base::make_folders(out);
    for (std::size_t d = 0; d < file->datasets().size(); ++d) {
      const std::string& name = file->datasets()[d].name;
      if (!options.member.empty() && base::to_lower(name) != base::to_lower(options.member)) continue;
      targets.push_back({d, out / (file_name(name) + extension_for(format)), {}});
    }
    if (targets.empty()) pick_dataset(*file, options.member, in.string());
  }
  convert_datasets(*file, format, std::move(targets), options, result);
  return result;
}

}  // namespace trialmill::formats
