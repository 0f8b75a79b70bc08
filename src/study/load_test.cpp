#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.hpp"
#include "study/study.hpp"

namespace trialmill::study {
namespace {

using ::testing::HasSubstr;

class LoadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("trialmill_load_test_" + std::to_string(::getpid()));
    fs::create_directories(root_ / "quality");
    base::write_file_atomically(root_ / "quality/dm.dqdl", "Rules = [ RowCount > 0 ]\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  Study load_text(const std::string& text, const std::string& environment = "") {
    base::write_file_atomically(root_ / "study.yaml", text);
    return load(root_, environment);
  }
  std::string error_of(const std::string& text, const std::string& environment = "") {
    try {
      load_text(text, environment);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  }
  fs::path root_;
};

const char* const minimal = "study: S1\nsources:\n  edc_dm: {files: 'dm_*.csv'}\n";

TEST_F(LoadTest, ReadsAMinimalStudyWithDefaults) {
  const Study study = load_text(minimal);
  EXPECT_EQ(study.id, "S1");
  EXPECT_EQ(study.sdtmig, "3.4");
  ASSERT_EQ(study.sources.size(), 1u);
  EXPECT_EQ(study.sources[0].files, std::vector<std::string>{"dm_*.csv"});
  EXPECT_EQ(study.sources[0].delivery, Delivery::append);
  EXPECT_EQ(study.lake, fs::canonical(root_) / "lake");
  EXPECT_EQ(study.inbox, fs::canonical(root_) / "inbox");
}

TEST_F(LoadTest, ReadsDictionariesAndDocuments) {
  base::write_file_atomically(root_ / "acrf.pdf", "%PDF");
  const std::string head =
      std::string(minimal) + "publish: {define: false}\ndictionaries: {MedDRA: \"27.0\"}\n";
  const Study study = load_text(head + "documents: [{file: acrf.pdf, kind: annotated-crf}]\n");
  EXPECT_FALSE(study.publish.define);
  EXPECT_EQ(study.dictionaries.at("MedDRA"), "27.0");
  ASSERT_EQ(study.documents.size(), 1u);
  EXPECT_EQ(study.documents[0].title, "acrf.pdf");
  EXPECT_THAT(error_of(head + "documents: [{file: no.pdf}]\n"), HasSubstr("TM1504"));
  EXPECT_THAT(error_of(head + "documents: [{file: ../acrf.pdf}]\n"), HasSubstr("TM1503"));
  EXPECT_THAT(error_of(head + "documents: [{file: acrf.pdf}, {file: acrf.pdf}]\n"), HasSubstr("TM1503"));
  EXPECT_THAT(error_of(head + "documents: [{file: acrf.pdf, kind: acrf}]\n"), HasSubstr("annotated-crf"));
}

TEST_F(LoadTest, NamesLineColumnAndNearestKeyOfATypingError) {
  const auto error = error_of("study: S1\nsources:\n  edc_dm: {files: a.csv, delivry: append}\n");
  EXPECT_THAT(error, HasSubstr("TM1004"));
  EXPECT_THAT(error, HasSubstr("study.yaml:3:26"));
  EXPECT_THAT(error, HasSubstr("did you mean 'delivery'?"));
}

TEST_F(LoadTest, RefusesWrongShapes) {
  EXPECT_THAT(error_of("study: [S1]\nsources: {}\n"), HasSubstr("'study' must be a text, not a list"));
  EXPECT_THAT(error_of("study: S1\nsources: [a]\n"), HasSubstr("'sources' must be a mapping, not a list"));
  EXPECT_THAT(error_of("study: S1\n"), HasSubstr("TM1006"));
  EXPECT_THAT(error_of("just text"), HasSubstr("TM1005"));
  EXPECT_THAT(error_of(""), HasSubstr("TM1005"));
}

TEST_F(LoadTest, RefusesPathsThatLeaveTheStudy) {
  EXPECT_THAT(error_of("study: S1\nsources: {a: {files: ../x.csv}}\n"), HasSubstr("TM1503"));
  EXPECT_THAT(error_of("study: S1\nsources: {a: {files: /etc/passwd}}\n"), HasSubstr("TM1503"));
  EXPECT_THAT(error_of("study: S1\nsources: {EDC: {files: x.csv}}\n"),
              HasSubstr("cannot be the name of a source"));
}

TEST_F(LoadTest, DeliveriesNeedTheirColumns) {
  EXPECT_THAT(error_of("study: S1\nsources: {a: {files: x.csv, delivery: upsert}}\n"),
              HasSubstr("needs a 'key'"));
  EXPECT_THAT(error_of("study: S1\nsources: {a: {files: x.csv, delivery: snapshot}}\n"),
              HasSubstr("needs 'by'"));
}

TEST_F(LoadTest, QualityMustNameThingsThatExist) {
  const std::string text = minimal;
  EXPECT_EQ(load_text(text + "quality: {edc_dm: quality/dm.dqdl, on_failure: stop}\n").quality.on_failure,
            "stop");
  EXPECT_THAT(error_of(text + "quality: {edc_dn: quality/dm.dqdl}\n"), HasSubstr("did you mean 'edc_dm'?"));
  EXPECT_THAT(error_of(text + "quality: {edc_dm: quality/no.dqdl}\n"), HasSubstr("TM1504"));
}

TEST_F(LoadTest, ChoosesTheEnvironment) {
  const std::string text =
      std::string(minimal) + "environments: {uat: {inbox: in/uat}, prd: {inbox: in/prd}}\n";
  EXPECT_EQ(load_text(text).environment, "uat");
  EXPECT_EQ(load_text(text, "prd").inbox, fs::canonical(root_) / "in/prd");
  EXPECT_EQ(load_text(text).lake, fs::canonical(root_) / "lake");
  EXPECT_EQ(load_text(text, "prd").lake, fs::canonical(root_) / "lake-prd");
  const std::string own =
      std::string(minimal) + "environments: {uat: {inbox: in, lake: l/uat}, prd: {inbox: in}}\n";
  EXPECT_EQ(load_text(own).lake, fs::canonical(root_) / "l/uat");
  EXPECT_THAT(error_of(text, "dev"), HasSubstr("declared: uat, prd"));
}

TEST_F(LoadTest, SaysWhereNoStudyIs) {
  fs::remove(root_ / "study.yaml");
  EXPECT_THROW(load(root_), base::Error);
}

}  // namespace
}  // namespace trialmill::study
