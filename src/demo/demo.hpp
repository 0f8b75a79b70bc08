// The example study VEXIN-03: raw data that the program makes itself, from a seed, always the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace trialmill::demo {

struct Options {
  std::filesystem::path folder = "demo";
  std::int64_t subjects = 120;  ///< 1 … 1,000,000; subject i has the same data whatever this is
  std::uint64_t seed = 1;
  bool overwrite =
      false;  ///< write into a folder that holds something else; replaces only what the example owns
};

struct Result {
  std::int64_t edc_rows = 0, lab_rows = 0, diary_rows = 0, wearable_rows = 0;
  std::int64_t rows() const { return edc_rows + lab_rows + diary_rows + wearable_rows; }
};

/// Writes the study folder aside and moves it into place. `progress` (may be empty) hears the share done,
/// 0…1. Errors: TM3101 folder not empty, TM3102 cannot write, TM3103 subjects out of range.
Result write_study(const Options& options, const std::function<void(double)>& progress = {});

}  // namespace trialmill::demo
