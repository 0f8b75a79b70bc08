#include "formats/convert.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const DatasetFile& file) {
  std::vector<std::string> names;
  for (const auto& meta : file.datasets()) names.push_back(meta.name);
  return names;
}

void write_one(DatasetFile& in, std::size_t dataset, const fs::path& path, const ConvertOptions& options,
               Converted& out) {
  const Format format = format_for_writing(path);
  const DatasetMeta meta =
      format == Format::xpt5 ? with_measured_lengths(in, dataset) : in.datasets()[dataset];
  const auto writer = create_dataset_file(path, format, meta, options.write);
  std::int64_t rows = 0;
  in.read(dataset, [&](const Batch& batch) {
    base::check_stop();
    writer->write(batch);
    rows += static_cast<std::int64_t>(batch.rows);
    return true;
  });
  const auto notes = writer->commit();
  out.notes.insert(out.notes.end(), notes.begin(), notes.end());
  const bool refused = std::ranges::any_of(notes, [](const FormatNote& note) { return note.refused; });
  if (!refused) out.files.push_back({path, meta.name, rows});
}

}  // namespace

bool Converted::refused() const {
  return std::ranges::any_of(notes, [](const FormatNote& note) { return note.refused; });
}

std::size_t pick_dataset(const DatasetFile& file, const std::string& member, const std::string& name) {
  const auto names = names_of(file);
  if (member.empty()) {
    if (names.size() == 1) return 0;
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

DatasetMeta with_measured_lengths(DatasetFile& file, std::size_t dataset) {
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
    if (variable.storage == Storage::text)
      variable.length = static_cast<int>(std::min<std::size_t>(longest[c], 1u << 30));
  }
  return meta;
}

Converted convert(const fs::path& in, const fs::path& out, const ConvertOptions& options) {
  const auto file = open_dataset_file(in, options.read);
  Converted result;
  if (options.to.empty()) {
    write_one(*file, pick_dataset(*file, options.member, in.string()), out, options, result);
  } else {
    base::make_folders(out);
    for (std::size_t d = 0; d < file->datasets().size(); ++d) {
      const std::string& name = file->datasets()[d].name;
      if (!options.member.empty() && base::to_lower(name) != base::to_lower(options.member)) continue;
      write_one(*file, d, out / (base::to_lower(name) + "." + options.to), options, result);
    }
  }
  const auto notes = file->notes();
  result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
  return result;
}

}  // namespace trialmill::formats
