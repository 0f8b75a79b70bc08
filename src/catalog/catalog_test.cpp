#include "catalog/catalog.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace trialmill::catalog {
namespace {

TEST(Catalog, RecordsCrawlsAndReportsChangedColumns) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("trialmill_catalog_test_" + std::to_string(::getpid()));
  findings::Findings findings;
  {
    Catalog catalog(folder / "state/trialmill.db");
    base::Json detail = {{"dm",
                          {{"rows", 2},
                           {"columns", {"A", "B"}},
                           {"files", {{{"file", "a.csv"}, {"bytes", 9}, {"sha256", "ab"}}}}}}};
    catalog.record_crawl(detail, "R1", findings);
    EXPECT_EQ(findings.size(), 0u);
    detail["dm"]["columns"] = {"B", "C"};
    catalog.record_crawl(detail, "R2", findings);
    catalog.record_release({"X", "R2", "cd"});
  }
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings.sorted()[0].message, "Column A is gone since the last crawl.");
  Catalog again(folder / "state/trialmill.db");
  ASSERT_EQ(again.datasets().size(), 1u);
  EXPECT_EQ(again.datasets()[0].run, "R2");
  EXPECT_EQ(again.releases()[0].id, "X");
  std::filesystem::remove_all(folder);
}

TEST(Catalog, SaysWhenTheDatabaseIsUnusable) {
  EXPECT_THROW(Catalog("/proc/nowhere/trialmill.db"), std::exception);
}

}  // namespace
}  // namespace trialmill::catalog
