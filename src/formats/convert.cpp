#include "formats/convert.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <type_traits>

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

bool any_refused(const std::vector<FormatNote>& notes) {
  return std::ranges::any_of(notes, [](const FormatNote& note) { return note.refused; });
}

bool is_transport(Format format) {
  return format == Format::xpt5 || format == Format::xpt8;
}

/// The dataset's name in lower case; names of sheets and forms may hold what a path cannot.
std::string file_name(const std::string& dataset) {
  std::string name = base::to_lower(dataset);
  for (char& c : name) {
    if (c == '/' || c == '\\' || c == ':' || static_cast<unsigned char>(c) < 0x20) c = '_';
  }
  return name.empty() || name[0] == '.' ? "_" + name : name;
}

/// A dataset on its way: where to, and described as it will be written.
struct Target {
  std::size_t dataset = 0;
  fs::path path;
  DatasetMeta meta;
};

class Conversion {
 public:
  Conversion(DatasetFile& in, Format format, const ConvertOptions& options, Converted& out)
      : in_(in), format_(format), options_(options), out_(out) {}

  void run(std::vector<Target> targets) {
    for (auto& target : targets) {
      const bool keep = options_.agency == Agency::none && !options_.shrink;
      target.meta = is_transport(format_) ? with_measured_lengths(in_, target.dataset, keep)
                                          : in_.datasets()[target.dataset];
    }
    if (options_.agency != Agency::none && !passes_agency(targets)) return;
    if (targets.size() > 1 && !is_transport(format_)) return write_together(targets);
    for (const auto& target : targets) {
      write(target);
      if (options_.agency != Agency::none) split(target);
    }
  }

 private:
  /// Lengths are shared by all datasets; any refusal keeps all of them from being written.
  bool passes_agency(std::vector<Target>& targets) {
    if (format_ != Format::xpt5) {
      throw base::usage_error("TM1326", "agencies take SAS transport files of version 5", {},
                              "name the files .xpt, or leave --agency out");
    }
    SharedLengths lengths;
    for (const auto& target : targets) lengths.add(target.meta);
    NoteCollector values;
    for (auto& target : targets) {
      target.meta = lengths.applied(target.meta);
      const auto notes = check_agency(options_.agency, target.meta);
      out_.notes.insert(out_.notes.end(), notes.begin(), notes.end());
      std::int64_t row = 1;
      in_.read(target.dataset, [&](const Batch& batch) {
        check_agency_values(options_.agency, target.meta, batch, row, values);
        row += static_cast<std::int64_t>(batch.rows);
        return true;
      });
      target.meta.rows = row - 1;
    }
    out_.notes.insert(out_.notes.end(), values.notes().begin(), values.notes().end());
    return !any_refused(out_.notes);
  }

  void write(const Target& target) {
    const auto writer = create_dataset_file(target.path, format_, target.meta, options_.write);
    std::int64_t rows = 0;
    in_.read(target.dataset, [&](const Batch& batch) {
      base::check_stop();
      writer->write(batch);
      rows += static_cast<std::int64_t>(batch.rows);
      return true;
    });
    close(*writer, {target.path, target.meta.name, rows});
  }

  /// All datasets in one pass: a file whose datasets are interleaved (ODM) is then read once.
  void write_together(const std::vector<Target>& targets) {
    struct Open {
      std::unique_ptr<DatasetWriter> writer;
      Converted::File file;
    };
    std::map<std::size_t, Open> open;
    for (const auto& target : targets) {
      open[target.dataset] = {create_dataset_file(target.path, format_, target.meta, options_.write),
                              {target.path, target.meta.name, 0}};
    }
    in_.read_all([&](std::size_t dataset, const Batch& batch) {
      base::check_stop();
      const auto found = open.find(dataset);
      if (found == open.end()) return true;
      found->second.writer->write(batch);
      found->second.file.rows += static_cast<std::int64_t>(batch.rows);
      return true;
    });
    for (auto& [dataset, one] : open) close(*one.writer, one.file);
  }

  void close(DatasetWriter& writer, const Converted::File& file) {
    const auto notes = writer.commit();
    out_.notes.insert(out_.notes.end(), notes.begin(), notes.end());
    if (!any_refused(notes)) out_.files.push_back(file);
  }

  /// A file over the limit is submitted whole and in parts: split/lb1.xpt, split/lb2.xpt … (FDA TCG 3.3.2).
  void split(const Target& target) {
    std::error_code status;
    const auto size = static_cast<std::int64_t>(fs::file_size(target.path, status));
    if (status || size <= options_.split_bytes || !target.meta.rows || *target.meta.rows < 2) return;
    const std::int64_t parts = (size + options_.split_bytes - 1) / options_.split_bytes;
    const std::int64_t rows_each = std::max<std::int64_t>(1, (*target.meta.rows + parts - 1) / parts);
    std::unique_ptr<DatasetWriter> writer;
    Converted::File file;
    int number = 0;
    in_.read(target.dataset, [&](const Batch& batch) {
      for (std::size_t from = 0; from < batch.rows;) {
        if (!writer) {
          file = {
              target.path.parent_path() / "split" /
                  (target.path.stem().string() + std::to_string(++number) + target.path.extension().string()),
              target.meta.name, 0};
          writer = create_dataset_file(file.path, format_, target.meta, options_.write);
        }
        const auto count = std::min(batch.rows - from, static_cast<std::size_t>(rows_each - file.rows));
        writer->write(slice(batch, from, count));
        file.rows += static_cast<std::int64_t>(count);
        from += count;
        if (file.rows < rows_each) continue;
        close(*writer, file);
        writer.reset();
      }
      return true;
    });
    if (writer) close(*writer, file);
  }

  static Batch slice(const Batch& batch, std::size_t from, std::size_t count) {
    Batch out;
    out.rows = count;
    const auto part = [&](const auto& all) {
      using Values = std::decay_t<decltype(all)>;
      if (all.empty()) return Values{};
      const auto start = all.begin() + static_cast<std::ptrdiff_t>(from);
      return Values(start, start + static_cast<std::ptrdiff_t>(count));
    };
    for (const auto& column : batch.columns)
      out.columns.push_back({part(column.texts), part(column.numbers), part(column.missing)});
    return out;
  }

  DatasetFile& in_;
  Format format_;
  const ConvertOptions& options_;
  Converted& out_;
};

}  // namespace

bool Converted::refused() const {
  return any_refused(notes);
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

DatasetMeta with_measured_lengths(DatasetFile& file, std::size_t dataset, bool keep) {
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
    const bool enough = variable.length >= measured && variable.length <= 200;
    if (variable.storage == Storage::text && !(keep && enough)) variable.length = measured;
  }
  return meta;
}

Converted convert(const fs::path& in, const fs::path& out, const ConvertOptions& options) {
  const auto file = open_dataset_file(in, options.read);
  Converted result;
  std::vector<Target> targets;
  Format format;
  if (options.to.empty()) {
    format = options.format.empty() ? format_for_writing(out) : format_named(options.format);
    targets.push_back({pick_dataset(*file, options.member, in.string()), out, {}});
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
  Conversion(*file, format, options, result).run(std::move(targets));
  const auto notes = file->notes();
  result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
  return result;
}

}  // namespace trialmill::formats
