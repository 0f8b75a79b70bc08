// Ctrl-C and SIGTERM: long loops call check_stop(), which throws Error TM1099 (exit code 130).
#pragma once

namespace trialmill::base {

void install_stop_handler();
bool stop_requested() noexcept;
void check_stop();

}  // namespace trialmill::base
