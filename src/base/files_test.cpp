// Nothing half-written is ever visible under a real name: not on errors, not when killed, not on a full disk.
#include "base/files.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"

namespace trialmill::base {

namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "trialmill-files-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  template <typename Body>
  static std::string code_of(Body body) {
    try {
      body();
    } catch (const Error& error) {
      return error.code();
    }
    return "";
  }
  fs::path folder_;
};

}  // namespace

TEST_F(Files, WritesAndReadsBack) {
  const std::string bytes("a\0b\xFF\n", 5);
  write_file_atomically(folder_ / "new" / "x", bytes);
  EXPECT_EQ(read_file(folder_ / "new" / "x"), bytes);
  EXPECT_EQ(read_file(folder_ / "new" / "x", 2), bytes.substr(0, 2));
}

TEST_F(Files, KeepsTheOldFileUnlessCommitted) {
  write_file_atomically(folder_ / "x", "old");
  {
    AtomicFile out(folder_ / "x");
    out.write(std::string(3u << 20, 'n'));  // more than the buffer, so some of it is on disk
    EXPECT_EQ(read_file(folder_ / "x"), "old");
  }
  EXPECT_EQ(read_file(folder_ / "x"), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, ShowsNothingHalfWrittenWhenKilled) {
  write_file_atomically(folder_ / "x", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile out(folder_ / "x");
    out.write(std::string(3u << 20, 'n'));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(read_file(folder_ / "x"), "old");
  write_file_atomically(folder_ / "x", "new");  // what the killed one left does not disturb the next one
  EXPECT_EQ(read_file(folder_ / "x"), "new");
}

// A limit on the size of files stands for the full disk: write() fails in the same way, in the middle.
TEST_F(Files, KeepsTheOldFileWhenTheDiskIsFull) {
  write_file_atomically(folder_ / "x", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{2u << 20, 2u << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string code =
        code_of([&] { write_file_atomically(folder_ / "x", std::string(8u << 20, 'n')); });
    ::_exit(code == "TM1002" && entries() == 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(read_file(folder_ / "x"), "old");
}

TEST_F(Files, NamesWhatCannotBeReadOrWritten) {
  EXPECT_EQ(code_of([&] { read_file(folder_ / "absent"); }), "TM1001");
  EXPECT_EQ(code_of([&] { read_file(folder_); }), "TM1001");
  write_file_atomically(folder_ / "file", "x");
  EXPECT_EQ(code_of([&] { write_file_atomically(folder_ / "file" / "below", "x"); }), "TM1002");
  EXPECT_EQ(code_of([&] { make_folders(folder_ / "file" / "below"); }), "TM1002");
  fs::create_directory(folder_ / "taken");
  EXPECT_EQ(code_of([&] { write_file_atomically(folder_ / "taken", "x"); }), "TM1002");
  EXPECT_EQ(entries(), 2u);
}

TEST_F(Files, SwitchesALinkInOneStep) {
  switch_symlink(folder_ / "current", "releases/1");
  switch_symlink(folder_ / "current", "releases/2");
  EXPECT_EQ(fs::read_symlink(folder_ / "current"), "releases/2");
  EXPECT_EQ(entries(), 1u);
}

}  // namespace trialmill::base
