// Independent tasks on a few threads.
#pragma once

#include <cstddef>
#include <functional>

namespace trialmill::base {

/// Calls task(worker, number) for every number below `tasks`, in order, on `workers` threads of which the
/// caller's is worker 0. When tasks throw, no new ones are begun and the exception of the lowest number is
/// thrown: it is the same one in every run.
void run_workers(std::size_t workers, std::size_t tasks,
                 const std::function<void(std::size_t worker, std::size_t number)>& task);

}  // namespace trialmill::base
