// Mappings over small raw tables in memory: what goes in is in the test, what comes out is read back from the
// files.
#include "transform/transform.hpp"

#include <gtest/gtest.h>

#include <algorithm>

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
  EXPECT_EQ(rows("SELECT * FROM lineage.DM"), "1|dm|dm.csv|1|0|0\n2|dm|dm.csv|2|0|0\n");
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
  mapping("ae.yaml",
          "dataset: AE\nkeys: [USUBJID]\nrecords: [{from: co}]\nvariables:\n  STUDYID: {constant: S1}\n"
          "  USUBJID: {subject: [SITE, SUBJ]}\n  AESEQ: {sequence: [USUBJID]}\n  AETERM: T\n");
  mapping("co.yaml",
          "dataset: CO\nkeys: [USUBJID]\nrecords: [{from: co}]\nvariables:\n  STUDYID: {constant: S1}\n"
          "  USUBJID: {subject: [SITE, SUBJ]}\n  COSEQ: {sequence: [USUBJID]}\n  COVAL: T\n");
  run();
  EXPECT_EQ(rows("SELECT strlen(AETERM) FROM sdtm.AE"), "199\n");
  EXPECT_EQ(rows("SELECT IDVAR, IDVARVAL, QNAM, strlen(QVAL) FROM sdtm.SUPPAE"), "AESEQ|1|AETERM1|99\n");
  EXPECT_EQ(rows("SELECT strlen(COVAL), strlen(COVAL1) FROM sdtm.CO"), "199|99\n");
}

// Columns that are called like words of SQL, and those words themselves.
TEST_F(TransformTest, TellsColumnsFromWordsOfSql) {
  raw("words", "SUBJ, \"ANY\", \"END\", \"DATE\", \"ORDER\"",
      "('1','Y','7','2024-01-01','3'), ('2','N','8','2024-01-02','4')");
  mapping("zz.yaml", R"(dataset: ZZ
keys: [USUBJID]
records: [{from: words, keep: "ANY = 'Y' AND \"ORDER\" = '3'", why: none}]
variables:
  USUBJID: SUBJ
  ZZCASE: {sql: "CASE WHEN ANY = 'Y' THEN \"END\" ELSE 'none' END"}
  ZZDAY: {sql: "CAST(DATE AS DATE) - DATE '2023-12-31'"}
)");
  run();
  EXPECT_EQ(rows("SELECT ZZCASE, ZZDAY FROM sdtm.ZZ"), "7|1\n");
}

// DM takes dates from EX, and EX study days from DM: an order of the variables exists.
TEST_F(TransformTest, BuildsDatasetsThatReferToEachOther) {
  raw("ex", "SUBJ, EXDAT", "('1','2024-02-06'), ('1','2024-02-05'), ('2','2024-03')");
  mapping("ex.yaml", R"(dataset: EX
keys: [STUDYID, USUBJID, EXSTDTC]
records: [{from: ex}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {template: "S1-01-{SUBJ}"}
  EXSEQ: {sequence: keys}
  EXSTDTC: {datetime: EXDAT}
  EXSTDY: {study_day: EXSTDTC, reference: DM.RFXSTDTC}
)");
  study_.mappings.erase(study_.mappings.begin());
  mapping("dm.yaml", R"(dataset: DM
keys: [STUDYID, USUBJID]
records: [{from: dm}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {subject: [SITE, SUBJ]}
  _FIRST: {earliest: EX.EXSTDTC, where: "length(EXSTDTC) = 10"}
  RFXSTDTC: {from: _FIRST}
  RFXENDTC: {latest: [EX.EXSTDTC, RFXSTDTC]}
  DTHFL: {flag: "RFXSTDTC IS NULL", else: N}
)");
  run();
  EXPECT_EQ(rows("SELECT USUBJID, RFXSTDTC, RFXENDTC, DTHFL FROM sdtm.DM ORDER BY 1"),
            "S1-01-1|2024-02-05|2024-02-06|N\nS1-01-2||2024-03|Y\n");
  EXPECT_EQ(rows("SELECT USUBJID, EXSEQ, EXSTDTC, EXSTDY FROM sdtm.EX ORDER BY ALL"),
            "S1-01-1|1|2024-02-05|1\nS1-01-1|2|2024-02-06|2\nS1-01-2|1|2024-03|\n");
  EXPECT_EQ(rows("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'sdtm' AND table_name "
                 "= 'DM' AND column_name LIKE '\\_%' ESCAPE '\\'"),
            "0\n");
}

TEST_F(TransformTest, ShowsALoopOfVariables) {
  raw("ex", "SUBJ", "('1')");
  mapping("ex.yaml", R"(dataset: EX
keys: [STUDYID, USUBJID]
records: [{from: ex}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {template: "S1-01-{SUBJ}"}
  EXTRT: {from: DM.ARM}
)");
  study_.mappings.erase(study_.mappings.begin());
  mapping("dm.yaml", R"(dataset: DM
keys: [STUDYID, USUBJID]
records: [{from: dm}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {subject: [SITE, SUBJ]}
  ARM: {from: EX.EXTRT}
)");
  try {
    run();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "TM2305");
    EXPECT_NE(error.message().find("DM.ARM -> EX.EXTRT -> DM.ARM"), std::string::npos) << error.message();
  }
}

// New records get new numbers, the others keep theirs, and a number that was given once is not given again.
TEST_F(TransformTest, KeepsNumbersOverRefreshes) {
  mapping("cm.yaml", R"(dataset: CM
keys: [STUDYID, USUBJID, CMTRT, CMDOSE]
records: [{from: cm}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {constant: S1-01-1}
  CMSEQ: {sequence: [CMTRT, CMDOSE]}
  CMTRT: TRT
  CMDOSE: {number: DOSE}
)");
  raw("cm", "TRT, DOSE", "('B','2'), ('D','4')");
  const auto numbers = [&] { return rows("SELECT CMTRT, CMDOSE, CMSEQ FROM sdtm.CM ORDER BY ALL"); };
  run();
  EXPECT_EQ(numbers(), "B|2|1\nD|4|2\n");
  session_.execute("INSERT INTO raw.cm VALUES ('cm.csv', 3, 'A', '1'), ('cm.csv', 4, 'C', '3')");
  run();
  EXPECT_EQ(numbers(), "A|1|3\nB|2|1\nC|3|4\nD|4|2\n");
  session_.execute("DELETE FROM raw.cm WHERE TRT = 'C'; INSERT INTO raw.cm VALUES ('cm.csv', 5, 'E', '5')");
  run();
  EXPECT_EQ(numbers(), "A|1|3\nB|2|1\nD|4|2\nE|5|5\n");
  study::Context context{study_, study::Layout{root_ / "lake"}, session_, findings_, {}};
  Options fresh;
  fresh.fresh_numbering = true;
  transform::run(fresh, context);
  EXPECT_EQ(numbers(), "A|1|1\nB|2|2\nD|4|3\nE|5|4\n");
}

TEST_F(TransformTest, RefusesJoinsThatWouldMultiplyRecords) {
  raw("visits", "SUBJ, V", "('1','a'), ('1','b')");
  mapping("sv.yaml", R"(dataset: SV
keys: [STUDYID, USUBJID]
records: [{from: dm, join: [{with: visits, on: [SUBJ]}]}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {subject: [SITE, SUBJ]}
)");
  EXPECT_EQ(code_of_run(), "TM2309");
  const auto all = findings_.sorted();
  const auto found =
      std::find_if(all.begin(), all.end(), [](const auto& one) { return one.rule == "TM2357"; });
  ASSERT_NE(found, all.end());
  EXPECT_EQ(found->row, 1);
}

TEST_F(TransformTest, TakesTextsApartAndChooses) {
  mapping("fa.yaml", R"(dataset: FA
keys: [STUDYID, USUBJID, FATESTCD]
records: [{from: fa, split: {column: CODES, by: ","}}]
variables:
  STUDYID: {constant: "${study}"}
  USUBJID: {from: ID, split: {by: "-", take: -1}}
  FATESTCD: {from: CODES, case: upper}
  FATEST: {from: ID, match: "([0-9]+)$"}
  FAORRES: {concat: [ID, CODES], separator: "/"}
  FACAT:
    choose:
      - {when: "CODES = 'a'", constant: FIRST}
      - {from: CODES, map: {B: SECOND}}
  FASCAT: {from: ID, part: [1, 2]}
  FAOBJ: {several: [C1, C2], as: MULTIPLE, supp: OBJ, supp_label: "Object {n}"}
  FASEQ: {sequence: keys}
)");
  raw("fa", "ID, CODES, C1, C2", "('XY-17','a, b','p','q'), ('XY-x','c','p','')");
  run();
  EXPECT_EQ(rows("SELECT USUBJID, FATESTCD, FATEST, FAORRES, FACAT, FASCAT, FAOBJ FROM sdtm.FA ORDER BY ALL"),
            "17|A|17|XY-17/a|FIRST|XY|MULTIPLE\n17|B|17|XY-17/b|SECOND|XY|MULTIPLE\nx|C||XY-x/c||XY|p\n");
  EXPECT_EQ(rows("SELECT QNAM, QLABEL, QVAL FROM sdtm.SUPPFA ORDER BY ALL"),
            "OBJ1|Object 1|p\nOBJ1|Object 1|p\nOBJ2|Object 2|q\nOBJ2|Object 2|q\n");
  int unmatched = 0;
  for (const auto& finding : findings_.sorted())
    unmatched += finding.rule == "TM2356" || finding.variable == "FACAT";
  EXPECT_EQ(unmatched, 2);
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
