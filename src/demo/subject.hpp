// One subject of the example study: who she is and how the trial went for her. The forms are written from
// this.
#pragma once

#include <cstdint>
#include <string>

#include "demo/dates.hpp"
#include "demo/random.hpp"

namespace trialmill::demo {

inline constexpr int site_count = 6;
inline constexpr int treatment_days = 84;

enum class App { none, mypaindiary, clue, flo };
enum class Device { none, fitbit, oura, apple };

struct Subject {
  std::uint64_t seed = 0;
  std::int64_t index = 0;  ///< 0 … subjects-1
  int site = 1;            ///< 1 … 6; sites 1-4 USA, 5 United Kingdom, 6 Germany
  std::string number;      ///< "3000007": site and number within it
  std::string previous;    ///< number under which she was screened before, or ""
  std::string first_name, last_name, email, city, latitude, longitude, device_id;
  Day birth = 0, consent = 0, first_dose = 0, last_dose = 0, last_contact = 0;
  bool screen_failure = false;
  bool discontinued = false;
  bool died = false;
  bool active_arm = false;
  App app = App::none;
  Device device = Device::none;
  int height_mm = 0, weight_g = 0, pain = 0;

  std::string site_text() const { return "0" + std::to_string(site); }
  Random random(Purpose purpose) const { return Random(seed, static_cast<std::uint64_t>(index), purpose); }
  /// index % every == at: how the dirt is spread, so that its place is known before anything is written.
  bool hit(int every, int at) const { return index % every == at; }
};

Subject make_subject(std::uint64_t seed, std::int64_t index);

}  // namespace trialmill::demo
