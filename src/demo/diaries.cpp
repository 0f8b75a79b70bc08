#include "demo/diaries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace trialmill::demo {

namespace {

constexpr std::array<const char*, 5> moods{"Calm", "Tired", "Irritable", "Anxious", "Happy"};
constexpr std::array<const char*, 5> remedies{"None", "Ibuprofen", "Heat", "Ibuprofen; Heat", "Naproxen"};

int clamp_pain(int value) {
  return std::clamp(value, 0, 10);
}

/// Day of a 28-day cycle whose start differs between subjects.
int cycle_day(const Subject& subject, Day day) {
  return static_cast<int>((day + subject.index * 5) % 28) + 1;
}

}  // namespace

Diaries::Diaries(const fs::path& inbox, DirtLog& dirt)
    : dirt_(dirt),
      mypaindiary_(
          inbox / "diary" / "mypaindiary.csv",
          {"Patient_ID", "Name", "Email", "Device_ID", "Date", "Time", "Pain_Morning", "Pain_Evening",
           "Bleeding", "Medication", "Mood", "City", "Latitude", "Longitude", "Notes"}),
      clue_(inbox / "diary" / "clue.ndjson"),
      flo_(inbox / "diary" / "flo.csv",
           {"user_id", "email", "entry_date", "cycle_day", "pain_level", "flow", "sleep_hours", "note"},
           {.delimiter = ';'}) {}

void Diaries::close() {
  mypaindiary_.close();
  clue_.close();
  flo_.close();
}

void Diaries::write(const Subject& subject) {
  if (subject.app == App::none) return;
  Random random = subject.random(Purpose::diary);
  for (Day day = subject.consent; day <= subject.last_contact; ++day) {
    const int week = (day - subject.first_dose) / 7;
    const int relief = day < subject.first_dose ? 0 : std::min(week / 3 + 1, subject.active_arm ? 4 : 2);
    const int menses = cycle_day(subject, day) <= 5 ? 2 : 0;
    const int pain = clamp_pain(random.around(subject.pain - relief + menses, 3));
    if (random.per_mille(70)) continue;  // entry missed
    switch (subject.app) {
      case App::mypaindiary:
        write_mypaindiary(subject, day, pain, random);
        break;
      case App::clue:
        write_clue(subject, day, pain, random);
        break;
      case App::flo:
        write_flo(subject, day, pain, random);
        break;
      case App::none:
        break;
    }
  }
}

void Diaries::write_mypaindiary(const Subject& subject, Day day, int pain, Random& random) {
  const bool bleeding = cycle_day(subject, day) <= 5;
  const int hour = random.between(18, 22);
  const std::string note = random.per_mille(15) ? fmt::format("Bad day, call me: {}", subject.email) : "";
  const std::vector<std::string> row{subject.number,
                                     subject.first_name + " " + subject.last_name,
                                     subject.email,
                                     subject.device_id,
                                     date_text(day, DateStyle::iso),
                                     clock_text(hour, random.between(0, 59)),
                                     std::to_string(clamp_pain(pain + random.between(-1, 1))),
                                     std::to_string(pain),
                                     bleeding ? "Yes" : "No",
                                     random.pick(remedies),
                                     random.pick(moods),
                                     subject.city,
                                     subject.latitude,
                                     subject.longitude,
                                     note};
  mypaindiary_.row(row);
  if (day == subject.first_dose && subject.hit(20, 3)) {
    mypaindiary_.row(row);
    dirt_.note(Dirt::duplicate_diary, subject.number);
  }
}

void Diaries::write_clue(const Subject& subject, Day day, int pain, Random& random) {
  const std::string date = date_text(day, DateStyle::iso);
  const auto put = [&](const char* type, const std::string& value) {
    const std::uint64_t high = random.next();
    const std::uint64_t low = random.next();
    buffer_.clear();
    fmt::format_to(std::back_inserter(buffer_),
                   R"({{"type":"{}","id":"{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}","date":"{}","value":{},)"
                   R"("user":{{"id":"{}","email":"{}"}}}})"
                   "\n",
                   type, high >> 32, (high >> 16) & 0xFFFF, high & 0xFFF, low >> 52, low & 0xFFFFFFFFFFFFULL,
                   date, value, subject.number, subject.email);
    clue_.write(buffer_);
    ++clue_.rows;
  };
  put("pain", fmt::format(R"({{"option":"pelvic_pain","score":{}}})", pain));
  const int of_cycle = cycle_day(subject, day);
  if (of_cycle <= 5) put("period", fmt::format(R"({{"option":"{}"}})", of_cycle <= 3 ? "heavy" : "light"));
  if (random.per_mille(500)) put("feelings", fmt::format(R"({{"option":"{}"}})", random.pick(moods)));
}

void Diaries::write_flo(const Subject& subject, Day day, int pain, Random& random) {
  const int of_cycle = cycle_day(subject, day);
  const int minutes = random.between(300, 540);
  flo_.row({subject.number, subject.email, date_text(day, DateStyle::iso) + " 00:00:00.0",
            std::to_string(of_cycle), std::to_string(pain),
            of_cycle <= 3   ? "heavy"
            : of_cycle <= 5 ? "light"
                            : "none",
            fmt::format("{}.{}", minutes / 60, minutes % 60 / 6),
            random.per_mille(20) ? "Krämpfe; \"stark\"" : ""});
}

}  // namespace trialmill::demo
