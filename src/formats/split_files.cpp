// Files over an agency's limit are submitted whole and in parts (FDA Study Data Technical Conformance Guide,
// section 3.3.2).
#include <algorithm>
#include <memory>
#include <type_traits>

#include "base/stop.hpp"
#include "formats/conversion.hpp"
#include "formats/xpt.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

Batch slice(const Batch& batch, std::size_t from, std::size_t count) {
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

/// Rows of a part: as many parts as needed, all of about one size, none over the limit.
std::int64_t rows_of_a_part(const DatasetMeta& meta, std::int64_t bytes, std::int64_t bytes_max) {
  std::int64_t row_bytes = 0;
  for (const auto& variable : meta.variables)
    row_bytes += variable.storage == Storage::text ? variable.length : 8;
  const std::int64_t rows = meta.rows.value_or(0);
  const std::int64_t around = bytes - rows * row_bytes + static_cast<std::int64_t>(xpt_record_bytes);
  const std::int64_t most =
      std::max<std::int64_t>(1, (bytes_max - around) / std::max<std::int64_t>(1, row_bytes));
  const std::int64_t parts = (rows + most - 1) / most;
  return (rows + parts - 1) / parts;
}

class Parts {
 public:
  Parts(const ConversionTarget& target, std::int64_t rows_each, const ConvertOptions& options, Converted& out)
      : target_(target), rows_each_(rows_each), options_(options), out_(out) {}

  void take(const Batch& batch) {
    for (std::size_t from = 0; from < batch.rows;) {
      if (!writer_) start();
      const auto count = std::min(batch.rows - from, static_cast<std::size_t>(rows_each_ - file_.rows));
      writer_->write(slice(batch, from, count));
      file_.rows += static_cast<std::int64_t>(count);
      from += count;
      if (file_.rows == rows_each_) finish();
    }
  }

  void close() {
    if (writer_) finish();
    const fs::path after = path(number_ + 1);
    if (fs::exists(after)) note(after, "a part of an earlier, longer dataset is still there; delete it");
  }

 private:
  fs::path path(int number) const {
    return target_.path.parent_path() / "split" /
           (target_.path.stem().string() + std::to_string(number) + target_.path.extension().string());
  }

  void start() {
    file_ = {path(++number_), target_.meta.name, 0};
    if (file_.path.stem().string().size() > xpt_name_bytes_max)
      note(file_.path, "the name of a part has more than 8 characters");
    writer_ = create_dataset_file(file_.path, Format::xpt5, target_.meta, options_.write);
  }

  void finish() {
    const auto notes = writer_->commit();
    writer_.reset();
    out_.notes.insert(out_.notes.end(), notes.begin(), notes.end());
    const bool refused = std::ranges::any_of(notes, [](const FormatNote& one) { return one.refused; });
    if (!refused) out_.files.push_back(file_);
  }

  void note(const fs::path& file, const std::string& message) {
    out_.notes.push_back({.kind = FormatNote::Kind::name,
                          .dataset = target_.meta.name,
                          .value = file.string(),
                          .message = message});
  }

  const ConversionTarget& target_;
  std::int64_t rows_each_;
  const ConvertOptions& options_;
  Converted& out_;
  std::unique_ptr<DatasetWriter> writer_;
  Converted::File file_;
  int number_ = 0;
};

}  // namespace

void write_split_files(DatasetFile& in, const ConversionTarget& target, std::int64_t bytes,
                       const ConvertOptions& options, Converted& out) {
  if (target.meta.rows.value_or(0) < 2) return;
  Parts parts(target, rows_of_a_part(target.meta, bytes, options.split_bytes), options, out);
  in.read(target.dataset, [&](const Batch& batch) {
    base::check_stop();
    parts.take(batch);
    return true;
  });
  parts.close();
}

}  // namespace trialmill::formats
