#include "query/query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "base/error.hpp"
#include "base/files.hpp"
#include "table/session.hpp"

namespace trialmill::query {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class QueryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("trialmill_query_test_" + std::to_string(::getpid()));
    fs::create_directories(root_ / "lake/output/releases/1/parquet");
    base::write_file_atomically(root_ / "study.yaml", "study: S1\nsources: {a: {files: a.csv}}\n");
    table::Session session;
    session.execute(
        "COPY (SELECT 'S1-1' AS USUBJID, 41.0::DOUBLE AS AGE, 'Zoë, \"Z\"' AS NOTE UNION ALL "
        "SELECT 'S1-2', NULL, NULL) TO '" +
        (root_ / "lake/output/releases/1/parquet/dm.parquet").string() + "' (FORMAT parquet)");
  }
  void TearDown() override { fs::remove_all(root_); }
  void publish() { base::switch_symlink(root_ / "lake/output/current", "releases/1"); }
  std::string ask(const std::string& sql, const std::string& format) {
    std::ostringstream out;
    try {
      run({root_.string(), sql, format}, out);
    } catch (const base::Error& error) {
      return error.what();
    }
    return out.str();
  }
  fs::path root_;
};

TEST_F(QueryTest, AnswersInThreeFormats) {
  publish();
  const std::string sql = "SELECT * FROM dm ORDER BY USUBJID;";
  EXPECT_EQ(ask(sql, "csv"), "USUBJID,AGE,NOTE\nS1-1,41.0,\"Zoë, \"\"Z\"\"\"\nS1-2,,\n");
  EXPECT_THAT(ask(sql, "json"), HasSubstr("\"AGE\": 41.0"));
  EXPECT_THAT(ask(sql, "json"), HasSubstr("\"AGE\": null"));
  EXPECT_THAT(ask(sql, "table"), HasSubstr("2 rows"));
}

TEST_F(QueryTest, SaysWhenThereIsNoRelease) {
  EXPECT_THAT(ask("SELECT 1", "csv"), HasSubstr("TM2701"));
}

TEST_F(QueryTest, ReadsOnlyTheLake) {
  publish();
  EXPECT_THAT(ask("DROP VIEW DM", "csv"), HasSubstr("TM2702"));
  EXPECT_THAT(ask("SELECT 1); DROP VIEW DM; SELECT (1", "csv"), HasSubstr("TM1201"));
  EXPECT_THAT(ask("SELECT 1; SELECT 2", "csv"), HasSubstr("TM2702"));
  EXPECT_THAT(ask("SELECT * FROM read_text('/etc/passwd')", "csv"), HasSubstr("TM1201"));
  EXPECT_THAT(ask("SELECT count(*) FROM '" + (root_ / "study.yaml").string() + "'", "csv"),
              HasSubstr("TM1201"));
}

}  // namespace
}  // namespace trialmill::query
