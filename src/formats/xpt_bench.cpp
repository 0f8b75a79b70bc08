// Rows a second through the XPORT writer and reader, 20 columns (12 text, 8 numbers). bench/readstat_xpt.c
// does the same.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "formats/xpt_file.hpp"
#include "formats/xpt_reader.hpp"
#include "formats/xpt_writer.hpp"

namespace trialmill::formats {
namespace {

constexpr std::size_t text_columns = 12, columns = 20;
constexpr int rows = 1'000'000;

std::filesystem::path bench_file() {
  return std::filesystem::temp_directory_path() / ("trialmill-bench-" + std::to_string(::getpid()) + ".xpt");
}

void write_rows() {
  XptMember member;
  member.name = "LB";
  for (std::size_t c = 0; c < columns; ++c) {
    XptColumn column;
    column.name = "COL" + std::to_string(c);
    column.is_text = c < text_columns;
    column.length = column.is_text ? 16 : 8;
    member.columns.push_back(column);
  }
  XptWriter writer(bench_file(), member);
  for (int row = 0; row < rows; ++row) {
    for (std::size_t c = 0; c < columns; ++c) {
      if (c < text_columns)
        writer.text(c, "STUDY01-001-1234");
      else
        writer.number(c, row * 0.37 + static_cast<double>(c));
    }
    writer.end_row();
  }
  writer.commit();
}

void write_xpt(benchmark::State& state) {
  for (auto _ : state) write_rows();
  state.SetItemsProcessed(state.iterations() * rows);
  std::filesystem::remove(bench_file());
}

void read_xpt(benchmark::State& state) {
  write_rows();
  for (auto _ : state) {
    const auto file = XptFile::open(bench_file());
    double sum = 0;
    for (const auto& table : file.tables()) {
      for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t c = 0; c < columns; ++c) {
          sum +=
              c < text_columns ? static_cast<double>(table.text(row, c).size()) : table.number(row, c).value;
        }
      }
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * rows);
  std::filesystem::remove(bench_file());
}

/// The same through the shape that all formats have: batches, decoded text.
void read_xpt_batches(benchmark::State& state) {
  write_rows();
  for (auto _ : state) {
    const auto file = open_xpt(bench_file(), {});
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
  state.SetItemsProcessed(state.iterations() * rows);
  std::filesystem::remove(bench_file());
}

BENCHMARK(write_xpt)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(read_xpt)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(read_xpt_batches)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace trialmill::formats
