// Pieces of YAML for the mappings that an import writes.
#pragma once

#include <string>
#include <vector>

namespace trialmill::specs {

/// A YAML scalar: plain where that is safe, else in double quotes.
std::string scalar(const std::string& text);
/// [A, "B C"]
std::string flow_list(const std::vector<std::string>& texts);
/// Line ends and other control characters as blanks.
std::string one_line(std::string text);

}  // namespace trialmill::specs
