#include "demo/dirt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace trialmill::demo {

namespace {

/// Findings that a run of the study makes of one kind of dirt.
struct Expected {
  const char* rule = nullptr;  ///< as in findings.csv; null = none
  const char* severity = "";
  int per_case = 1, once = 0;  ///< how many for each case, and how many more if there is a case at all
};

struct Description {
  const char* what;
  const char* where;
  const char* fate;
  std::array<Expected, 3> expected{};
};

constexpr std::array<Description, static_cast<std::size_t>(Dirt::count_)> descriptions{{
    {"Day of a date unknown (`UN-MAR-2024`)", "edc_ae.AESTDAT",
     "AESTDTC keeps what is known (`2024-03`); no study day"},
    {"Day and month unknown (`UN-UNK-2021`)", "edc_mh.MHSTDAT", "MHSTDTC is the year alone; no study day"},
    {"Ambiguous date (`05/04/2024`: April or May?)",
     "edc_cm.CMSTDAT, site 05",
     "not guessed: CMSTDTC stays empty, a finding names the value",
     {{{"TM2351", "warning"}}}},
    {"Race not in the codelist (`Caucasian/European`)",
     "edc_dm.RACE1",
     "not guessed: RACE stays empty, a finding names the term",
     {{{"TM2350", "warning"}}}},
    {"Severity with a typing error (`Moderat`)",
     "edc_ae.AESEV",
     "quality warning; not guessed: AESEV stays empty, a finding names the term",
     {{{"TM2350", "warning"}, {"quality/ae.dqdl:10", "warning", 1, 1}}}},
    {"Route not in the codelist (`by mouth`)",
     "edc_cm.CMROUTE",
     "not guessed: CMROUTE stays empty, a finding names the term",
     {{{"TM2350", "warning"}}}},
    {"Adverse event entered twice", "edc_ae (same subject and AESPID)",
     "one record in AE; the other is counted in the reconciliation, with its reason"},
    {"Visit exported twice", "edc_vs (same subject and visit)",
     "one record a test in VS; the other row is counted in the reconciliation, with its reason"},
    {"Diary entry synchronised twice", "diary_mypaindiary (same patient and date)",
     "both rows stay in the raw table, which no mapping reads"},
    {"Screen failure", "edc_dm.ARMNRS", "in DM with ARMNRS `SCREEN FAILURE`, no arm, no treatment dates"},
    {"Screened again under a new number", "edc_dm.RESCREEN, PREVSUBJ",
     "both records stay in DM; the earlier number is in SUPPDM (`PREVSUBJ`)"},
    {"Several races", "edc_dm.RACE1-RACE3",
     "RACE is `MULTIPLE`; the races are in SUPPDM (`RACE1`, `RACE2`, `RACE3`)"},
    {"Race `Other`, specified", "edc_dm.RACEOTH", "RACE is `OTHER`; the text is in SUPPDM (`RACEOTH`)"},
    {"Visits with °F, lb and in, at sites 02 and 04", "edc_vs.TEMPU, WTU, HTU",
     "VSORRES and VSORRESU as collected; VSSTRESN in C, kg and cm"},
    {"Laboratory results in other units, at sites 05 and 06", "lab.UNIT (`g/L`, `umol/L`)",
     "LBORRES and LBORRESU as reported; LBSTRESN in the standard unit"},
    {"Temperature without its decimal point (`371`)",
     "edc_vs.TEMP",
     "quality warning; the value is kept as collected",
     {{{"quality/vs.dqdl:9", "warning", 1, 1}}}},
    {"End before start",
     "edc_ae.AEENDAT",
     "two built-in rules (dates, study days) and the study's own rule report it; the dates are kept as "
     "collected",
     {{{"TMR-0010", "error"}, {"TMR-0074", "error"}, {"VEXIN-0001", "error"}}}},
    {"Adverse event of a subject who is not in DM",
     "edc_ae.SUBJECT",
     "the record stays in AE, without study days, and a built-in rule reports it, so that the site can be "
     "asked",
     {{{"TMR-0004", "error"}}}},
    {"Rows of site 03's earlier export, replaced by a late update", "edc/ae_03.csv, ae_03_update.csv",
     "superseded: the rows of the earlier file are set aside and counted as such"},
    {"Laboratory result corrected or sent again in the second transfer", "lab (same ACCESSION and TESTCODE)",
     "the later row counts; the earlier one is set aside as superseded"},
    {"Laboratory result that is no number (`<5`, `HEMOLYZED`)", "lab.RESULT",
     "LBSTRESC keeps the text; LBSTRESN is empty"},
    {"Visit not performed", "edc_vs.VSPERF = N", "one record VSALL with VSSTAT `NOT DONE` and the reason"},
    {"Unscheduled visit", "edc_vs.VISIT", "VISIT `UNSCHEDULED` with a visit number between its neighbours"},
    {"Malformed line: too few fields",
     "edc/ae_02.csv",
     "set aside with its content and line number",
     {{{"TM2011", "warning"}}}},
    {"Text over 200 characters",
     "edc_ae.AETERM",
     "AETERM holds the first 200, SUPPAE the rest (`AETERM1`); nothing is cut off",
     {{{"TM2355", "info"}}}},
    {"Letters outside ASCII in a term",
     "AETERM, MHTERM and RACEOTH, site 06",
     "kept; reported when published",
     {{{"TM2513", "warning"}}}},
    {"Letters in windows-1252 instead of UTF-8",
     "edc/mh_06.csv",
     "converted; one finding names the file",
     {{{"TM2010", "warning", 0, 1}}}},
}};

}  // namespace

void DirtLog::note(Dirt kind, std::string_view subject) {
  constexpr std::size_t subjects_max = 4;
  Entry& entry = entries_[static_cast<std::size_t>(kind)];
  ++entry.cases;
  auto& subjects = entry.subjects;
  if (subjects.size() <= subjects_max &&
      std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) {
    subjects.emplace_back(subject);
  }
}

std::string DirtLog::table() const {
  constexpr std::size_t shown_max = 4;
  std::string out =
      "| what | where | cases | subjects | what happens | findings |\n|---|---|---:|---|---|---|\n";
  for (std::size_t kind = 0; kind < entries_.size(); ++kind) {
    const Entry& entry = entries_[kind];
    std::vector<std::string> shown = entry.subjects, rules;
    const bool more = shown.size() > shown_max;
    if (more) shown.resize(shown_max);
    const auto& text = descriptions[kind];
    for (const auto& expected : text.expected) {
      if (expected.rule) rules.emplace_back(expected.rule);
    }
    out += fmt::format("| {} | {} | {} | {}{} | {} | {} |\n", text.what, text.where,
                       base::thousands(entry.cases), base::join(shown, ", "), more ? ", …" : "", text.fate,
                       rules.empty() ? "none" : base::join(rules, ", "));
  }
  return out;
}

std::string DirtLog::expected_findings() const {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;  // by severity and rule
  for (std::size_t kind = 0; kind < entries_.size(); ++kind) {
    const std::int64_t cases = entries_[kind].cases;
    for (const auto& expected : descriptions[kind].expected) {
      if (expected.rule && cases > 0)
        counts[{expected.severity, expected.rule}] += cases * expected.per_case + expected.once;
    }
  }
  std::string out = "| severity | rule | findings |\n|---|---|---:|\n";
  for (const auto& [key, count] : counts) {
    out += fmt::format("| {} | {} | {} |\n", key.first, key.second, count);
  }
  return out;
}

}  // namespace trialmill::demo
