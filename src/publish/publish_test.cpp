// A release: same input same bytes, atomic switch, leftovers of killed processes, limits of agencies.
#include "publish/publish.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "formats/xpt_reader.hpp"

namespace trialmill::publish {
namespace {

namespace fs = std::filesystem;
using findings::Severity;
using testing::ElementsAre;
using testing::HasSubstr;

class Publish : public testing::Test {
 protected:
  void SetUp() override {
    static int number = 0;
    lake_ = fs::temp_directory_path() /
            ("trialmill-publish-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
    layout_.lake = lake_;
    study_.id = "S1";
    fs::create_directories(layout_.staged_current() / "parquet");
    stage("DM",
          "SELECT * FROM (VALUES ('S1','DM','S1-001',63,'F',''),('S1','DM','S1-002',NULL,'M','a,\"b\"')) "
          "t(STUDYID, DOMAIN, USUBJID, AGE, SEX, RACE)");
    stage("VS",
          "SELECT 'S1' AS STUDYID, 'S1-001' AS USUBJID, i AS VSSEQ, i / 3 AS VSSTRESN FROM range(1, 5001) "
          "t(i)");
    metadata(
        {{"DM",
          {{"label", "Demographics"},
           {"keys", {"STUDYID", "USUBJID"}},
           {"columns", {{{"name", "AGE"}, {"label", "Age"}, {"type", "Num"}, {"origin", "Collected"}}}}}},
         {"VS", {{"label", "Vital Signs"}, {"keys", {"USUBJID", "VSSEQ"}}}}});
  }
  void TearDown() override { fs::remove_all(lake_); }

  void stage(const std::string& name, const std::string& sql) {
    table::Session().execute("COPY (" + sql + ") TO '" +
                             (layout_.staged_current() / "parquet" / (name + ".parquet")).string() +
                             "' (FORMAT parquet)");
  }
  void metadata(const base::Json& json) {
    base::write_file_atomically(layout_.staged_current() / "datasets.json", base::dump_json(json));
  }
  study::Outcome publish(Options options = {}, int threads = 2) {
    findings_ = std::make_unique<findings::Findings>();
    table::SessionOptions session_options;
    session_options.threads = threads;
    table::Session session(session_options);
    study::Context context{study_, layout_, session, *findings_, {}};
    fingerprint_ = fingerprint(options, context);
    auto outcome = run(options, context);
    EXPECT_EQ(session.count("SELECT current_setting('threads')::BIGINT"), threads);
    return outcome;
  }
  std::string error_of(const Options& options = {}) {
    try {
      publish(options);
    } catch (const base::Error& error) {
      return error.code();
    }
    return "";
  }
  std::string content(const std::string& path) { return base::read_file(layout_.output_current() / path); }
  std::string current() { return fs::read_symlink(layout_.output_current()).string(); }
  std::vector<std::string> releases() {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(layout_.output() / "releases"))
      out.push_back(entry.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }
  std::vector<std::string> rules() {
    std::vector<std::string> out;
    for (const auto& finding : findings_->sorted()) out.push_back(finding.rule + " " + finding.variable);
    return out;
  }

  fs::path lake_;
  study::Layout layout_;
  study::Study study_;
  std::unique_ptr<findings::Findings> findings_;
  std::string fingerprint_;
};

TEST_F(Publish, WritesAllFormatsAndAManifest) {
  const auto outcome = publish();
  const std::string id = outcome.detail["release"];
  EXPECT_EQ(current(), "releases/" + id);
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(outcome.rows_out, 5002);
  EXPECT_TRUE(rules().empty());
  EXPECT_EQ(content("csv/dm.csv"),
            "STUDYID,DOMAIN,USUBJID,AGE,SEX,RACE\nS1,DM,S1-001,63,F,\nS1,DM,S1-002,,M,\"a,\"\"b\"\"\"\n");
  const auto manifest = base::parse_json(content("manifest.json"), "manifest.json");
  EXPECT_EQ(manifest["files"], outcome.detail["files"]);
  ASSERT_EQ(manifest["files"].size(), 9u);  // with define.xml, its stylesheet and page
  for (const auto& file : manifest["files"]) {
    const auto path = layout_.output_current() / file["path"].get<std::string>();
    EXPECT_EQ(base::sha256_of_file(path), file["sha256"].get<std::string>());
    EXPECT_EQ(fs::file_size(path), file["bytes"].get<std::uintmax_t>());
  }
  for (const auto& output : outcome.outputs) EXPECT_TRUE(fs::exists(output)) << output;
}

TEST_F(Publish, XptComesBackAsStaged) {
  publish();
  const auto file = formats::XptFile::open(layout_.output_current() / "xpt/dm.xpt");
  const auto& table = file.tables().at(0);
  EXPECT_EQ(table.member().name, "DM");
  EXPECT_EQ(table.member().label, "Demographics");
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.member().columns[3].label, "Age");
  EXPECT_EQ(table.member().columns[2].length, 6);
  EXPECT_EQ(table.member().columns[5].length, 5);
  EXPECT_EQ(table.text(1, 5), "a,\"b\"");
  EXPECT_EQ(table.number(0, 3).value, 63);
  EXPECT_EQ(table.number(1, 3).missing, '.');
  const auto vs = formats::XptFile::open(layout_.output_current() / "xpt/vs.xpt");
  ASSERT_EQ(vs.tables()[0].rows(), 5000u);
  EXPECT_EQ(vs.tables()[0].number(9, 3).value, 10.0 / 3);
}

TEST_F(Publish, ParquetKeepsLabels) {
  publish();
  table::Session session;
  const auto file = (layout_.output_current() / "parquet/dm.parquet").string();
  const auto found = session.query("SELECT decode(value) FROM parquet_kv_metadata('" + file +
                                   "') WHERE decode(key) = 'trialmill'");
  ASSERT_EQ(found.rows(), 1u);
  const auto json = base::parse_json(found.text(0, 0), file);
  EXPECT_EQ(json["label"], "Demographics");
  EXPECT_EQ(json["columns"][3]["label"], "Age");
  EXPECT_EQ(session.count("SELECT count(*) FROM '" + file + "' WHERE RACE IS NULL"), 1);
}

TEST_F(Publish, SameInputSameBytesWhateverTheThreads) {
  const auto first = publish({}, 1);
  const auto before = fingerprint_;
  const auto manifest = content("manifest.json");
  fs::remove_all(layout_.output());
  const auto second = publish({}, 4);
  EXPECT_EQ(content("manifest.json"), manifest);
  EXPECT_EQ(first.detail["release"], second.detail["release"]);
  EXPECT_EQ(fingerprint_, before);
  const auto third = publish();
  EXPECT_TRUE(third.detail["reused"].get<bool>());
  EXPECT_EQ(releases().size(), 1u);
}

TEST_F(Publish, ADamagedReleaseIsReplaced) {
  publish();
  const auto whole = content("csv/dm.csv");
  std::ofstream(layout_.output_current() / "csv/dm.csv") << "damaged";
  const auto outcome = publish();
  EXPECT_FALSE(outcome.detail["reused"].get<bool>());
  EXPECT_EQ(content("csv/dm.csv"), whole);
  EXPECT_EQ(releases().size(), 1u);
}

TEST_F(Publish, EarlierReleasesStay) {
  publish();
  const auto before = current(), fingerprint_before = fingerprint_;
  stage("DM", "SELECT 'S1' AS STUDYID, 'S1-009' AS USUBJID");
  publish();
  EXPECT_NE(current(), before);
  EXPECT_NE(fingerprint_, fingerprint_before);
  EXPECT_TRUE(fs::exists(layout_.output() / before / "manifest.json"));
  EXPECT_EQ(releases().size(), 2u);
}

TEST_F(Publish, LeftoversOfKilledProcessesGo) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);  // its number belongs to nobody now
  const auto dead = layout_.output() / "releases" / (".tmp-" + std::to_string(child));
  const auto alive = layout_.output() / "releases" / ".tmp-1";
  fs::create_directories(dead / "csv");
  fs::create_directories(alive);
  fs::create_symlink("releases/none", layout_.output() / ("current." + std::to_string(child) + "-0.tmp"));
  publish();
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(fs::exists(alive));
  EXPECT_EQ(std::distance(fs::directory_iterator(layout_.output()), fs::directory_iterator()),
            2);  // releases, current
}

// The real thing: a process is killed at moments spread over its work; `current` is always whole.
TEST_F(Publish, KilledAtAnyMomentTheLastReleaseIsWhole) {
  publish();
  const auto before = current();
  stage("DM", "SELECT 'S1' AS STUDYID, 'S1-' || i AS USUBJID FROM range(200000) t(i)");
  for (int wait_ms = 1; wait_ms < 400; wait_ms += 57) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        publish();
      } catch (...) {
      }
      ::_exit(0);
    }
    ::usleep(static_cast<unsigned>(wait_ms) * 1000);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto manifest = base::parse_json(content("manifest.json"), "manifest.json");
    for (const auto& file : manifest["files"]) {
      ASSERT_EQ(base::sha256_of(content(file["path"].get<std::string>())), file["sha256"].get<std::string>());
    }
  }
  publish();
  EXPECT_NE(current(), before);
  EXPECT_EQ(releases().size(), 2u) << "leftovers are removed by the next run";
}

TEST_F(Publish, ADiskThatFillsUpLeavesTheLastRelease) {
  publish();
  const auto before = current();
  stage("DM", "SELECT sha256(i::VARCHAR) AS STUDYID, md5(i::VARCHAR) AS USUBJID FROM range(50000) t(i)");
  // A limit on the size of files fails writes much like a full disk does.
  struct rlimit limit{}, small{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  small = limit;
  small.rlim_cur = 1u << 18;
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto code = error_of();
  Options xpt;
  xpt.formats = {"xpt"};
  const auto code_xpt = error_of(xpt);
  ::setrlimit(RLIMIT_FSIZE, &limit);
  ::signal(SIGXFSZ, handler);
  EXPECT_EQ(code, "TM2501");
  EXPECT_EQ(code_xpt, "TM1002");
  EXPECT_EQ(current(), before);
  EXPECT_EQ(releases().size(), 1u) << "nothing half-written stays";
}

TEST_F(Publish, LimitsKeepADatasetOutOfXptOnly) {
  stage("AE", "SELECT 'S1-001' AS USUBJID, 1 AS AESEQ, repeat('ä', 101) AS AETERM, 'x ' AS AEOUT");
  metadata({{"AE", {{"label", std::string(41, 'x')}, {"keys", {"USUBJID", "AESEQ"}}}}});
  const auto outcome = publish();
  EXPECT_THAT(rules(), ElementsAre("TM2511 ", "TM2512 AETERM", "TM2513 AETERM", "TM2518 AEOUT"));
  const auto found = findings_->sorted();
  EXPECT_EQ(found[1].subject, "S1-001");
  EXPECT_EQ(found[1].record_key, "AESEQ=1");
  EXPECT_EQ(found[1].row, 1);
  EXPECT_EQ(found[2].severity, Severity::warning);
  EXPECT_FALSE(fs::exists(layout_.output_current() / "xpt/ae.xpt"));
  EXPECT_TRUE(fs::exists(layout_.output_current() / "csv/ae.csv"));
  EXPECT_TRUE(fs::exists(layout_.output_current() / "xpt/dm.xpt"));
  EXPECT_EQ(outcome.detail["not_written"][0]["path"], "xpt/ae.xpt");
  EXPECT_THAT(outcome.headline, HasSubstr("no XPT for AE"));
}

TEST_F(Publish, NumbersThatXptCannotHold) {
  stage("LB", "SELECT 1e300::DOUBLE AS LBSTRESN");
  stage("LC", "SELECT 9007199254740993::BIGINT AS LCSEQ");
  stage("LD", "SELECT NULL::VARCHAR AS A");
  publish();
  EXPECT_THAT(rules(), ElementsAre("TM2515 LBSTRESN", "TM2515 LCSEQ", "TM2516 "));
  EXPECT_FALSE(fs::exists(layout_.output_current() / "xpt/lb.xpt"));
}

TEST_F(Publish, AgencyFda) {
  study_.publish.agency = "fda";
  stage("AE", "SELECT 'S1-0012' AS USUBJID, 'Müdigkeit' AS AETERM");
  metadata({{"AE", {{"label", "Adverse Event's"}}}});
  publish();
  EXPECT_THAT(rules(), ElementsAre("TM2513 AETERM", "TM2517 "));
  EXPECT_EQ(findings_->sorted()[0].severity, Severity::error);
  EXPECT_FALSE(fs::exists(layout_.output_current() / "xpt/ae.xpt"));
  // One length for a variable in all datasets.
  const auto file = formats::XptFile::open(layout_.output_current() / "xpt/dm.xpt");
  EXPECT_EQ(file.tables()[0].member().columns[2].length, 7);
}

TEST_F(Publish, FormatsAndTimesComeFromTheStudy) {
  study_.publish.formats = {"xpt"};
  study_.publish.created = "2024-03-05T06:07:08";
  publish();
  EXPECT_FALSE(fs::exists(layout_.output_current() / "csv"));
  EXPECT_EQ(formats::XptFile::open(layout_.output_current() / "xpt/dm.xpt").tables()[0].member().created,
            "05MAR24:06:07:08");
  Options wrong;
  wrong.formats = {"sas7bdat"};
  EXPECT_EQ(error_of(wrong), "TM2503");
}

TEST_F(Publish, NothingStaged) {
  fs::remove_all(layout_.staged_current());
  EXPECT_EQ(error_of(), "TM2502");
  EXPECT_FALSE(fs::exists(layout_.output_current()));
}

TEST_F(Publish, WithoutMetadata) {
  fs::remove(layout_.staged_current() / "datasets.json");
  publish();
  EXPECT_EQ(formats::XptFile::open(layout_.output_current() / "xpt/dm.xpt").tables()[0].member().label, "");
}

TEST_F(Publish, ReadBackByPandas) {
  if (std::system("python3 -c 'import pandas' 2>/dev/null") != 0)
    GTEST_SKIP() << "python3 with pandas is not here";
  publish();
  const auto command = "python3 -c \"import pandas; d = pandas.read_sas('" +
                       (layout_.output_current() / "xpt/vs.xpt").string() +
                       "', format='xport'); assert len(d) == 5000 and abs(d.VSSTRESN[9] - 10/3) < 1e-14\"";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace trialmill::publish
