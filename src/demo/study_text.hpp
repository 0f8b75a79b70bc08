// The example study's texts (study.yaml, mappings, rulesets, codelists, rules): readable files under
// examples/vexin03, compiled into the program by cmake/EmbedFiles.cmake.
#pragma once

#include <string_view>
#include <vector>

namespace trialmill::demo {

struct StudyText {
  std::string_view path;  ///< relative to the study folder
  std::string_view content;
};

/// All of them, ordered by path.
const std::vector<StudyText>& study_texts();

}  // namespace trialmill::demo
