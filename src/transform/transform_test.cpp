// Mappings over small raw tables in memory: what goes in is in the test, what comes out is read back from the
// files.
#include "transform/transform.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"

namespace trialmill::transform {
namespace {

namespace fs = std::filesystem;

class TransformTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ =
        fs::temp_directory_path() /
        ("trialmill_transform_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "mappings");
    study_.root = root_;
    study_.id = "S1";
    session_.execute("CREATE SCHEMA raw");
    mapping("dm.yaml", R"(dataset: DM
keys: [STUDYID, USUBJID]
records: [{from: dm}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {subject: [SITE, SUBJ]}
  RFSTDTC: {datetime: START, formats: [D-MON-Y]}
  SEX: {from: SEX, map: {Female: F, Male: M}}
supp:
  NOTE: {from: NOTE, label: A Note, origin: Collected}
)");
    raw("dm", "SITE, SUBJ, START, SEX, NOTE",
        "('01','1','05-FEB-2024','female','hello'), ('01','2','','X',NULL)");
  }
  void TearDown() override { fs::remove_all(root_); }

  void mapping(const std::string& name, const std::string& text) {
    base::write_file_atomically(root_ / "mappings" / name, text);
    study_.mappings.push_back(root_ / "mappings" / name);
  }
  void raw(const std::string& name, const std::string& columns, const std::string& values) {
    session_.execute("CREATE TABLE raw." + name + " AS SELECT '" + name +
                     ".csv' AS _file, row_number() OVER () AS _row, * FROM (VALUES " + values + ") t(" +
                     columns + ")");
    study::Source source;
    source.name = name;
    study_.sources.push_back(source);
  }
  study::Outcome run() {
    study::Context context{study_, study::Layout{root_ / "lake"}, session_, findings_, {}};
    return transform::run({}, context);
  }
  std::string rows(const std::string& sql) {
    const auto result = session_.query_text(sql);
    std::string text;
    for (std::size_t r = 0; r < result.rows(); ++r) {
      for (std::size_t c = 0; c < result.columns(); ++c) text += (c ? "|" : "") + result.text(r, c);
      text += "\n";
    }
    return text;
  }
  std::string code_of_run() {
    try {
      run();
    } catch (const base::Error& error) {
      return error.code();
    }
    return "";
  }

  fs::path root_;
  study::Study study_;
  table::Session session_;
  findings::Findings findings_;
};

TEST_F(TransformTest, MapsDemographics) {
  const auto outcome = run();
  EXPECT_EQ(rows("SELECT * FROM sdtm.DM"), "S1|DM|S1-01-1|2024-02-05|F\nS1|DM|S1-01-2||\n");
  EXPECT_EQ(rows("SELECT * FROM sdtm.SUPPDM"), "S1|DM|S1-01-1|||NOTE|A Note|hello|Collected|\n");
  EXPECT_EQ(rows("SELECT * FROM lineage.DM"), "1|dm|dm.csv|1\n2|dm|dm.csv|2\n");
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_EQ(findings_.sorted()[0].rule, "TM2350");
  EXPECT_EQ(findings_.sorted()[0].subject, "S1-01-2");
  EXPECT_EQ(outcome.accounts[0].mapped, 2);
  const auto json =
      base::parse_json(base::read_file(root_ / "lake/stage/current/datasets.json"), "datasets.json");
  EXPECT_EQ(json["DM"]["label"], "Demographics");
  EXPECT_EQ(json["DM"]["columns"][0]["name"], "STUDYID");
}

TEST_F(TransformTest, UnpivotsConvertsAndAccounts) {
  raw("vs", "SITE, SUBJ, PERF, DAT, WT, WTU, POS",
      "('01','1','Y','04-FEB-2024','150','LB','SIT'), ('01','1','Y','UN-FEB-2024','70','kg',NULL), "
      "('01','1','N','','','',''),"
      "('01','1','Y','06-FEB-2024','','','')");
  mapping("vs.yaml", R"(dataset: VS
keys: [STUDYID, USUBJID, VSTESTCD, VSDTC]
records:
  - from: vs
    keep: "PERF = 'Y'"
    why: not performed
    unpivot: {WEIGHT: {result: WT, name: Weight, unit_from: WTU, where: {VSPOS: POS}}}
    why_empty: no result
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {subject: [SITE, SUBJ]}
  VSSEQ: {sequence: [VSTESTCD, VSDTC]}
  VSTESTCD: {test: code}
  VSPOS: {given: records}
  VSORRES: {test: result}
  VSORRESU: {test: unit}
  VSSTRESN: {convert: VSORRES, from: VSORRESU, to: kg, factors: {lb: 0.4536}, round: 2}
  VSSTRESC: {text: VSSTRESN, else: VSORRES}
  VSDTC: {datetime: [DAT], formats: [D-MON-Y], unknown: [UN]}
  VSDY: {study_day: VSDTC}
  VSLOBXFL: {last_before: DM.RFSTDTC, of: VSDTC, by: [VSTESTCD], result: VSORRES}
)");
  const auto outcome = run();
  EXPECT_EQ(rows("SELECT VSSEQ, VSTESTCD, VSPOS, VSORRES, VSORRESU, VSSTRESN, VSSTRESC, VSDTC, VSDY, "
                 "VSLOBXFL FROM sdtm.VS"),
            "1|WEIGHT||70|kg|70.0|70|2024-02||\n2|WEIGHT|SIT|150|LB|68.04|68.04|2024-02-04|-1|Y\n");
  EXPECT_EQ(outcome.accounts[1].mapped, 2);
  EXPECT_EQ(outcome.accounts[1].filtered.at("not performed"), 1);
  EXPECT_EQ(outcome.accounts[1].filtered.at("no result"), 1);
}

TEST_F(TransformTest, RunsModelsAfterWhatTheyNeed) {
  mapping("a.sql",
          "-- dataset: AA\n-- keys: STUDYID, USUBJID\nSELECT STUDYID, USUBJID, count(*) AS AANUM FROM "
          "sdtm.DM GROUP BY 1, 2");
  run();
  EXPECT_EQ(rows("SELECT DOMAIN, USUBJID, AANUM FROM sdtm.AA"), "AA|S1-01-1|1\nAA|S1-01-2|1\n");
}

TEST_F(TransformTest, SplitsLongTexts) {
  raw("co", "SITE, SUBJ, T", "('01','1', repeat('word ', 60))");
  mapping("co.yaml",
          "dataset: CO\nkeys: [USUBJID]\nrecords: [{from: co}]\nvariables:\n  STUDYID: {constant: S1}\n"
          "  USUBJID: {subject: [SITE, SUBJ]}\n  COSEQ: {sequence: [USUBJID]}\n  COVAL: T\n");
  run();
  EXPECT_EQ(rows("SELECT strlen(COVAL) FROM sdtm.CO"), "199\n");
  EXPECT_EQ(rows("SELECT IDVAR, IDVARVAL, QNAM, strlen(QVAL) FROM sdtm.SUPPCO"), "COSEQ|1|COVAL1|99\n");
}

TEST_F(TransformTest, NamesMistakes) {
  mapping("ae.yaml",
          "dataset: AE\nkeys: [USUBJID]\nrecords: [{from: dm, keep: \"SEX = 'x'\"}]\nvariables: {USUBJID: "
          "SUBJ}\n");
  EXPECT_EQ(code_of_run(), "TM2303");
  base::write_file_atomically(
      root_ / "mappings/ae.yaml",
      "dataset: AE\nkeys: [USUBJID]\nrecords: [{from: dm}]\nvariables: {USUBJID: SUBX}\n");
  EXPECT_EQ(code_of_run(), "TM2301");
  base::write_file_atomically(
      root_ / "mappings/ae.yaml",
      "dataset: AE\nkeys: [USUBJID]\nrecords: [{from: dn}]\nvariables: {USUBJID: SUBJ}\n");
  EXPECT_EQ(code_of_run(), "TM2302");
  base::write_file_atomically(
      root_ / "mappings/ae.yaml",
      "dataset: AE\nkeys: [USUBJID]\nrecords: [{from: dm}]\nvariables: {USUBJID: {sql: \"nope + 1\"}}\n");
  EXPECT_EQ(code_of_run(), "TM2306");
  base::write_file_atomically(
      root_ / "mappings/ae.yaml",
      "dataset: DM\nkeys: [USUBJID]\nrecords: [{from: dm}]\nvariables: {USUBJID: SUBJ}\n");
  EXPECT_EQ(code_of_run(), "TM2307");
}

}  // namespace
}  // namespace trialmill::transform
