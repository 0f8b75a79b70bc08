// All error codes of the program, gathered from the errors.def of every folder.
#pragma once

#include <string>
#include <vector>

namespace trialmill::cli {

struct ErrorCode {
  const char* code;
  const char* title;
  const char* explanation;
};

const ErrorCode* find_error_code(const std::string& code);  ///< nullptr if unknown
std::vector<std::string> all_error_codes();

}  // namespace trialmill::cli
