#include "demo/subject.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"

namespace trialmill::demo {

namespace {

struct Town {
  const char* name;
  int latitude, longitude;  // thousandths of a degree
};
constexpr std::array<Town, site_count> towns{{{"Boston", 42360, -71058},
                                              {"Denver", 39739, -104990},
                                              {"Atlanta", 33749, -84388},
                                              {"Portland", 45515, -122678},
                                              {"Leeds", 53800, -1549},
                                              {"Köln", 50937, 6960}}};
constexpr std::array<const char*, 16> first_names{"Anna",  "Zoë",    "Maria", "Grace",  "Hannah", "Renée",
                                                  "Julia", "Aisha",  "Laura", "Nicole", "Emily",  "Mei",
                                                  "Sofia", "Ingrid", "Ruth",  "Chloe"};
constexpr std::array<const char*, 16> last_names{
    "Müller", "Okafor", "Lindqvist", "Nguyen", "O'Brien", "García", "Kowalski", "Chen",
    "Baker",  "Haddad", "Novak",     "Silva",  "Fischer", "Reyes",  "Walsh",    "Adeyemi"};

std::string number_of(std::int64_t index) {
  return fmt::format("{}{:06}", index % site_count + 1, index / site_count + 1);
}

/// Re-screening: every 40th subject fails screening and comes back as the one that follows her at the same
/// site.
bool is_rescreened(std::int64_t index) {
  return index % 120 == 31 || index % 120 == 79;
}
bool fails_screening(std::int64_t index) {
  return index % 120 == 25 || index % 120 == 73 || (index % 23 == 11 && !is_rescreened(index));
}

void set_person(Subject& subject, std::int64_t identity) {
  Random random(subject.seed, static_cast<std::uint64_t>(identity), Purpose::person);
  subject.first_name = random.pick(first_names);
  subject.last_name = random.pick(last_names);
  // Mail providers want ASCII: letters above it are left out.
  std::string local;
  for (const char letter : base::to_lower(subject.first_name + "." + subject.last_name)) {
    if (letter == '.' || (letter >= 'a' && letter <= 'z')) local += letter;
  }
  subject.email = fmt::format("{}{}@example.org", local, random.between(10, 99));
  const Town& town = towns[static_cast<std::size_t>(subject.site - 1)];
  subject.city = town.name;
  const auto degrees = [](int value) {
    return fmt::format("{}{}.{:03}", value < 0 ? "-" : "", std::abs(value) / 1000, std::abs(value) % 1000);
  };
  subject.latitude = degrees(town.latitude + random.between(-80, 80));
  subject.longitude = degrees(town.longitude + random.between(-80, 80));
  subject.device_id = fmt::format("{:08X}", random.next() >> 32);
  subject.birth = day_of(2024, 1, 8) - random.between(19 * 366, 49 * 365);
  subject.height_mm = random.around(1650, 180);
  subject.weight_g = random.around(68000, 26000);
  subject.pain = random.between(5, 9);
}

void set_course(Subject& subject) {
  Random random = subject.random(Purpose::trial);
  subject.consent = day_of(2024, 1, 8) + random.below(140) + (subject.previous.empty() ? 0 : 30);
  subject.active_arm = random.below(2) == 1;
  subject.first_dose = subject.consent + 14 + random.below(4);
  subject.last_dose = subject.first_dose + treatment_days - 1 + random.between(-1, 1);
  subject.discontinued = subject.hit(14, 9);
  subject.died = subject.hit(600, 77);
  if (subject.discontinued || subject.died) subject.last_dose = subject.first_dose + random.between(20, 60);
  subject.last_contact = subject.last_dose + random.between(0, 3);
  if (subject.screen_failure) subject.last_contact = subject.consent + random.between(2, 9);
}

}  // namespace

Subject make_subject(std::uint64_t seed, std::int64_t index) {
  Subject subject;
  subject.seed = seed;
  subject.index = index;
  subject.site = static_cast<int>(index % site_count) + 1;
  subject.number = number_of(index);
  const bool rescreened = is_rescreened(index);
  if (rescreened) subject.previous = number_of(index - site_count);
  subject.screen_failure = fails_screening(index);
  set_person(subject, rescreened ? index - site_count : index);
  set_course(subject);
  if (subject.screen_failure) return subject;
  constexpr std::array<App, 10> apps{App::mypaindiary, App::clue, App::flo,  App::mypaindiary, App::clue,
                                     App::mypaindiary, App::flo,  App::none, App::mypaindiary, App::clue};
  subject.app = apps[static_cast<std::size_t>(index % 10)];
  // The device sub-study takes no more subjects after the 7,200th: one file each is enough of a folder.
  if (index < 7200) {
    if (index % 24 == 1) subject.device = Device::fitbit;
    if (index % 24 == 4) subject.device = Device::oura;
    if (index % 24 == 6) subject.device = Device::apple;
  }
  return subject;
}

}  // namespace trialmill::demo
