// Releases in the formats of formats/ that need no engine: Dataset-JSON in its three forms, Excel.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "formats/dataset_file.hpp"
#include "publish/writers.hpp"

namespace trialmill::publish {

namespace {

formats::DatasetMeta meta_of(const Dataset& dataset, const std::string& study) {
  formats::DatasetMeta meta;
  meta.name = dataset.name;
  meta.label = dataset.label;
  meta.rows = dataset.rows;
  meta.attributes["studyOID"] = study;
  for (const auto& column : dataset.columns) {
    formats::Variable variable;
    variable.name = column.name;
    variable.label = column.label;
    if (column.is_text) {
      variable.length = static_cast<int>(std::max<std::int64_t>(1, column.bytes_max));
    } else {
      variable.storage = formats::Storage::number;
      variable.type = column.is_integer ? formats::ValueType::integer : formats::ValueType::floating;
    }
    const auto key = std::find(dataset.keys.begin(), dataset.keys.end(), column.name);
    if (key != dataset.keys.end()) variable.key_sequence = static_cast<int>(key - dataset.keys.begin()) + 1;
    meta.variables.push_back(std::move(variable));
  }
  return meta;
}

formats::Batch batch_of(const Dataset& dataset, const table::Result& piece) {
  formats::Batch batch;
  batch.rows = piece.rows();
  batch.columns.resize(piece.columns());
  for (std::size_t c = 0; c < piece.columns(); ++c) {
    auto& column = batch.columns[c];
    for (std::size_t r = 0; r < batch.rows; ++r) {
      const bool missing = piece.is_null(r, c);
      if (dataset.columns[c].is_text) {
        column.texts.push_back(missing ? std::string_view() : piece.view(r, c));
        continue;
      }
      column.numbers.push_back(missing ? std::nan("") : piece.number(r, c));
      column.missing.push_back(missing ? '.' : '\0');
    }
  }
  return batch;
}

}  // namespace

void write_dataset_file(table::Session& session, const Dataset& dataset, const std::filesystem::path& file,
                        formats::Format format, const std::string& created, const std::string& study) {
  formats::WriteOptions options;
  options.created = created;
  const auto writer = formats::create_dataset_file(file, format, meta_of(dataset, study), options);
  session.stream(dataset.select(), [&](const table::Result& piece) {
    writer->write(batch_of(dataset, piece));
    return true;
  });
  for (const auto& note : writer->commit()) {
    if (!note.refused) continue;
    throw base::Error("TM2501",
                      dataset.name + " cannot be written: " + note.message + " (" + note.variable + ")",
                      {file.string()}, "leave this format out of publish.formats, or shorten the value");
  }
}

}  // namespace trialmill::publish
