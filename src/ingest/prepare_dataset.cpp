// Files of statistical systems and EDC exports (SAS, Excel, Parquet, Dataset-JSON, ODM …) through the readers
// of formats/, as text.
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "formats/convert.hpp"
#include "ingest/prepare.hpp"

namespace trialmill::ingest {

namespace {

findings::Finding remark_of(const study::Source& source, const Delivered& file,
                            const formats::FormatNote& note) {
  auto finding = crawl_finding("TM2017", findings::Severity::info, source, file.name, note.row, note.message,
                               note.value);
  finding.variable = note.variable;
  if (note.count > 1) finding.message += ", " + std::to_string(note.count) + " times";
  return finding;
}

}  // namespace

Prepared prepare_dataset(const study::Source& source, const Delivered& file, int part, CleanCopies& copies) {
  Prepared out;
  out.sha256 = base::sha256_of_file(file.path);
  out.bytes = static_cast<std::int64_t>(std::filesystem::file_size(file.path));
  if (out.bytes == 0) return out;
  formats::ReadOptions options;
  options.encoding = source.encoding;
  options.header_lines = source.header_lines;
  if (!source.delimiter.empty()) options.delimiter = source.delimiter[0];
  const auto in = formats::open_dataset_file(file.path, options);
  const std::size_t dataset = formats::pick_dataset(*in, source.member, file.name);
  const auto& variables = in->datasets()[dataset].variables;
  for (const auto& variable : variables) out.columns.push_back(variable.name);
  copies.select(source.name, part, ',', out.columns);
  std::vector<std::string> fields(variables.size());
  std::int64_t codes = 0;
  in->read(dataset, [&](const formats::Batch& batch) {
    base::check_stop();
    for (std::size_t row = 0; row < batch.rows; ++row) {
      for (std::size_t c = 0; c < fields.size(); ++c) {
        const bool missing = batch.is_missing(row, c);
        fields[c] = missing ? "" : formats::value_text(batch, row, c, variables[c]);
        if (missing && variables[c].storage == formats::Storage::number &&
            batch.columns[c].missing[row] != '.')
          ++codes;
      }
      copies.add_fields(++out.records, fields);
    }
    return true;
  });
  for (const auto& note : in->notes()) out.remarks.push_back(remark_of(source, file, note));
  if (codes > 0) {
    out.remarks.push_back(
        crawl_finding("TM2017", findings::Severity::info, source, file.name, 0,
                      std::to_string(codes) + " special missing codes (.A, .B …) are read as missing"));
  }
  return out;
}

}  // namespace trialmill::ingest
