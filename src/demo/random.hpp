// The example study's own random numbers: integers only, so that every machine and compiler makes the same
// bytes. (The distributions of the standard library differ between implementations.) For the same reason no
// two numbers are drawn among the arguments of one call, whose order is the compiler's choice; within braces
// the order is fixed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace trialmill::demo {

/// What a stream of numbers is for. Each purpose of each subject has a stream of its own, so a new variable
/// in one form leaves all other data as they were.
enum class Purpose : std::uint64_t {
  person = 1,
  trial,
  adverse,
  medication,
  history,
  exposure,
  vitals,
  lab,
  diary,
  device,
  symptoms
};

/// SplitMix64 (Steele, Lea and Flood 2014): 64 bits of state, passes BigCrush, needs no warming up.
class Random {
 public:
  /// Depends on nothing but the three values: subject 7 has the same data in a study of 10 and of 1,000,000.
  Random(std::uint64_t seed, std::uint64_t subject, Purpose purpose)
      : state_(mix(mix(mix(seed) + subject) + static_cast<std::uint64_t>(purpose))) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    return mix(state_);
  }
  /// 0 … count-1. The bias of the multiplication is below 2^-32 for the small counts used here.
  int below(int count) {
    return static_cast<int>(((next() >> 32) * static_cast<std::uint64_t>(count)) >> 32);
  }
  /// low … high, both included.
  int between(int low, int high) { return low + below(high - low + 1); }
  /// True in `share` of 1000 cases.
  bool per_mille(int share) { return below(1000) < share; }
  /// Bell-shaped around `centre`: the mean of four uniform draws over ±spread (spread is the extreme, not
  /// sigma).
  int around(int centre, int spread) {
    int sum = 0;
    for (int draw = 0; draw < 4; ++draw) sum += between(-spread, spread);
    return centre + sum / 4;
  }
  template <typename Item, std::size_t Size>
  const Item& pick(const std::array<Item, Size>& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(Size)))];
  }

 private:
  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
  }
  std::uint64_t state_;
};

}  // namespace trialmill::demo
