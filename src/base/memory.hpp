// How much memory the process held at most, for reports and benchmarks.
#pragma once

namespace trialmill::base {

/// Lets the next peak count from now, where the kernel allows it (Linux with /proc); no harm elsewhere.
void forget_peak_memory();

/// Most resident memory, in MiB, since forget_peak_memory() or the start of the process.
double peak_memory_mib();

}  // namespace trialmill::base
