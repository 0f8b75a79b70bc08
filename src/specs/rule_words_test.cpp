#include <gtest/gtest.h>

#include "specs/read_spec.hpp"
#include "specs/verb.hpp"

namespace trialmill::specs {
namespace {

/// The verb of a variable of AE whose rule is in words; "" if it is left to a person.
std::string verb_for(const std::string& variable, const std::string& rule, const std::string& column = "") {
  SpecDataset dataset;
  dataset.name = "AE";
  SpecVariable one;
  one.variable = variable;
  one.rule = rule;
  one.column = column;
  add_line(dataset, one);
  return dataset.variables.empty() ? "" : verb_of(dataset.variables[0], dataset);
}

TEST(RuleWords, Constants) {
  EXPECT_EQ(verb_for("AECAT", "Set to \"GENERAL\""), "constant: GENERAL");
  EXPECT_EQ(verb_for("AECAT", "AECAT = 'A B';"), "constant: \"A B\"");
  EXPECT_EQ(verb_for("AECAT", "Default to GENERAL"), "constant: GENERAL");
  EXPECT_EQ(verb_for("STUDYID", "\"&studyid\""), "constant: \"${study}\"");
  EXPECT_EQ(verb_for("AECAT", "'A' or 'B'"), "");
  EXPECT_EQ(verb_for("AECAT", "AEYN = 'Y'"), "");
}

TEST(RuleWords, Copies) {
  EXPECT_EQ(verb_for("AETERM", "Direct move", "TERM"), "from: TERM");
  EXPECT_EQ(verb_for("AETERM", "AETERM = term_txt"), "from: term_txt");
  EXPECT_EQ(verb_for("AETERM", "Convert to upper case", "TERM"), "from: TERM, case: upper");
  EXPECT_EQ(verb_for("AESEV", "Map via codelist (C66769)", "SEV"), "from: SEV, terms: C66769");
  EXPECT_EQ(verb_for("AETERM", "Equals DM.RFSTDTC"), "from: DM.RFSTDTC");
}

TEST(RuleWords, DoubtfulOnesStayOpen) {
  EXPECT_EQ(verb_for("AECAT", "USA"), "");
  EXPECT_EQ(verb_for("AECAT", "Set to 'A' if visit is 1"), "");
  EXPECT_EQ(verb_for("AETERM", "Set to AEDECOD"), "from: AEDECOD");
  EXPECT_EQ(verb_for("AETERM", "Copy TERM; if missing use TERM2", "TERM"), "");
  EXPECT_EQ(verb_for("AELOC", "LOC if LOC ne 'OTHER' else LOCOTH", "LOC"), "");
}

TEST(RuleWords, Pairs) {
  EXPECT_EQ(verb_for("AESEV", "Map 1=MILD, 2=MODERATE", "SEV"),
            "from: SEV, map: {\"1\": MILD, \"2\": MODERATE}");
  EXPECT_EQ(verb_for("AESER", "\"Yes\" -> Y; No -> N", "SER"),
            "from: SER, map: {\"Yes\": \"Y\", \"No\": \"N\"}");
  EXPECT_EQ(verb_for("AESEV", "MILD = 1, SEVERE = 3", "SEV"), "");
}

TEST(RuleWords, PairsAmongOtherWords) {
  EXPECT_EQ(verb_for("AESER", "Female -> F, Male -> M (codelist SEX)", "SER"),
            "from: SER, map: {Female: F, Male: M}");
  EXPECT_EQ(verb_for("AESER", "Code lookup: 1 -> A, 2 -> B", "SER"), "from: SER, map: {\"1\": A, \"2\": B}");
  EXPECT_EQ(verb_for("AESER", "No/None -> A; Yes -> B", "SER"),
            "from: SER, map: {\"No\": A, None: A, \"No/None\": A, \"Yes\": B}");
  EXPECT_EQ(verb_for("VISITNUM", "FIRST=1, WEEK 4=4", "VIS"),
            "from: VIS, map: {FIRST: \"1\", \"WEEK 4\": \"4\"}");
  EXPECT_EQ(verb_for("AESER", "Decode: 1 -> A, 2 -> B; others as collected", "SER"), "");
}

TEST(RuleWords, OtherVariables) {
  EXPECT_EQ(verb_for("AELLT", "Same as AETERM", "TERM"), "from: AETERM");
  EXPECT_EQ(verb_for("AELLT", "= AETERM", "TERM"), "from: AETERM");
  EXPECT_EQ(verb_for("AELLTCD", "AEDUR as numeric"), "number: AEDUR");
  EXPECT_EQ(verb_for("AELLT", "Same decode as AETERM", "TERM"), "");
}

TEST(RuleWords, RulesThatSayMoreThanTheirKind) {
  EXPECT_EQ(verb_for("AESTDTC", "Earliest STDT (DD-MON-YYYY) per patient, as ISO 8601 date", "STDT"), "");
  EXPECT_EQ(verb_for("AESTDTC", "STDT as ISO 8601 where SER = 'Y'", "STDT"), "");
  EXPECT_EQ(verb_for("AESTDTC", "STDT (MM/DD/YYYY) as ISO 8601 date", "STDT"),
            "datetime: STDT, formats: [\"M/D/Y\"]");
  EXPECT_EQ(verb_for("AESTDTC", "STDT as ISO 8601 (only of serious events)", "STDT"), "");
  EXPECT_EQ(verb_for("AETERM", "As collected (up to 200 letters)", "TERM"), "from: TERM");
  EXPECT_EQ(verb_for("AETERM", "Dictionary preferred term", "TERM"), "");
  EXPECT_EQ(verb_for("AETERM", "VERBATIM, exactly as reported", "TERM"), "from: TERM");
  EXPECT_EQ(verb_for("AESEV", "Upper-case, then map to CT (C66769)", "SEV"), "");
  EXPECT_EQ(verb_for("AESEQ", "Sequential per subject, ordered by AESTDTC then AETERM"),
            "sequence: [AESTDTC, AETERM]");
  EXPECT_EQ(verb_for("RFSTDTC", "min(EXSTDTC) per subject = first dose date"), "earliest: [EX.EXSTDTC]");
}

TEST(RuleWords, Joins) {
  EXPECT_EQ(verb_for("USUBJID", "Concatenate STUDYID, SITEID and SUBJECT with '-'"),
            "template: \"{STUDYID}-{SITEID}-{SUBJECT}\"");
  EXPECT_EQ(verb_for("USUBJID", "STUDYID || '-' || SITEID || '-' || SUBJID"),
            "template: \"{STUDYID}-{SITEID}-{SUBJID}\"");
  EXPECT_EQ(verb_for("USUBJID", "\"ABC-\" || SUBJID"), "template: \"ABC-{SUBJID}\"");
  EXPECT_EQ(verb_for("AESPID", "catx('-', FORM, strip(LINE))"), "concat: [FORM, LINE], separator: \"-\"");
  EXPECT_EQ(verb_for("USUBJID", "catx('-', STUDYID, put(SITE, z3.))"), "");
}

TEST(RuleWords, Conditions) {
  EXPECT_EQ(verb_for("AESER", "If SER='Yes' then 'N'"), "constant: \"N\", when: \"SER = 'Yes'\"");
  EXPECT_EQ(
      verb_for("AESER",
               "if SER eq 1 then AESER=\"Y\"; else if SER ne 1 and SER is not missing then AESER=\"N\";"),
      "choose: [{when: \"SER = '1'\", constant: \"Y\"}, {when: \"SER <> '1' AND "
      "coalesce(trim(SER::VARCHAR), '') <> ''\", constant: \"N\"}]");
  EXPECT_EQ(verb_for("AEREL", "If REL in ('A','B') then 'Y'. Otherwise set to REL2", "REL, REL2"),
            "choose: [{when: \"REL IN ('A', 'B')\", constant: \"Y\"}, {from: REL2}]");
  EXPECT_EQ(verb_for("AESER", "'Y' if SDTH is not missing"),
            "constant: \"Y\", when: \"coalesce(trim(SDTH::VARCHAR), '') <> ''\"");
  EXPECT_EQ(verb_for("AESEV", "If SEV = 1 then MILD else MODERATE", "SEV"), "");
  // Quotes hide words; what is not plain stays open, also where a column is named.
  EXPECT_EQ(verb_for("AEREL", "If REL = 'a or b' then 'x else y'"),
            "constant: \"x else y\", when: \"REL = 'a or b'\"");
  EXPECT_EQ(verb_for("AEREL", "If REL > 3 then 'Y' else 'N'", "REL"), "");
  EXPECT_EQ(verb_for("AEREL", "If checked then 'Y'", "REL"), "");
}

TEST(RuleWords, Dates) {
  EXPECT_EQ(verb_for("AESTDTC", "put(input(STDT, date9.), is8601da.)"), "datetime: STDT, formats: [DMONY]");
  EXPECT_EQ(verb_for("AESTDTC", "Combine STDAT and STTIM in ISO 8601 format"), "datetime: [STDAT, STTIM]");
  EXPECT_EQ(verb_for("AESTDY", "Derived: AESTDTC - RFSTDTC + 1"), "study_day: AESTDTC");
  EXPECT_EQ(verb_for("AESTDY", "AESTDTC - DM.RFXSTDTC + 1"), "study_day: AESTDTC, reference: DM.RFXSTDTC");
  EXPECT_EQ(verb_for("RFSTDTC", "min(EX.EXSTDTC)"), "earliest: [EX.EXSTDTC]");
  EXPECT_EQ(verb_for("RFENDTC", "Latest EXENDTC per subject"), "latest: [EX.EXENDTC]");
}

TEST(RuleWords, Sas) {
  EXPECT_EQ(verb_for("AEX", "put(LBORRES,8.2)"),
            "sql: \"format('{:.2f}', try_cast(LBORRES AS DECIMAL(38, 2))::DOUBLE)\"");
  EXPECT_EQ(verb_for("AEX", "input(LBORRES, best.)"), "number: LBORRES");
  EXPECT_EQ(verb_for("AEX", "substr(SUBJ, 1, 3)"), "from: SUBJ, part: [1, 3]");
  EXPECT_EQ(verb_for("AEX", "scan(SUBJ, 2, '-')"), "from: SUBJ, split: {by: \"-\", take: 2}");
  EXPECT_EQ(verb_for("AEX", "put(RACE, $racef.)"), "");
}

TEST(RuleWords, Formats) {
  EXPECT_EQ(date_format("DD-MON-YYYY"), "D-MON-Y");
  EXPECT_EQ(date_format("dd- MMM- yyyy"), "D-MON-Y");
  EXPECT_EQ(date_format("MM/DD/YYYY HH:MM"), "M/D/Y");
  EXPECT_EQ(date_format("dd MMM yyyy"), "D MON Y");
  EXPECT_EQ(date_format("date9."), "DMONY");
  EXPECT_EQ(date_format("DD.MM.YY"), "");
}

TEST(RuleWords, NamesInACell) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(columns_in("AESTDAT\nAESTTIM"), (Names{"AESTDAT", "AESTTIM"}));
  EXPECT_EQ(columns_in("DM.SEX; DM.GENDER (text)"), (Names{"SEX", "GENDER"}));
  EXPECT_EQ(columns_in("IT.AESEV"), Names{"IT.AESEV"});
  EXPECT_EQ(columns_in("see the derivation"), Names{});
  EXPECT_EQ(columns_in("race_*"), Names{});
}

}  // namespace
}  // namespace trialmill::specs
