#include "cli/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

namespace trialmill::cli {

ProgressLine::ProgressLine(const Common& common)
    : terminal_(!common.quiet && ::isatty(STDERR_FILENO) == 1),
      plain_(!common.quiet && !terminal_ && common.verbose) {}

void ProgressLine::show(const std::string& step, double share, const std::string& what) {
  constexpr double delay = 1.0, interval = 0.2;  // seconds
  constexpr std::size_t width = 20;
  const double now = watch_.seconds();
  if (step != step_) {
    step_ = step;
    what_.clear();
    next_ = now + delay;
  }
  if (plain_ && !what.empty() && what != what_) {
    std::cerr << "  " << step << ": " << what << std::endl;
    what_ = what;
  }
  if (!terminal_ || now < next_) return;
  next_ = now + interval;
  shown_ = true;
  const auto done = static_cast<std::size_t>(share * static_cast<double>(width));
  std::cerr << fmt::format("\r\x1b[K  {} [{}{}] {:3.0f} % {}", step, std::string(done, '#'),
                           std::string(width - std::min(done, width), '.'), share * 100, what)
            << std::flush;
}

void ProgressLine::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace trialmill::cli
