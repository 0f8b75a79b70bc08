// Datasets of any format that formats/ reads, batch by batch into columns.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "conform/load.hpp"
#include "formats/dataset_file.hpp"

namespace trialmill::conform {

namespace {

using formats::Batch;
using formats::Storage;
using formats::Variable;

/// A column while it is filled.
struct Filling {
  TextColumnBuilder texts;
  std::vector<double> numbers;
};

/// Dates that a file counts are dates for the rules too: as the ISO 8601 text that people see.
bool is_counted(const Variable& variable) {
  return variable.storage == Storage::number &&
         (variable.type == formats::ValueType::date || variable.type == formats::ValueType::time ||
          variable.type == formats::ValueType::datetime);
}

void append(Filling& filling, const Batch& batch, std::size_t c, const Variable& variable) {
  if (variable.storage == Storage::text) {
    for (std::size_t row = 0; row < batch.rows; ++row) filling.texts.add(batch.columns[c].texts[row]);
    return;
  }
  const bool counted = is_counted(variable);
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (counted)
      filling.texts.add(batch.is_missing(row, c) ? "" : formats::value_text(batch, row, c, variable));
    else
      filling.numbers.push_back(batch.columns[c].numbers[row]);  // missing is NaN
  }
}

Part part_of(formats::DatasetFile& file, std::size_t dataset, const std::filesystem::path& path) {
  const formats::DatasetMeta& meta = file.datasets()[dataset];
  Part part;
  part.name = base::to_upper(meta.name.empty() ? path.stem().string() : meta.name);
  part.file = path.filename().string();
  part.label = meta.label;
  part.size = static_cast<double>(std::filesystem::file_size(path));
  std::map<std::string, int> seen;
  for (const Variable& variable : meta.variables) {
    if (seen[base::to_upper(variable.name)]++ > 0)
      throw base::usage_error("TM2402", "the column " + variable.name + " comes twice", {part.file, 0, 0});
    part.variables.push_back({variable.name, variable.label,
                              variable.storage == Storage::text ? "Char" : "Num",
                              static_cast<double>(variable.length)});
  }
  std::vector<Filling> columns(meta.variables.size());
  file.read(dataset, [&](const Batch& batch) {
    for (std::size_t c = 0; c < columns.size(); ++c) append(columns[c], batch, c, meta.variables[c]);
    part.frame.rows += batch.rows;
    return true;
  });
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const Variable& variable = meta.variables[c];
    std::vector<double>& numbers = columns[c].numbers;
    const bool whole = variable.type == formats::ValueType::integer &&
                       std::none_of(numbers.begin(), numbers.end(), [](double n) { return std::isnan(n); });
    part.frame.columns.emplace_back(variable.name,
                                    variable.storage == Storage::number && !is_counted(variable)
                                        ? std::make_shared<const Column>(std::move(numbers), whole)
                                        : columns[c].texts.finish());
  }
  return part;
}

}  // namespace

void load_dataset_file(Data& data, const std::filesystem::path& path) {
  const auto file = formats::open_dataset_file(path);
  for (std::size_t dataset = 0; dataset < file->datasets().size(); ++dataset)
    data.add(part_of(*file, dataset, path));
}

}  // namespace trialmill::conform
