#include "formats/conversion.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "formats/xlsx_file.hpp"
#include "formats/xpt.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

bool any_refused(const std::vector<FormatNote>& notes) {
  return std::ranges::any_of(notes, [](const FormatNote& note) { return note.refused; });
}

class Conversion {
 public:
  Conversion(DatasetFile& in, Format format, const ConvertOptions& options, Converted& out)
      : in_(in),
        format_(format),
        transport_(format == Format::xpt5 || format == Format::xpt8),
        options_(options),
        out_(out) {}

  /// The notes of a reader count every pass over the data, so those after the first pass are shown.
  void run(std::vector<ConversionTarget> targets) {
    refuse_same_file(targets);
    std::vector<FormatNote> read;
    for (auto& target : targets)
      target.meta = transport_ ? measured(target.dataset) : in_.datasets()[target.dataset];
    if (transport_) read = in_.notes();
    if (options_.agency == Agency::none || passes_agency(targets)) write(targets);
    if (!transport_) read = in_.notes();
    out_.notes.insert(out_.notes.begin(), read.begin(), read.end());
  }

 private:
  bool is_one_workbook(const std::vector<ConversionTarget>& targets) const {
    return format_ == Format::xlsx && targets.size() > 1 && targets[0].path == targets[1].path;
  }

  void refuse_same_file(const std::vector<ConversionTarget>& targets) const {
    if (is_one_workbook(targets)) return;
    std::map<fs::path, std::string> seen;
    for (const auto& target : targets) {
      const std::string& name = in_.datasets()[target.dataset].name;
      const auto [found, fresh] = seen.emplace(target.path, name);
      if (fresh) continue;
      throw base::usage_error(
          "TM1327", "the datasets '" + found->second + "' and '" + name + "' would both be this file",
          {target.path.string()}, "nothing was written; convert them one by one");
    }
  }

  /// With the lengths that a transport file needs: declared ones stay if they are enough and possible.
  DatasetMeta measured(std::size_t dataset) {
    const bool keep = options_.agency == Agency::none && !options_.shrink;
    const std::size_t bytes_max = format_ == Format::xpt8 ? xpt8_value_bytes_max : xpt_value_bytes_max;
    DatasetMeta meta = with_measured_lengths(in_, dataset, keep ? bytes_max : 0);
    for (std::size_t c = 0; keep && c < meta.variables.size(); ++c) {
      const Variable& declared = in_.datasets()[dataset].variables[c];
      if (declared.storage != Storage::text || declared.length <= static_cast<int>(bytes_max)) continue;
      out_.notes.push_back({.kind = FormatNote::Kind::length,
                            .dataset = meta.name,
                            .variable = declared.name,
                            .value = std::to_string(declared.length),
                            .message = "the declared length is more than the format has; it becomes " +
                                       std::to_string(meta.variables[c].length)});
    }
    return meta;
  }

  /// Lengths are shared by all datasets; any refusal keeps all of them from being written.
  bool passes_agency(std::vector<ConversionTarget>& targets) {
    if (format_ != Format::xpt5) {
      throw base::usage_error("TM1326", "agencies take SAS transport files of version 5", {},
                              "name the files .xpt, or leave --agency out");
    }
    SharedLengths lengths;
    for (const auto& target : targets) lengths.add(target.meta);
    NoteCollector values;
    for (auto& target : targets) {
      target.meta = lengths.applied(target.meta);
      for (auto& note : check_agency(options_.agency, target.meta, target.path))
        out_.notes.push_back(std::move(note));
      std::int64_t row = 1;
      in_.read(target.dataset, [&](const Batch& batch) {
        base::check_stop();
        check_agency_values(options_.agency, target.meta, batch, row, values);
        row += static_cast<std::int64_t>(batch.rows);
        return true;
      });
      target.meta.rows = row - 1;
    }
    out_.notes.insert(out_.notes.end(), values.notes().begin(), values.notes().end());
    return !any_refused(out_.notes) && !any_refused(in_.notes());
  }

  void write(const std::vector<ConversionTarget>& targets) {
    if (targets.size() > 1 && !transport_) return write_together(targets);
    for (const auto& target : targets) {
      // Measuring has read all values already: no need to write what will not be put in place.
      if (transport_ && !is_read_whole(target.meta)) continue;
      write_one(target);
    }
  }

  void write_one(const ConversionTarget& target) {
    const auto writer = create_dataset_file(target.path, format_, target.meta, options_.write);
    std::int64_t rows = 0;
    in_.read(target.dataset, [&](const Batch& batch) {
      base::check_stop();
      writer->write(batch);
      rows += static_cast<std::int64_t>(batch.rows);
      return true;
    });
    if (!close(*writer, target.meta, {target.path, target.meta.name, rows})) return;
    if (options_.agency == Agency::none) return;
    const auto bytes = static_cast<std::int64_t>(fs::file_size(target.path));
    if (bytes > options_.split_bytes) write_split_files(in_, target, bytes, options_, out_);
  }

  /// All datasets in one pass: a file whose datasets are interleaved (ODM) is then read once.
  void write_together(const std::vector<ConversionTarget>& targets) {
    struct Open {
      const ConversionTarget* target;
      std::unique_ptr<DatasetWriter> writer;
      std::int64_t rows = 0;
    };
    std::map<std::size_t, Open> open;
    const bool one_workbook = is_one_workbook(targets);
    if (one_workbook) {
      std::vector<const DatasetMeta*> sheets;
      for (const auto& target : targets) sheets.push_back(&target.meta);
      auto writers = create_xlsx(targets[0].path, sheets, options_.write);
      for (std::size_t i = 0; i < targets.size(); ++i)
        open[targets[i].dataset] = {&targets[i], std::move(writers[i]), 0};
    }
    for (const auto& target : targets) {
      if (one_workbook) break;
      auto writer = create_dataset_file(target.path, format_, target.meta, options_.write);
      open[target.dataset] = {&target, std::move(writer), 0};
    }
    in_.read_all([&](std::size_t dataset, const Batch& batch) {
      base::check_stop();
      const auto found = open.find(dataset);
      if (found == open.end()) return true;
      found->second.writer->write(batch);
      found->second.rows += static_cast<std::int64_t>(batch.rows);
      return true;
    });
    bool all = true;
    for (auto& [dataset, one] : open) {
      const bool closed =
          close(*one.writer, one.target->meta, {one.target->path, one.target->meta.name, one.rows});
      all = all && closed;
    }
    if (one_workbook && !all)
      out_.files.clear();  // a sheet that was refused keeps the workbook from appearing
  }

  /// A value that the reader could not make sense of must not be missing from a file without a word.
  bool is_read_whole(const DatasetMeta& meta) const {
    return std::ranges::none_of(
        in_.notes(), [&](const FormatNote& note) { return note.refused && note.dataset == meta.name; });
  }

  bool close(DatasetWriter& writer, const DatasetMeta& meta, const Converted::File& file) {
    if (!transport_ && !is_read_whole(meta)) return false;
    const auto notes = writer.commit();
    out_.notes.insert(out_.notes.end(), notes.begin(), notes.end());
    if (any_refused(notes)) return false;
    out_.files.push_back(file);
    return true;
  }

  DatasetFile& in_;
  Format format_;
  bool transport_;
  const ConvertOptions& options_;
  Converted& out_;
};

}  // namespace

void convert_datasets(DatasetFile& in, Format format, std::vector<ConversionTarget> targets,
                      const ConvertOptions& options, Converted& out) {
  Conversion(in, format, options, out).run(std::move(targets));
}

}  // namespace trialmill::formats
