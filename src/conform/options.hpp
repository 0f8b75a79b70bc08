#pragma once

#include <string>

namespace trialmill::conform {

/// What the stage `validate` can be told beside the study.
struct Options {
  /// Standard that rules must name. The version is study.yaml's `standard: sdtmig`.
  std::string standard = "SDTMIG";
  /// Run the rules inside the program, too; false = only those of the study's rules folder.
  bool built_in_rules = true;
};

}  // namespace trialmill::conform
