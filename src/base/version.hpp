#pragma once

namespace trialmill::base {

/// Version of the program; part of every stage's fingerprint, so a new program version re-runs the stages.
inline constexpr const char* program_version = "0.1.0";

}  // namespace trialmill::base
