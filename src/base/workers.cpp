#include "base/workers.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace trialmill::base {

void run_workers(std::size_t workers, std::size_t tasks,
                 const std::function<void(std::size_t worker, std::size_t number)>& task) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  std::size_t failed = tasks;
  const auto work = [&](std::size_t worker) {
    for (std::size_t number = next++; number < tasks; number = next++) {
      try {
        task(worker, number);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (number < failed) {
          failed = number;
          failure = std::current_exception();
        }
        next = tasks;
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t worker = 1; worker < workers && worker < tasks; ++worker)
      others.emplace_back(work, worker);
    work(0);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace trialmill::base
