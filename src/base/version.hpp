// What program this is: its version, and the identity of this very build.
#pragma once

#include <string>

namespace trialmill::base {

/// Version of the program; part of every stage's fingerprint, so a new program version re-runs the stages.
inline constexpr const char* program_version = "0.1.0";

/// The build id that the linker put into the running executable (ELF note NT_GNU_BUILD_ID): 40 lowercase hex
/// digits, another one for other code. "unknown" if there is none.
const std::string& build_id();

}  // namespace trialmill::base
