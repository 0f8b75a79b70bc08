// How fast a delimited file is scanned:
//   build-bench/bench/formats_bench --benchmark_filter=Csv
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "formats/csv_scan.hpp"

namespace trialmill::formats {
namespace {

/// 200,000 records of ten fields; `quoted`: with quoted text in each.
std::filesystem::path write_file(bool quoted) {
  const auto path =
      std::filesystem::temp_directory_path() / ("trialmill-bench-" + std::to_string(::getpid()) + ".csv");
  std::ofstream out(path, std::ios::binary);
  out << "STUDYID,SITEID,SUBJID,VISIT,LBTEST,LBORRES,LBORRESU,LBDTC,LBNAM,LBCOM\n";
  for (int i = 0; i < 200'000; ++i) {
    out << "VEXIN-03,0" << i % 9 << "," << i << ",WEEK 4,Hemoglobin,13." << i % 10
        << ",g/dL,2024-03-01T08:15,Central," << (quoted ? "\"drawn twice, see \"\"note\"\"\"" : "drawn twice")
        << "\n";
  }
  return path;
}

void BM_CsvScan(benchmark::State& state) {
  const auto path = write_file(state.range(0) != 0);
  std::int64_t bytes = 0, records = 0;
  for (auto _ : state) {
    const CsvScan scan = scan_csv(path, ',', "bench.csv");
    bytes += scan.bytes;
    records += scan.records;
  }
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(records);
  std::filesystem::remove(path);
}
BENCHMARK(BM_CsvScan)->ArgName("quoted")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trialmill::formats
