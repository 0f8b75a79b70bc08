#include "demo/edc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trialmill::demo {

namespace {

/// Site 04 exports with a byte order mark, CRLF and dates as in the USA; site 06 writes history in
/// windows-1252.
Dialect dialect_of(const std::string& form, int site) {
  Dialect out;
  out.crlf = out.byte_order_mark = site == 4;
  out.windows_1252 = site == 6 && form == "mh";
  return out;
}

/// As the site writes dates on its forms (CM excepted, which every site enters the same way; see
/// `ambiguous_date`).
std::string date(const Subject& subject, Day day) {
  return date_text(day, subject.site == 4 ? DateStyle::us : DateStyle::edc);
}

std::string tenths(int value) {
  return fmt::format("{}.{}", value / 10, value % 10);
}

const std::map<std::string, std::vector<std::string>>& headers() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"dm",
       {"SITEID", "SUBJECT", "COUNTRY", "ICDAT", "BRTHDAT", "SEX", "RACE1", "RACE2", "RACE3", "RACEOTH",
        "ETHNIC", "RESCREEN", "PREVSUBJ", "ARMCD", "ARMNRS", "RANDDAT"}},
      {"ae",
       {"SITEID", "SUBJECT", "AESPID", "AETERM", "AEDECOD", "AEBODSYS", "AESTDAT", "AEENDAT", "AEONGO",
        "AESEV", "AESER", "AESDTH", "AESHOSP", "AEREL", "AEACN", "AEOUT"}},
      {"cm",
       {"SITEID", "SUBJECT", "CMSPID", "CMTRT", "CMINDC", "CMDOSE", "CMDOSU", "CMFREQ", "CMROUTE", "CMSTDAT",
        "CMENDAT", "CMONGO"}},
      {"mh", {"SITEID", "SUBJECT", "MHSPID", "MHTERM", "MHDECOD", "MHSTDAT", "MHONGO"}},
      {"ex",
       {"SITEID", "SUBJECT", "EXSPID", "EXTRT", "EXDOSE", "EXDOSU", "EXFORM", "EXFREQ", "EXROUTE", "EXSTDAT",
        "EXENDAT"}},
      {"vs",
       {"SITEID", "SUBJECT", "VISIT", "VSPERF", "VSREASND", "VSDAT", "VSTIM", "POSITION", "SYS", "DIA",
        "PULSE", "TEMP", "TEMPU", "WT", "WTU", "HT", "HTU"}},
      {"ds", {"SITEID", "SUBJECT", "DSSPID", "DSCAT", "DSTERM", "DSDECOD", "DSDAT"}},
      {"sy",
       {"SITEID", "SUBJECT", "VISIT", "SYDAT", "DYSMENYN", "DYSMENSEV", "DYSPARYN", "DYSPARSEV", "PGIS",
        "PGIC"}}};
  return all;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

struct Event {
  const char *term, *german, *coded, *organ;
};
constexpr std::array<Event, 10> events{
    {{"Headache", "Kopfschmerzen", "Headache", "Nervous system disorders"},
     {"nausea", "Übelkeit", "Nausea", "Gastrointestinal disorders"},
     {"Hot flashes", "Hitzewallungen", "Hot flush", "Vascular disorders"},
     {"Dizziness", "Schwindelgefühl", "Dizziness", "Nervous system disorders"},
     {"FATIGUE", "Müdigkeit", "Fatigue", "General disorders and administration site conditions"},
     {"Insomnia", "Schlafstörung", "Insomnia", "Psychiatric disorders"},
     {"Pelvic pain, worsened", "Unterbauchschmerz, stärker", "Pelvic pain",
      "Reproductive system and breast disorders"},
     {"Common cold", "Erkältung", "Nasopharyngitis", "Infections and infestations"},
     {"Joint pain", "Gelenkschmerz", "Arthralgia", "Musculoskeletal and connective tissue disorders"},
     {"Bloating", "Blähbauch", "Abdominal distension", "Gastrointestinal disorders"}}};

constexpr const char* long_term =
    "Pain in the lower left abdomen that began after the evening dose, spread to the back and the left "
    "thigh, was worse "
    "on standing and on climbing stairs, eased after lying down with a hot water bottle for about two hours, "
    "and came "
    "back twice during the following night";

struct Drug {
  const char *name, *reason, *dose, *unit, *route;
};
constexpr std::array<Drug, 7> drugs{{{"Ibuprofen", "Pelvic pain", "400", "mg", "Oral"},
                                     {"Naproxen", "Pelvic pain", "250", "mg", "Oral"},
                                     {"Paracetamol", "Headache", "500", "mg", "Oral"},
                                     {"Iron sulfate", "Anaemia", "80", "mg", "Oral"},
                                     {"Diclofenac gel", "Back pain", "1", "g", "Topical"},
                                     {"Cetirizine", "Hay fever", "10", "mg", "Oral"},
                                     {"Vitamin D", "Supplement", "25", "ug", "Oral"}}};

struct Condition {
  const char *term, *german, *coded;
};
constexpr std::array<Condition, 6> conditions{
    {{"Migraine", "Migräne", "Migraine"},
     {"Hay fever", "Heuschnupfen", "Seasonal allergy"},
     {"Irritable bowel syndrome", "Reizdarm", "Irritable bowel syndrome"},
     {"Iron deficiency", "Eisenmangelanämie", "Iron deficiency"},
     {"Appendix removed", "Blinddarm-OP (früher)", "Appendicectomy"},
     {"Asthma", "Asthma bronchiale", "Asthma"}}};

}  // namespace

Edc::Edc(const fs::path& inbox, DirtLog& dirt) : dirt_(dirt) {
  for (const auto& [name, header] : headers()) {
    for (int site = 1; site <= site_count; ++site) {
      forms_[name].push_back(std::make_unique<CsvFile>(
          inbox / "edc" / fmt::format("{}_{:02}.csv", name, site), header, dialect_of(name, site)));
    }
  }
  late_update_ = std::make_unique<CsvFile>(inbox / "edc" / "ae_03_update.csv", headers().at("ae"));
}

CsvFile& Edc::form(const std::string& name, int site) {
  return *forms_.at(name)[static_cast<std::size_t>(site - 1)];
}

void Edc::close() {
  for (auto& [name, files] : forms_) {
    for (auto& file : files) file->close();
  }
  late_update_->close();
}

std::int64_t Edc::rows() const {
  std::int64_t sum = late_update_->rows();
  for (const auto& [name, files] : forms_) {
    for (const auto& file : files) sum += file->rows();
  }
  return sum;
}

void Edc::write(const Subject& subject) {
  write_demographics(subject);
  write_history(subject);
  write_vitals(subject);
  write_disposition(subject);
  if (subject.screen_failure) return;
  write_adverse_events(subject);
  write_medications(subject);
  write_exposure(subject);
  write_symptoms(subject);
}

void Edc::write_demographics(const Subject& subject) {
  // The same person has the same race and ethnicity under both of her numbers.
  const auto identity =
      static_cast<std::uint64_t>(subject.previous.empty() ? subject.index : subject.index - site_count);
  Random random(subject.seed, identity, Purpose::history);
  constexpr std::array<const char*, 8> races{"White",
                                             "White",
                                             "White",
                                             "Black/African American",
                                             "Asian",
                                             "Asian",
                                             "American Indian/Alaska Native",
                                             "Native Hawaiian/Pacific Islander"};
  std::string race = random.pick(races), second, third, other;
  if (subject.hit(19, 5)) {
    second = race == "White" ? "Asian" : "White";
    if (subject.hit(57, 24)) third = race == "Black/African American" ? "Asian" : "Black/African American";
    if (third == second) third = "American Indian/Alaska Native";
    dirt_.note(Dirt::several_races, subject.number);
  } else if (subject.hit(29, 8)) {
    race = "Other";
    other = subject.site == 6 ? "Sámi" : "Maori";
    dirt_.note(Dirt::other_race, subject.number);
    if (!is_ascii(other)) dirt_.note(Dirt::non_ascii, subject.number);
  } else if (subject.hit(60, 13)) {
    race = "Caucasian/European";
    dirt_.note(Dirt::unmapped_race, subject.number);
  }
  const char* country = subject.site <= 4   ? "United States"
                        : subject.site == 5 ? "United Kingdom"
                                            : "Germany";
  const char* sex = subject.site == 6 ? "F" : subject.hit(7, 3) ? "female " : "Female";
  const std::string ethnic = random.per_mille(160) ? "Hispanic or Latino" : "Not Hispanic/Latino";
  const bool failed = subject.screen_failure;
  if (failed) dirt_.note(Dirt::screen_failure, subject.number);
  if (!subject.previous.empty()) dirt_.note(Dirt::rescreened, subject.number);
  form("dm", subject.site)
      .row({subject.site_text(), subject.number, country, date(subject, subject.consent),
            date(subject, subject.birth), sex, race, second, third, other, ethnic,
            subject.previous.empty() ? "No" : "Yes", subject.previous,
            failed               ? ""
            : subject.active_arm ? "VEX50"
                                 : "PBO",
            failed ? "Screen failure" : "", failed ? "" : date(subject, subject.first_dose)});
}

void Edc::write_adverse_events(const Subject& subject) {
  Random random = subject.random(Purpose::adverse);
  const bool dirty = subject.hit(11, 3) || subject.hit(37, 14) || subject.hit(29, 10) ||
                     subject.hit(31, 16) || subject.hit(41, 20) || subject.hit(600, 17);
  int count = random.below(4);
  if (count == 0 && (dirty || subject.died)) count = 1;
  for (int number = 1; number <= count; ++number) write_adverse_event(subject, number, random);
  if (subject.hit(300, 7)) {
    form("ae", subject.site)
        .raw_line(fmt::format("{},{},{},Back pain", subject.site_text(), subject.number, count + 1));
    dirt_.note(Dirt::malformed_line, subject.number);
  }
}

void Edc::write_adverse_event(const Subject& subject, int number, Random& random) {
  const Event& event = random.pick(events);
  const bool first = number == 1;
  const Day start =
      subject.first_dose + random.below(std::max(2, subject.last_dose - subject.first_dose - 12));
  Day end = start + random.between(1, 12);
  const bool ongoing = random.per_mille(150) && !first;
  std::string severity = random.per_mille(550) ? "Mild" : random.per_mille(750) ? "Moderate" : "SEVERE";
  std::string term = subject.site == 6 ? event.german : event.term, coded = event.coded, organ = event.organ;
  std::string from = date(subject, start), patient = subject.number,
              outcome = ongoing ? "Ongoing" : "Recovered";
  const bool fatal = first && subject.died;
  if (fatal) {
    term = coded = "Pulmonary embolism";
    organ = "Respiratory, thoracic and mediastinal disorders";
    severity = "SEVERE";
    outcome = "Fatal";
    end = subject.last_contact;
  }
  const auto dirty = [&](int every, int at, Dirt kind) {
    const bool yes = first && !fatal && subject.hit(every, at);
    if (yes) dirt_.note(kind, subject.number);
    return yes;
  };
  if (dirty(11, 3, Dirt::partial_day)) from = partial_date(start, true);
  if (dirty(37, 14, Dirt::unmapped_severity)) severity = "Moderat";
  if (dirty(31, 16, Dirt::long_text)) term = long_term;
  // With a partial start the order could not be told.
  if (!subject.hit(11, 3) && dirty(41, 20, Dirt::end_before_start)) end = start - 9;
  if (dirty(600, 17, Dirt::unknown_subject)) patient = subject.number.substr(0, 1) + "999999";
  if (!is_ascii(term)) dirt_.note(Dirt::non_ascii, subject.number);
  constexpr std::array<const char*, 4> relations{"Not related", "Unlikely", "Possible", "Related"};
  const std::string serious = fatal || (severity == "SEVERE" && random.per_mille(200)) ? "Yes" : "No";
  const std::string relation = fatal ? "Not related" : random.pick(relations);
  const Fields fields{subject.site_text(),
                      patient,
                      std::to_string(number),
                      term,
                      coded,
                      organ,
                      from,
                      ongoing ? "" : date(subject, end),
                      ongoing ? "Yes" : "No",
                      severity,
                      serious,
                      fatal ? "Yes" : "No",
                      serious == "Yes" && !fatal ? "Yes" : "No",
                      relation,
                      random.per_mille(60) ? "Drug interrupted" : "None",
                      outcome};
  put_adverse_event(subject, fields);
  if (dirty(29, 10, Dirt::duplicate_ae)) put_adverse_event(subject, fields);
}

void Edc::put_adverse_event(const Subject& subject, const Fields& fields) {
  if (subject.site != 3) {
    form("ae", subject.site).row(fields);
    return;
  }
  // Site 03 sends its events twice: first without outcomes, later with all that was queried corrected.
  Fields early = fields;
  early.back() = "Unknown";
  form("ae", subject.site).row(early);
  late_update_->row(fields);
  dirt_.note(Dirt::late_update, subject.number);
}

void Edc::write_medications(const Subject& subject) {
  Random random = subject.random(Purpose::medication);
  const int count = random.below(4) + (subject.hit(12, 4) || subject.hit(33, 15) ? 1 : 0);
  for (int number = 1; number <= count; ++number) {
    const Drug& drug = random.pick(drugs);
    Day start = subject.consent + random.between(-200, 60);
    const bool ongoing = random.per_mille(400);
    std::string from = date_text(start, DateStyle::edc), route = drug.route;
    if (number == 1 && subject.hit(12, 4)) {  // site 05 only
      do {  // back to a day that could be a month, and is another number than the month
        from = date_text(--start, DateStyle::uk);
      } while (from.substr(0, 2) > "12" || from.substr(0, 2) == from.substr(3, 2));
      dirt_.note(Dirt::ambiguous_date, subject.number);
    }
    if (number == 1 && subject.hit(33, 15)) {
      route = "by mouth";
      dirt_.note(Dirt::unmapped_route, subject.number);
    }
    form("cm", subject.site)
        .row({subject.site_text(), subject.number, std::to_string(number), drug.name, drug.reason, drug.dose,
              drug.unit, random.per_mille(500) ? "Daily" : "As needed", route, from,
              ongoing ? "" : date_text(start + random.between(1, 90), DateStyle::edc),
              ongoing ? "Yes" : "No"});
  }
}

void Edc::write_history(const Subject& subject) {
  Random random = subject.random(Purpose::history);
  const Day known = subject.consent - random.between(200, 3000);
  const bool german = subject.site == 6;
  const auto put = [&](int number, const char* term, const char* coded, const std::string& from) {
    form("mh", subject.site)
        .row({subject.site_text(), subject.number, std::to_string(number), term, coded, from, "Yes"});
    if (is_ascii(term)) return;
    dirt_.note(Dirt::non_ascii, subject.number);
    dirt_.note(Dirt::windows_1252, subject.number);  // other sites' terms are ASCII
  };
  put(1, german ? "Endometriose" : "Endometriosis", "Endometriosis", date(subject, known));
  const int others = random.below(3);
  for (int number = 2; number <= others + 1; ++number) {
    const Condition& condition = random.pick(conditions);
    const Day start = subject.consent - random.between(400, 5000);
    const bool vague = random.per_mille(300);
    if (vague) dirt_.note(Dirt::partial_month, subject.number);
    put(number, german ? condition.german : condition.term, condition.coded,
        vague ? partial_date(start, false) : date(subject, start));
  }
}

void Edc::write_exposure(const Subject& subject) {
  int number = 0;
  for (Day start = subject.first_dose; start <= subject.last_dose; start += 28) {
    const Day end = std::min(start + 27, subject.last_dose);
    form("ex", subject.site)
        .row({subject.site_text(), subject.number, std::to_string(++number),
              subject.active_arm ? "VEXIN" : "PLACEBO", subject.active_arm ? "50" : "0", "mg", "Tablet",
              "Once daily", "Oral", date(subject, start), date(subject, end)});
  }
}

void Edc::write_vitals(const Subject& subject) {
  Random random = subject.random(Purpose::vitals);
  write_visit(subject, "SCREENING", subject.consent, random);
  if (subject.screen_failure) return;
  write_visit(subject, "DAY 1", subject.first_dose, random);
  for (const int week : {2, 4, 8, 12}) {
    const Day day = subject.first_dose + 7 * week + random.between(-2, 2);
    if (day > subject.last_contact) break;
    write_visit(subject, fmt::format("WEEK {}", week), day, random);
    if (week == 4 && subject.hit(15, 2)) write_visit(subject, "UNSCHEDULED", day + 5, random);
  }
}

void Edc::write_visit(const Subject& subject, const std::string& visit, Day day, Random& random) {
  Fields fields{subject.site_text(), subject.number, visit, "Y", "", date(subject, day)};
  CsvFile& file = form("vs", subject.site);
  if (visit == "WEEK 8" && subject.hit(27, 6)) {
    fields[3] = "N";
    fields[4] = "Subject did not come";
    fields.resize(headers().at("vs").size());
    file.row(fields);
    dirt_.note(Dirt::not_done, subject.number);
    return;
  }
  const bool us_units = subject.site == 2 || subject.site == 4;
  int celsius = random.around(367, 8);
  const int grams = subject.weight_g + random.between(-1500, 1500);
  std::string temperature = tenths(us_units ? (celsius * 9 + 2) / 5 + 320 : celsius);
  if (visit == "WEEK 2" && subject.hit(33, 12)) {
    temperature.erase(temperature.find('.'), 1);
    dirt_.note(Dirt::missing_decimal_point, subject.number);
  }
  const std::string weight = tenths(us_units ? static_cast<int>(grams * 100000LL / 4535924) : grams / 100);
  std::string height, height_unit;
  if (visit == "SCREENING") {
    height = us_units ? tenths(subject.height_mm * 100 / 254) : tenths(subject.height_mm);
    height_unit = us_units ? "in" : "cm";
  }
  const auto number = [&random](int centre, int spread) {
    return std::to_string(random.around(centre, spread));
  };
  const int hour = random.between(8, 16);
  for (const auto& value : {clock_text(hour, random.between(0, 59)), std::string("Sitting"), number(118, 40),
                            number(76, 26), number(72, 30), temperature, std::string(us_units ? "F" : "C"),
                            weight, std::string(us_units ? "LB" : "kg"), height, height_unit}) {
    fields.push_back(value);
  }
  file.row(fields);
  if (us_units) dirt_.note(Dirt::mixed_units, subject.number);
  if (visit == "UNSCHEDULED") dirt_.note(Dirt::unscheduled, subject.number);
  if (visit == "DAY 1" && subject.hit(45, 21)) {
    file.row(fields);
    dirt_.note(Dirt::duplicate_visit, subject.number);
  }
}

void Edc::write_disposition(const Subject& subject) {
  int number = 0;
  const auto put = [&](const char* category, const char* term, const char* coded, Day day) {
    form("ds", subject.site)
        .row({subject.site_text(), subject.number, std::to_string(++number), category, term, coded,
              date(subject, day)});
  };
  put("Protocol milestone", "Informed consent obtained", "INFORMED CONSENT OBTAINED", subject.consent);
  if (subject.screen_failure) {
    put("Disposition event", "Screen failure: inclusion criteria not met", "SCREEN FAILURE",
        subject.last_contact);
    return;
  }
  put("Protocol milestone", "Randomized", "RANDOMIZED", subject.first_dose);
  if (subject.died) {
    put("Disposition event", "Death", "DEATH", subject.last_contact);
  } else if (subject.discontinued) {
    put("Disposition event", "Subject wanted to stop", "WITHDRAWAL BY SUBJECT", subject.last_contact);
  } else {
    put("Disposition event", "Completed", "COMPLETED", subject.last_contact);
  }
}

/// Symptoms of endometriosis and the patient's global impression, asked at visits. The active arm gets
/// better.
void Edc::write_symptoms(const Subject& subject) {
  Random random = subject.random(Purpose::symptoms);
  constexpr std::array<const char*, 3> severities{"Mild", "Moderate", "Severe"};
  constexpr std::array<const char*, 4> states{"None", "Mild", "Moderate", "Severe"};
  constexpr std::array<const char*, 5> changes{"Much better", "A little better", "No change",
                                               "A little worse", "Much worse"};
  for (const int week : {0, 4, 8, 12}) {
    const Day day = subject.first_dose + 7 * week + (week > 0 ? random.between(-2, 2) : 0);
    if (day > subject.last_contact) break;
    const int better = subject.active_arm ? week / 4 : week / 8;
    Fields fields{subject.site_text(), subject.number, week == 0 ? "DAY 1" : fmt::format("WEEK {}", week),
                  date(subject, day)};
    for (int symptom = 0; symptom < 2; ++symptom) {
      const bool present = random.per_mille(850 - 150 * better);
      const int severity = std::max(0, random.below(3) - better / 2);
      fields.emplace_back(present ? "Yes" : "No");
      fields.emplace_back(present ? severities[static_cast<std::size_t>(severity)] : "");
    }
    const int state = std::max(0, random.between(1, 3) - better);
    const int change = std::clamp(random.between(1, 3) - better, 0, 4);
    fields.emplace_back(states[static_cast<std::size_t>(state)]);
    fields.emplace_back(week == 0 ? "" : changes[static_cast<std::size_t>(change)]);
    form("sy", subject.site).row(fields);
  }
}

}  // namespace trialmill::demo
