#include "base/process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.hpp"

namespace trialmill::base {
namespace {

class Process : public ::testing::Test {
 protected:
  ProcessOptions shell(const std::string& script) const {
    ProcessOptions options;
    options.arguments = {"sh", "-c", script};
    options.folder = std::filesystem::temp_directory_path();
    options.log = options.folder / ("trialmill-process-" + std::to_string(getpid()) + ".log");
    return options;
  }
};

TEST_F(Process, RunsWithFolderEnvironmentAndLog) {
  auto options = shell("echo $GREETING; pwd; echo oops >&2; exit 3");
  options.environment = {{"GREETING", "hello"}};
  const auto result = run_process(options);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(read_file(options.log),
            "hello\n" + std::filesystem::canonical(options.folder).string() + "\noops\n");
  std::filesystem::remove(options.log);
}

TEST_F(Process, EndsWhatHangs) {
  auto options = shell("trap '' TERM; sleep 60 & sleep 60");
  options.timeout = std::chrono::milliseconds(100);
  const auto result = run_process(options);
  EXPECT_TRUE(result.timed_out);
  EXPECT_LT(result.seconds, 30);
  std::filesystem::remove(options.log);
}

TEST_F(Process, SaysThatThereIsNoSuchProgram) {
  auto options = shell("");
  options.arguments = {"no-such-program-anywhere"};
  EXPECT_EQ(run_process(options).exit_code, 127);
}

}  // namespace
}  // namespace trialmill::base
