// Independent pieces of a stage (sources, datasets), two at a time where that helps.
#pragma once

#include <cstddef>
#include <functional>

#include "study/stage.hpp"

namespace trialmill::study {

/// Calls task(own, number) for every number below `tasks`. With one engine thread (small studies) two run at
/// once, each with a session of its own in `own`; with more the engine uses all cores for each statement, and
/// two pieces at once would only need twice the memory. Findings go to the same place from both; progress is
/// told by the caller's thread only. An exception is that of the lowest number, the same in every run.
void side_by_side(Context& context, std::size_t tasks,
                  const std::function<void(Context& own, std::size_t number)>& task);

}  // namespace trialmill::study
