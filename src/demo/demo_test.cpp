#include "demo/demo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "demo/dates.hpp"
#include "demo/random.hpp"

namespace trialmill::demo {
namespace {

namespace fs = std::filesystem;

class DemoTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::temp_directory_path() /
            (std::string("trialmill_demo_") + info->name() + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path write(const std::string& name, std::int64_t subjects, std::uint64_t seed = 1) {
    Options options;
    options.folder = root_ / name;
    options.subjects = subjects;
    options.seed = seed;
    write_study(options);
    return options.folder;
  }
  /// Relative path → SHA-256 of every file below `folder`.
  static std::map<std::string, std::string> hashes(const fs::path& folder) {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file())
        out[fs::relative(entry.path(), folder).string()] = base::sha256_of_file(entry.path());
    }
    return out;
  }
  /// Lines of all files below `folder` that contain `word`, sorted.
  static std::vector<std::string> lines_with(const fs::path& folder, const std::string& word) {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        if (line.find(word) != std::string::npos)
          out.push_back(entry.path().filename().string() + ": " + line);
      }
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  fs::path root_;
};

TEST_F(DemoTest, RawDataOfSeedOneAndTwelveSubjectsNeverChange) {
  base::Sha256 all;
  for (const auto& [path, hash] : hashes(write("a", 12) / "inbox")) all.add_part(path).add_part(hash);
  EXPECT_EQ(all.hex(), "e7318f8b48ae381b47a6710b0cc3e20168287928002354f145604e1b5418b870");
}

TEST_F(DemoTest, SameSeedSameBytesOtherSeedOtherBytes) {
  const auto first = hashes(write("a", 30, 7));
  EXPECT_EQ(first, hashes(write("b", 30, 7)));
  EXPECT_NE(first, hashes(write("c", 30, 8)));
}

TEST_F(DemoTest, SubjectHasTheSameDataWhateverTheNumberOfSubjects) {
  const fs::path few = write("few", 12) / "inbox", many = write("many", 150) / "inbox";
  for (const std::string number : {"1000001", "2000001", "3000002", "5000001", "6000002"}) {
    const auto lines = lines_with(few, number);
    EXPECT_FALSE(lines.empty()) << number;
    EXPECT_EQ(lines, lines_with(many, number)) << number;
  }
}

TEST_F(DemoTest, RefusesAFolderThatHoldsSomethingElse) {
  base::write_file_atomically(root_ / "mine" / "notes.txt", "keep me");
  try {
    write("mine", 1);
    FAIL() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "TM3101");
    EXPECT_EQ(error.kind(), base::ErrorKind::usage);
    EXPECT_THAT(error.hint(), testing::HasSubstr("--overwrite"));
  }
  Options options;
  options.folder = root_ / "mine";
  options.subjects = 1;
  options.overwrite = true;
  write_study(options);
  EXPECT_EQ(base::read_file(root_ / "mine" / "notes.txt"), "keep me");
  EXPECT_TRUE(fs::exists(root_ / "mine" / "study.yaml"));
}

TEST_F(DemoTest, WritesOverAnEarlierExampleAndLeavesTheLake) {
  const fs::path folder = write("again", 12);
  base::make_folders(folder / "lake");
  base::write_file_atomically(folder / "lake" / "kept", "x");
  write("again", 6);
  EXPECT_TRUE(fs::exists(folder / "lake" / "kept"));
  for (const auto& entry : fs::directory_iterator(folder)) {
    EXPECT_NE(entry.path().filename().string()[0], '.') << entry.path();
  }
  EXPECT_EQ(hashes(folder / "inbox"), hashes(write("fresh", 6) / "inbox"));
}

TEST_F(DemoTest, NumberOfSubjectsIsChecked) {
  EXPECT_THROW(write("none", 0), base::Error);
  EXPECT_THROW(write("too-many", 1'000'001), base::Error);
}

TEST(Random, IsTheSameEverywhere) {
  Random random(1, 0, Purpose::person);
  EXPECT_EQ(random.next(), 290337256739022768ULL);
}

TEST(Dates, AreWrittenAsEachSystemDoes) {
  const Day day = day_of(2024, 4, 5);
  EXPECT_EQ(day, 19818);
  EXPECT_EQ(date_text(day, DateStyle::edc), "05-APR-2024");
  EXPECT_EQ(date_text(day, DateStyle::us), "4/5/2024");
  EXPECT_EQ(date_text(day, DateStyle::uk), "05/04/2024");
  EXPECT_EQ(date_text(day, DateStyle::iso), "2024-04-05");
  EXPECT_EQ(partial_date(day, true), "UN-APR-2024");
  EXPECT_EQ(partial_date(day, false), "UN-UNK-2024");
  EXPECT_EQ(fitbit_date(day), "04/05/24");
}

}  // namespace
}  // namespace trialmill::demo
