// What is wrong with the example data, on purpose: counted while the files are written, so that the study's
// README can say how often, for whom, and what the program makes of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::demo {

enum class Dirt : std::size_t {
  partial_day,
  partial_month,
  ambiguous_date,
  unmapped_race,
  unmapped_severity,
  unmapped_route,
  duplicate_ae,
  duplicate_visit,
  duplicate_diary,
  screen_failure,
  rescreened,
  several_races,
  other_race,
  mixed_units,
  mixed_lab_units,
  missing_decimal_point,
  end_before_start,
  unknown_subject,
  late_update,
  corrected_lab,
  not_numeric_lab,
  not_done,
  unscheduled,
  malformed_line,
  long_text,
  non_ascii,
  windows_1252,
  count_
};

class DirtLog {
 public:
  /// Notes one case; the first few subjects are kept by number.
  void note(Dirt kind, std::string_view subject);

  struct Entry {
    std::int64_t cases = 0;
    std::vector<std::string> subjects;
  };
  const Entry& of(Dirt kind) const { return entries_[static_cast<std::size_t>(kind)]; }

  /// The Markdown table of the study's README: what, where, how many, which subjects, what happens to it, and
  /// which rules report it.
  std::string table() const;
  /// Markdown table of all findings that a first run gives: severity, rule, number.
  std::string expected_findings() const;

 private:
  std::array<Entry, static_cast<std::size_t>(Dirt::count_)> entries_;
};

}  // namespace trialmill::demo
