// Start-up cost of what rules need: the tables of one SDTMIG version, an installed terminology package, the
// first look-up in it. The package is made up, as large as SDTM terminology of 2025 (1,158 codelists, 43,698
// terms).
//
//   build-bench/bench/standards_bench
#include <benchmark/benchmark.h>

#include "standards/sdtmig.hpp"
#include "standards/terminology_text.hpp"

namespace trialmill::standards {
namespace {

std::string made_up_package() {
  PackageWriter writer("made-up");
  for (int list = 0; list < 1158; ++list) {
    const std::string code = "C" + std::to_string(100000 + list);
    writer.add_codelist({code,
                         "LIST" + std::to_string(list),
                         "Codelist " + std::to_string(list),
                         "CDISC SDTM Codelist Terminology",
                         {"Another Name"},
                         list % 2 == 0},
                        list + 1);
    for (int term = 0; term < (list < 853 ? 38 : 37); ++term) {
      writer.add_term({code,
                       "C" + std::to_string(200000 + term),
                       "VALUE NUMBER " + std::to_string(term),
                       "The preferred term of a value",
                       {"a synonym", "and another"}},
                      term + 1);
    }
  }
  return writer.text({"madeupct-2031-01-31", "SDTM", "2031-01-31", 0, 0});
}

void read_package(benchmark::State& state) {
  const std::string text = made_up_package();
  for (auto _ : state) benchmark::DoNotOptimize(Package::from_text(text, "made-up"));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_package)->Unit(benchmark::kMillisecond);

void first_look_up(benchmark::State& state) {
  const std::string text = made_up_package();
  for (auto _ : state) {
    state.PauseTiming();
    const auto package = Package::from_text(text, "made-up");
    state.ResumeTiming();
    benchmark::DoNotOptimize(package->find_codelist("LIST7")->find("VALUE NUMBER 7"));
  }
}
BENCHMARK(first_look_up)->Unit(benchmark::kMicrosecond)->Iterations(20);

void read_guide(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(SdtmIg("3.4", "2.0"));
}
BENCHMARK(read_guide)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trialmill::standards
