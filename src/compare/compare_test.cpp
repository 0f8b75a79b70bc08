#include "compare/compare.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "base/error.hpp"
#include "base/files.hpp"
#include "compare/report.hpp"
#include "formats/xpt_file.hpp"

namespace trialmill::compare {
namespace {

namespace fs = std::filesystem;

class CompareTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("trialmill-compare-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "base");
    fs::create_directories(folder_ / "other");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    base::write_file_atomically(folder_ / name, text);
  }
  Report run(const Options& options = {}, const std::string& base = "base",
             const std::string& other = "other") {
    return compare(folder_ / base, folder_ / other, options);
  }

  fs::path folder_;
};

TEST_F(CompareTest, EqualFilesAreEqual) {
  write("base/ae.csv", "USUBJID,AESEQ,AETERM\n1,1,Headache\n1,2,\n");
  write("other/ae.csv", "USUBJID,AESEQ,AETERM\n1,1,Headache  \n1,2,\n");
  const Report report = run();
  EXPECT_TRUE(report.equal());
  EXPECT_EQ(report.datasets.at(0).rows_matched, 2);
  Options exact;
  exact.exact_text = true;
  EXPECT_FALSE(run(exact).equal());
}

TEST_F(CompareTest, PairsByKeyAndReportsEachDifference) {
  write("base/ae.csv", "USUBJID,AESEQ,AETERM\n1,1,Headache\n1,2,Nausea\n1,4,Rash\n");
  write("other/ae.csv", "AESEQ,USUBJID,AETERM\n2,1,Nausea\n1,1,Migraine\n3,1,Cough\n");
  Options options;
  options.by[""] = {"usubjid", "AESEQ"};
  const Report report = run(options);
  const DatasetResult& ae = report.datasets.at(0);
  EXPECT_EQ(ae.rows_matched, 2);
  EXPECT_EQ(ae.rows_differing, 1);
  ASSERT_EQ(ae.only_base.size(), 1U);
  EXPECT_EQ(ae.only_base[0].key, (std::vector<std::string>{"1", "4"}));
  EXPECT_EQ(ae.only_other.at(0).row, 3);
  ASSERT_EQ(ae.variables.at(2).name, "AETERM");
  ASSERT_EQ(ae.variables[2].details.size(), 1U);
  EXPECT_EQ(ae.variables[2].details[0].base, "Headache");
  EXPECT_EQ(ae.variables[2].details[0].other, "Migraine");
  EXPECT_EQ(ae.variables[2].details[0].other_row, 2);
  EXPECT_EQ(ae.attributes.at(0).kind, "order");
}

TEST_F(CompareTest, PairsRepeatedKeysInOrder) {
  write("base/x.csv", "K,V\na,1\na,2\nb,3\n");
  write("other/x.csv", "K,V\na,1\na,5\nb,3\na,7\n");
  Options options;
  options.by["X"] = {"K"};
  const DatasetResult x = run(options).datasets.at(0);
  EXPECT_EQ(x.duplicates_base, 1);
  EXPECT_EQ(x.duplicates_other, 2);
  EXPECT_EQ(x.rows_differing, 1);
  EXPECT_EQ(x.rows_only_other, 1);
}

/// One numeric variable, with a special missing code in the second row.
void write_numbers(const fs::path& file, double value, char code) {
  formats::DatasetMeta meta;
  meta.name = "LB";
  formats::Variable variable;
  variable.name = "LBSTRESN";
  variable.storage = formats::Storage::number;
  variable.type = formats::ValueType::floating;
  variable.length = 8;
  meta.variables = {variable};
  formats::Batch batch;
  batch.rows = 2;
  batch.columns.resize(1);
  batch.columns[0].numbers = {value, std::nan("")};
  batch.columns[0].missing = {0, code};
  const auto writer = formats::create_xpt(file, meta, {});
  writer->write(batch);
  writer->commit();
}

TEST_F(CompareTest, NumbersWithinToleranceAreEqual) {
  write_numbers(folder_ / "base/lb.xpt", 100.0, '.');
  write_numbers(folder_ / "other/lb.xpt", 100.5, '.');
  const Report strict = run();
  EXPECT_FALSE(strict.equal());
  EXPECT_DOUBLE_EQ(strict.datasets.at(0).variables.at(0).max_difference, 0.5);
  EXPECT_DOUBLE_EQ(strict.datasets[0].variables[0].max_percent, 0.5);
  Options absolute, relative;
  absolute.tolerance = 0.5;
  EXPECT_TRUE(run(absolute).equal());
  relative.relative_tolerance = 0.001;
  EXPECT_FALSE(run(relative).equal());
  relative.relative_tolerance = 0.01;
  EXPECT_TRUE(run(relative).equal());
}

TEST_F(CompareTest, SpecialMissingCodesDiffer) {
  write_numbers(folder_ / "base/lb.xpt", 1, '.');
  write_numbers(folder_ / "other/lb.xpt", 1, 'A');
  const Report report = run();
  ASSERT_EQ(report.datasets.at(0).variables.at(0).details.size(), 1U);
  EXPECT_EQ(report.datasets[0].variables[0].details[0].base, "");
  EXPECT_EQ(report.datasets[0].variables[0].details[0].other, ".A");
}

TEST_F(CompareTest, ComparesNumbersWithText) {
  write_numbers(folder_ / "base/lb.xpt", 100.5, '.');
  write("other/lb.csv", "LBSTRESN\n100.50\n.\n");
  EXPECT_TRUE(run({}, "base/lb.xpt", "other/lb.csv").equal());
  write("other/lb.csv", "LBSTRESN,X\nabc,1\n,2\n");
  const DatasetResult lb = run({}, "base/lb.xpt", "other/lb.csv").datasets.at(0);
  EXPECT_EQ(lb.rows_differing, 1);
  EXPECT_EQ(lb.attributes.at(0).kind, "only_in_other");
}

TEST_F(CompareTest, PairsFoldersByNameAndNamesWhatIsMissing) {
  write("base/ae.csv", "A\n1\n");
  write("base/dm.csv", "A\n1\n");
  write("other/AE.csv", "A\n1\n");
  write("other/vs.csv", "A\n1\n");
  const Report report = run();
  ASSERT_EQ(report.datasets.size(), 3U);
  EXPECT_EQ(report.datasets[1].side, "base");
  EXPECT_EQ(report.datasets[2].side, "other");
  EXPECT_FALSE(report.equal());
}

TEST_F(CompareTest, NamesAnAbsentKey) {
  write("base/ae.csv", "USUBJID\n1\n");
  write("other/ae.csv", "USUBJID\n1\n");
  Options options;
  options.by[""] = {"USUBJD"};
  try {
    run(options);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "TM2601");
    EXPECT_EQ(error.hint(), "did you mean 'USUBJID'?");
  }
}

TEST_F(CompareTest, PageEscapesData) {
  write("base/ae.csv", "A\n<script>\n");
  write("other/ae.csv", "A\n&\n");
  const std::string page = to_html(run());
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
}

}  // namespace
}  // namespace trialmill::compare
