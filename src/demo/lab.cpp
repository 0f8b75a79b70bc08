#include "demo/lab.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace trialmill::demo {

namespace {

/// Numbers are integers in units of 10^-decimals; `other_*` is what the European laboratory reports.
struct Test {
  const char *code, *name, *unit;
  int decimals, low, high;
  const char* other_unit;
  int factor_per_1000;  ///< other = value * factor / 1000, same decimals
};
constexpr std::array<Test, 8> tests{{{"HGB", "Hemoglobin", "g/dL", 1, 120, 155, "g/L", 10000},
                                     {"WBC", "Leukocytes", "10^9/L", 1, 40, 110, "", 0},
                                     {"PLAT", "Platelets", "10^9/L", 0, 150, 400, "", 0},
                                     {"ALT", "Alanine Aminotransferase", "U/L", 0, 7, 35, "", 0},
                                     {"AST", "Aspartate Aminotransferase", "U/L", 0, 10, 34, "", 0},
                                     {"CREAT", "Creatinine", "mg/dL", 1, 5, 11, "umol/L", 88400},
                                     {"GLUC", "Glucose", "mg/dL", 0, 70, 100, "", 0},
                                     {"ESTRDIOL", "Estradiol", "ng/L", 0, 30, 400, "", 0}}};

std::string decimal(int value, int decimals) {
  return decimals == 0 ? std::to_string(value) : fmt::format("{}.{}", value / 10, value % 10);
}

const std::vector<std::string> header{"ACCESSION", "SITEID",   "SUBJECT",  "VISIT",  "COLDATE",
                                      "COLTIME",   "TESTCODE", "TESTNAME", "RESULT", "UNIT",
                                      "REFLO",     "REFHI",    "STATUS"};

}  // namespace

Lab::Lab(const fs::path& inbox, DirtLog& dirt)
    : dirt_(dirt),
      first_(inbox / "lab" / "LB_20240601.csv", header),
      second_(inbox / "lab" / "LB_20241001.csv", header) {}

void Lab::close() {
  first_.close();
  second_.close();
}

void Lab::write(const Subject& subject) {
  Random random = subject.random(Purpose::lab);
  write_visit(subject, "SCREENING", 1, subject.consent, random);
  if (subject.screen_failure) return;
  write_visit(subject, "DAY 1", 2, subject.first_dose, random);
  for (const int week : {4, 12}) {
    const Day day = subject.first_dose + 7 * week;
    if (day <= subject.last_contact) write_visit(subject, fmt::format("WEEK {}", week), week, day, random);
  }
}

void Lab::write_visit(const Subject& subject, const std::string& visit, int number, Day day, Random& random) {
  static const Day cut_off = day_of(2024, 6, 1);
  const std::string accession = fmt::format("L{}{:02}", subject.number, number);
  const int hour = random.between(7, 11);
  const std::string time = clock_text(hour, random.between(0, 59));
  const bool european = subject.site >= 5;
  for (const Test& test : tests) {
    const bool other = european && test.factor_per_1000 != 0;
    const auto value_text = [&](int value) {
      return other ? decimal(static_cast<int>(value * static_cast<long long>(test.factor_per_1000) / 1000),
                             test.decimals)
                   : decimal(value, test.decimals);
    };
    const int span = test.high - test.low;
    std::string result = value_text(std::max(1, random.around(test.low + span / 2, span)));
    const std::string code = test.code;
    if (code == "ALT" && random.per_mille(30)) {
      result = "<5";
      dirt_.note(Dirt::not_numeric_lab, subject.number);
    }
    if (code == "PLAT" && random.per_mille(8)) {
      result = "HEMOLYZED";
      dirt_.note(Dirt::not_numeric_lab, subject.number);
    }
    std::vector<std::string> row{accession,
                                 subject.site_text(),
                                 subject.number,
                                 visit,
                                 date_text(day, DateStyle::iso),
                                 time,
                                 code,
                                 test.name,
                                 result,
                                 other ? test.other_unit : test.unit,
                                 value_text(test.low),
                                 value_text(test.high),
                                 "FINAL"};
    if (other) dirt_.note(Dirt::mixed_lab_units, subject.number);
    const bool early = day < cut_off;
    (early ? first_ : second_).row(row);
    if (early && code == "GLUC" && visit == "DAY 1" && subject.hit(10, 7)) {
      row[8] = value_text(test.high - 3);
      row.back() = "CORRECTED";
      second_.row(row);
      dirt_.note(Dirt::corrected_lab, subject.number);
    }
  }
}

}  // namespace trialmill::demo
