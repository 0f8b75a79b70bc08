// Runs the unit tests of a study's mappings (trialmill test).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "workflow/mapping_test_case.hpp"

namespace trialmill::workflow {

struct MappingTestResult {
  std::string name, dataset;
  base::Place place;
  bool passed = false;
  /// What is not as expected, a sentence each: "AE record 1 (line 7): AESTDTC is 2024-02-01, expected
  /// 2024-02".
  std::vector<std::string> differences;
};

/// Runs the cases of DIR/tests/*.yaml whose name or file holds `filter`. Each case runs the study's own
/// mappings over its rows, in memory and a temporary folder; the lake is only asked which columns raw tables
/// have. Errors: those of study::load; TM2861 no tests; TM2860 and base/yaml.hpp for a case that cannot be
/// understood.
std::vector<MappingTestResult> run_mapping_tests(const std::filesystem::path& study,
                                                 const std::string& filter);

}  // namespace trialmill::workflow
