// Bytes a second through the Dataset-JSON (NDJSON) writer and reader, 20 columns (12 text, 8 numbers).
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "formats/dataset_json_file.hpp"

namespace trialmill::formats {
namespace {

constexpr std::size_t text_columns = 12, columns = 20;
constexpr std::size_t rows = 1'000'000;

std::filesystem::path bench_file() {
  return std::filesystem::temp_directory_path() /
         ("trialmill-bench-" + std::to_string(::getpid()) + ".ndjson");
}

void write_rows() {
  DatasetMeta meta;
  meta.name = "LB";
  for (std::size_t c = 0; c < columns; ++c) {
    Variable variable;
    variable.name = "COL" + std::to_string(c);
    variable.storage = c < text_columns ? Storage::text : Storage::number;
    variable.type = c < text_columns ? ValueType::text : ValueType::floating;
    meta.variables.push_back(variable);
  }
  const auto writer = create_dataset_json(bench_file(), meta, {}, DatasetJsonForm::lines);
  Batch batch;
  batch.columns.resize(columns);
  for (std::size_t first = 0; first < rows; first += batch_rows_max) {
    batch.rows = std::min(batch_rows_max, rows - first);
    for (std::size_t c = 0; c < columns; ++c) {
      batch.columns[c].texts.assign(c < text_columns ? batch.rows : 0, "STUDY01-001-1234");
      batch.columns[c].numbers.clear();
      for (std::size_t r = 0; c >= text_columns && r < batch.rows; ++r)
        batch.columns[c].numbers.push_back(static_cast<double>(first + r) * 0.37 + static_cast<double>(c));
    }
    writer->write(batch);
  }
  writer->commit();
}

void write_ndjson(benchmark::State& state) {
  for (auto _ : state) write_rows();
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(std::filesystem::file_size(bench_file())));
  std::filesystem::remove(bench_file());
}

void read_ndjson(benchmark::State& state) {
  write_rows();
  for (auto _ : state) {
    const auto file = open_dataset_json(bench_file(), {});
    double sum = 0;
    file->read(0, [&](const Batch& batch) {
      for (const auto& column : batch.columns) {
        for (const auto text : column.texts) sum += static_cast<double>(text.size());
        for (const double number : column.numbers) sum += number;
      }
      return true;
    });
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(std::filesystem::file_size(bench_file())));
  std::filesystem::remove(bench_file());
}

BENCHMARK(write_ndjson)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(read_ndjson)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace trialmill::formats
