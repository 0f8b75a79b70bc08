#include "catalog/catalog.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace trialmill::catalog {
namespace {

class CatalogTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static base::Json crawl(const std::vector<std::string>& columns, const std::string& sha256) {
    return {{"dm",
             {{"rows", 2},
              {"columns", columns},
              {"files", {{{"file", "a.csv"}, {"bytes", 9}, {"sha256", sha256}}}}}}};
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("trialmill_catalog_test_" + std::to_string(::getpid()));
  const std::filesystem::path database_ = folder_ / "state/trialmill.db";
};

TEST_F(CatalogTest, ChangedColumnsAreFindings) {
  findings::Findings first, second, again, third;
  Catalog catalog(database_);
  catalog.record_crawl(crawl({"A", "B"}, "ab"), "R1", first);
  EXPECT_EQ(first.size(), 0U);
  const auto record = catalog.record_crawl(crawl({"B", "C"}, "cd"), "R2", second);
  EXPECT_EQ(record.changed_columns, 2);
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second.sorted()[0].message, "Column A is gone since the last delivery.");
  EXPECT_EQ(second.sorted()[0].severity, findings::Severity::warning);
  EXPECT_EQ(second.sorted()[1].message, "Column C is new since the last delivery.");
  EXPECT_EQ(second.sorted()[1].severity, findings::Severity::info);
  catalog.record_crawl(crawl({"B", "C"}, "cd"), "R2", again);  // as after a pause of the same run
  EXPECT_EQ(again.size(), 2U);
  catalog.record_crawl(crawl({"B", "C"}, "cd"), "R3", third);
  EXPECT_EQ(third.size(), 0U);
}

TEST_F(CatalogTest, KeepsFilesSourcesAndReleases) {
  findings::Findings none;
  {
    Catalog catalog(database_);
    EXPECT_EQ(catalog.record_crawl(crawl({"A"}, "ab"), "R1", none).new_files, 1);
    EXPECT_EQ(catalog.record_crawl(crawl({"A"}, "ab"), "R2", none).new_files, 0);
    EXPECT_EQ(catalog.record_crawl(crawl({"A"}, "cd"), "R3", none).new_files, 1);
    catalog.record_release({"X", "R3", "ef", ""});
    catalog.record_release({"X", "R4", "ef", ""});  // the same content: the release of R3
  }
  Catalog catalog(database_);
  const auto files = catalog.files();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_FALSE(files[0].current);
  EXPECT_EQ(files[1].sha256, "cd");
  EXPECT_TRUE(files[1].current);
  EXPECT_EQ(files[1].bytes, 9);
  ASSERT_EQ(catalog.sources().size(), 1U);
  EXPECT_EQ(catalog.sources()[0].run, "R3");
  ASSERT_EQ(catalog.releases().size(), 1U);
  EXPECT_EQ(catalog.releases()[0].run, "R3");
}

TEST_F(CatalogTest, SaysWhenTheDatabaseIsUnusable) {
  EXPECT_THROW(Catalog("/proc/nowhere/trialmill.db"), std::exception);
}

}  // namespace
}  // namespace trialmill::catalog
