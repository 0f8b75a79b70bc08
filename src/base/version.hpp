#pragma once

#include <string>

namespace trialmill::base {

/// Version of the program; part of every stage's fingerprint, so a new program version re-runs the stages.
inline constexpr const char* program_version = "0.1.0";

/// Which build of that version this is: the linker's build id (a hash of the program's content), 16 hex
/// digits;
/// "" if the linker wrote none.
std::string program_build();

}  // namespace trialmill::base
