// Mistakes in mappings: what is found without data, and what is no mistake.
#include "transform/check.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "transform/check_loops.hpp"

namespace trialmill::transform {
namespace {

namespace fs = std::filesystem;

class MappingCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    study_.root =
        fs::temp_directory_path() /
        ("trialmill_check_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(study_.root);
    fs::create_directories(study_.root / "mappings");
    fs::create_directories(study_.root / "codelists");
    study_.id = "S1";
    for (const char* name : {"edc_dm", "edc_ae"}) {
      study::Source source;
      source.name = name;
      study_.sources.push_back(source);
    }
    session_.execute("CREATE SCHEMA raw");
    mapping("dm.yaml",
            "dataset: DM\nkeys: [USUBJID]\nrecords: [{from: edc_dm}]\n"
            "variables: {USUBJID: {subject: [SITE]}, RFSTDTC: {datetime: START}, _STEP: SITE}\n");
  }
  void TearDown() override { fs::remove_all(study_.root); }

  void mapping(const std::string& name, const std::string& text) {
    base::write_file_atomically(study_.root / "mappings" / name, text);
    study_.mappings.push_back(study_.root / "mappings" / name);
  }
  /// AE with some variables beside USUBJID.
  void ae(const std::string& variables, const std::string& records = "{from: edc_ae}") {
    mapping("ae.yaml", "dataset: AE\nkeys: [USUBJID]\nrecords: [" + records +
                           "]\nvariables:\n  USUBJID: {subject: [SITE]}\n" + variables);
  }
  void crawl() {
    session_.execute(
        "CREATE TABLE raw.edc_dm AS SELECT '' AS _file, 1 AS _row, '' AS SITE, '' AS START;"
        "CREATE TABLE raw.edc_ae AS SELECT '' AS _file, 1 AS _row, '' AS SITE, '' AS TERM, '' AS \"ANY\", "
        "'' AS \"IT.AE\"");
  }
  /// "TM1004 7:11 hint" for each mistake.
  std::string found() {
    std::string out;
    for (const auto& fault : check_mappings(study_, session_)) {
      const auto& place = fault.place();
      out += fault.code() + " " + std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
             (fault.hint().starts_with("did you mean") ? fault.hint() : fault.message()) + "\n";
    }
    return out;
  }

  study::Study study_;
  table::Session session_;
};

TEST_F(MappingCheckTest, NamesMisspeltVerbsAndKeys) {
  ae("  AETERM: {frmo: TERM}\n  AEOUT: {origin: Collected}\n"
     "  AESTDTC: {datetime: START, formts: [Y]}\n  AESEV: {constant: X, round: 2}\n",
     "{from: edc_ae, unpviot: {}, why: x}");
  EXPECT_EQ(found(),
            "TM1004 3:26 did you mean 'unpivot'?\n"
            "TM2303 3:39 `why` without `keep`\n"
            "TM2304 6:12 did you mean 'from'?\n"
            "TM2304 7:10 'AEOUT' has no verb\n"
            "TM1004 8:30 did you mean 'formats'?\n"
            "TM1004 9:24 unknown key 'round' in 'variables.AESEV'\n");
}

TEST_F(MappingCheckTest, NamesWrongShapesAndWords) {
  ae("  AETERM: {subject: TERM}\n  AESEQ: {sequence: key}\n  AESEV: {from: [A], case: uper}\n"
     "  AEDUR: {number: N, round: many}\n  AEAGE: {age: [A]}\n"
     "  AEX: {choose: [{from: A, label: L}]}\n");
  EXPECT_EQ(found(),
            "TM1005 6:21 'variables.AETERM.subject' must be a list of texts, not a single value\n"
            "TM1007 7:21 did you mean 'keys'?\n"
            "TM1007 8:28 did you mean 'upper'?\n"
            "TM1005 9:29 'variables.AEDUR.round' must be a whole number, not a single value\n"
            "TM1005 10:16 'variables.AEAGE.age' must have 2 entries, not 1\n"
            "TM1004 11:28 unknown key 'label' in 'variables.AEX.choose[0]'\n");
}

TEST_F(MappingCheckTest, NamesWhatIsNotThere) {
  ae("  AETERM: {lookup: codelists/x.csv, key: A, value: B}\n  AESTDY: {study_day: A, reference: DM.RFSTDT}\n"
     "  AEREL: {earliest: EX.EXSTDTC}\n  AEOUT: {parent: MH.MHSEQ}\n  AEX: {sql: \"(SELECT 1 FROM "
     "sdtm.MH)\"}\n"
     "  AESTDTC: {datetime: A, formats: [D-M-YY]}\n  AEBODSYS2: A\n"
     "  AEDECOD: {from: A, label: Dictionary-Derived Term of the Adverse Event}\n",
     "{from: edc_ea, keep: \"A = \", why: x}, {from: sdtm.DN}");
  EXPECT_EQ(found(),
            "TM2302 3:18 did you mean 'edc_ae'?\n"
            "TM2306 3:32 SQL of the row set fails: Parser Error: syntax error at or near \")\"\n"
            "TM2302 3:56 did you mean 'DM'?\n"
            "TM2302 6:20 no file 'codelists/x.csv'\n"
            "TM2301 7:37 did you mean 'RFSTDTC'?\n"
            "TM2302 8:21 no dataset 'EX'\n"
            "TM2302 9:19 no dataset 'MH'\n"
            "TM2302 10:14 no dataset 'MH'\n"
            "TM1400 11:36 date format 'D-M-YY' cannot be used\n"
            "TM2313 12:3 'AEBODSYS2' is no name of a variable in SDTM\n"
            "TM2314 13:29 the label is 44 bytes long, at most 40 are allowed\n");
}

TEST_F(MappingCheckTest, ChecksRawColumnsOnlyIfTheyAreKnown) {
  ae("  AETERM: TREM\n  AESEV: {sql: \"upper(TERMM)\"}\n", "{from: edc_ae, keep: \"TEM <> ''\", why: x}");
  EXPECT_EQ(found(), "");
  crawl();
  EXPECT_EQ(found(),
            "TM2306 3:32 did you mean 'TERM'?\n"
            "TM2301 6:11 did you mean 'TERM'?\n"
            "TM2306 7:16 did you mean 'TERM'?\n");
}

TEST_F(MappingCheckTest, TakesWhatTheBuildersTake) {
  crawl();
  ae("  AETERM: {sql: \"IT.AE || raw.TERM || _source\"}\n"
     "  AESEV: {flag: \"ANY = 'x' AND AETERM LIKE '%' AND DATE '2024-01-01' < current_date\"}\n"
     "  AEOUT: {sql: \"(SELECT max(x.RFSTDTC) FROM sdtm.DM x WHERE x.USUBJID = USUBJID)\"}\n"
     "  AEACN: {sql: \"list_transform([TERM], l -> upper(l))[1]\"}\n  AETOX: IT.AE\n"
     "  AEREL: {given: records}\n  AESTDTC: DM.RFSTDTC\n",
     "{from: edc_ae, keep: \"ANY <> ''\", why: none, constant: {AEREL: X}}");
  mapping("co.sql", "-- dataset: CO\nSELECT * FROM raw.edc_ae JOIN sdtm.suppae USING (SITE);\n");
  EXPECT_EQ(found(), "");
}

TEST_F(MappingCheckTest, FindsDatasetsMadeTwiceAndLoops) {
  ae("  AETERM: TERM\n", "{from: edc_ae, join: [{with: sdtm.CM, on: \"TRUE\"}]}");
  mapping("cm.yaml",
          "dataset: CM\nkeys: [USUBJID]\nrecords: [{from: edc_ae}]\nvariables: {USUBJID: SITE, CMTRT: "
          "AE.AETERM}\n");
  mapping("dm2.yaml", "dataset: DM\nkeys: [SITE]\nrecords: [{from: edc_dm}]\nvariables: {SITE: SITE}\n");
  EXPECT_EQ(found(),
            "TM2305 1:1 these need each other: AE -> CM -> CM.CMTRT -> AE.AETERM -> AE\n"
            "TM2307 1:10 DM is made by mappings/dm.yaml already\n");
}

TEST_F(MappingCheckTest, GoesOnBehindFilesThatCannotBeRead) {
  ae("  AETERM: TERM\n  AETERM: TERM\n  AESEV: {form: TERM}\n");
  mapping("ex.yaml", "dataset: EX\n  keys: [\n");
  EXPECT_EQ(found().substr(0, 6), "TM1010");
  EXPECT_NE(found().find("TM2304 8:11 did you mean 'from'?\nTM1003"), std::string::npos) << found();
}

TEST_F(MappingCheckTest, NamesTheLineOfAModel) {
  mapping("co.sql", "-- dataset: CO\nSELECT *\nFORM raw.edc_ae x\n");
  EXPECT_EQ(found(), "TM2306 3:0 the model fails: Parser Error: syntax error at or near \"raw\"\n");
}

TEST(MappingLoops, AreShownOnceEach) {
  const auto loops = loops_of({{"A", {"A.X", "B"}}, {"A.X", {"B.Y"}}, {"B", {"B.Y"}}, {"B.Y", {"A.X"}}});
  ASSERT_EQ(loops.size(), 1U);
  EXPECT_EQ(base::join(loops[0].path, " "), "A.X B.Y A.X");
}

}  // namespace
}  // namespace trialmill::transform
