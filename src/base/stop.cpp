#include "base/stop.hpp"

#include <csignal>

#include "base/error.hpp"

namespace trialmill::base {

namespace {
volatile std::sig_atomic_t stopped = 0;
extern "C" void on_signal(int) {
  stopped = 1;
}
}  // namespace

void install_stop_handler() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  // A second signal ends the program at once, as users expect of Ctrl-C twice.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() noexcept {
  return stopped != 0;
}

void check_stop() {
  if (stopped) throw Error("TM1099", "interrupted", {}, "run again to go on", ErrorKind::interrupted);
}

}  // namespace trialmill::base
