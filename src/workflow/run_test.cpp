// Whole runs with stages made up here: skipping, pausing, failing, dying.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "base/error.hpp"
#include "base/files.hpp"
#include "workflow/asl_check.hpp"
#include "workflow/pipeline.hpp"
#include "workflow/report.hpp"
#include "workflow/run.hpp"

namespace trialmill::workflow {
namespace {

class RunTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("trialmill_run_test_" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "inbox");
    fs::create_directories(root_ / "quality");
    fs::create_directories(root_ / "mappings");
    write("study.yaml",
          "study: T-01\ntitle: Test\nlake: ./lake\nenvironments: {uat: {inbox: ./inbox}}\n"
          "sources:\n  dm: {files: \"dm.csv\", unmapped: \"only a test\"}\n" +
              extra());
    stages_ = {stage("crawl"), stage("check"), stage("transform"), stage("validate"), stage("publish")};
    options_.study = root_;
    options_.stages = &stages_;
    options_.say = [this](const std::string& line) { said_.push_back(line); };
  }
  void TearDown() override { fs::remove_all(root_); }

  virtual std::string extra() { return "alerts: [{file: alerts.jsonl}, {mail: a@example.org}]\n"; }

  void write(const std::string& name, const std::string& text) {
    base::write_file_atomically(root_ / name, text);
  }

  StageEntry stage(const std::string& name) {
    return {name, [this, name](study::Context&) { return fingerprints_[name]; },
            [this, name](study::Context& context) {
              ++calls_[name];
              if (during_) during_(name, context);
              study::Outcome out;
              out.headline = name + " done";
              out.passed = name != "check" || quality_passes_;
              const fs::path file = context.layout.lake / (name + ".out");
              base::write_file_atomically(file, name);
              out.outputs = {file};
              if (name == "crawl") out.accounts = {{"dm", 10, 0, {}, {{"malformed line", 1}}}};
              if (name == "transform") out.accounts = {{"dm", 0, mapped_, {{"screen failure", 2}}, {}}};
              return out;
            }};
  }

  std::string status_of(const Json& summary, const std::string& name) {
    for (const auto& item : summary.at("stages")) {
      if (item.at("name") == name) return item.at("status").get<std::string>();
    }
    return "absent";
  }

  fs::path root_;
  std::vector<StageEntry> stages_;
  RunOptions options_;
  std::map<std::string, std::string> fingerprints_;
  std::map<std::string, int> calls_;
  std::vector<std::string> said_;
  std::function<void(const std::string&, study::Context&)> during_;
  bool quality_passes_ = true;
  std::int64_t mapped_ = 7;
};

TEST_F(RunTest, CompletesThenSkipsWhatDidNotChange) {
  during_ = [](const std::string& name, study::Context& context) {
    if (name != "check") return;
    findings::Finding finding;
    finding.rule = "dm.dqdl:1";
    finding.severity = findings::Severity::warning;
    finding.message = "odd";
    context.findings.add(finding);
  };
  const Json first = run(options_);
  EXPECT_EQ(first.at("status"), "succeeded") << first.dump(2);
  EXPECT_EQ(first.at("exit_code"), 0);
  EXPECT_EQ(first.at("reconciliation")[0].at("unaccounted"), 0);
  EXPECT_EQ(first.at("outputs").size(), 1U);
  EXPECT_TRUE(fs::exists(first.at("reports").at("reconciliation").get<std::string>()));

  fingerprints_["transform"] = "changed";
  fs::remove(root_ / "lake" / "publish.out");  // an output that is gone makes its stage run
  const Json second = run(options_);
  EXPECT_EQ(status_of(second, "crawl"), "skipped");
  EXPECT_EQ(status_of(second, "transform"), "done");
  EXPECT_EQ(status_of(second, "validate"), "skipped");
  EXPECT_EQ(status_of(second, "publish"), "done");
  EXPECT_EQ(calls_["crawl"], 1);
  EXPECT_EQ(second.at("findings"), first.at("findings")) << "skipped stages still report their findings";
  EXPECT_EQ(second.at("reconciliation"), first.at("reconciliation"));

  options_.force = true;
  EXPECT_EQ(status_of(run(options_), "crawl"), "done");
  options_.force = false;
  options_.from = "validate";
  const Json from = run(options_);
  EXPECT_EQ(status_of(from, "transform"), "skipped");
  EXPECT_EQ(status_of(from, "validate"), "done");
}

TEST_F(RunTest, PausesAlertsAndResumes) {
  quality_passes_ = false;
  const Json paused = run(options_);
  EXPECT_EQ(paused.at("status"), "paused");
  EXPECT_EQ(paused.at("exit_code"), 1);
  EXPECT_EQ(status_of(paused, "transform"), "absent");
  EXPECT_TRUE(fs::exists(root_ / "alerts.jsonl"));
  EXPECT_TRUE(fs::exists(root_ / "lake/audit/runs" / paused.at("run").get<std::string>() / "alerts/2.eml"));
  EXPECT_TRUE(fs::exists(paused.at("reports").at("findings").get<std::string>()));

  quality_passes_ = true;
  fingerprints_["check"] = "corrected";
  const Json done = resume("last", options_);
  EXPECT_EQ(done.at("status"), "succeeded") << done.dump(2);
  EXPECT_EQ(done.at("run"), paused.at("run"));
  EXPECT_EQ(calls_["crawl"], 1);
  EXPECT_THROW(resume(done.at("run").get<std::string>(), options_), base::Error);
}

TEST_F(RunTest, CancelledRunsDoNotResume) {
  quality_passes_ = false;
  const std::string id = run(options_).at("run").get<std::string>();
  cancel(id, options_);
  EXPECT_EQ(History(root_ / "lake/state/trialmill.db").run(id).status, "CANCELLED");
  EXPECT_THROW(resume(id, options_), base::Error);
}

TEST_F(RunTest, UnaccountedRowsFailBeforePublish) {
  mapped_ = 6;
  const Json summary = run(options_);
  EXPECT_EQ(summary.at("status"), "failed");
  EXPECT_EQ(summary.at("exit_code"), 3);
  EXPECT_EQ(summary.at("error").at("code"), "TM2810");
  EXPECT_NE(summary.at("error").at("message").get<std::string>().find("dm: received 10, mapped 6"),
            std::string::npos);
  EXPECT_EQ(calls_["publish"], 0);
  EXPECT_TRUE(fs::exists(summary.at("reports").at("reconciliation").get<std::string>()));
}

TEST_F(RunTest, AFailedStageRunsAgain) {
  during_ = [](const std::string& name, study::Context&) {
    if (name == "transform") throw base::Error("TM2301", "bad mapping");
  };
  const Json failed = run(options_);
  EXPECT_EQ(failed.at("error").at("code"), "TM2301");
  EXPECT_EQ(status_of(failed, "transform"), "failed");
  during_ = {};
  const Json good = run(options_);
  EXPECT_EQ(good.at("status"), "succeeded");
  EXPECT_EQ(status_of(good, "transform"), "done");
}

TEST_F(RunTest, OnlyOneRunAtATime) {
  during_ = [this](const std::string& name, study::Context&) {
    if (name != "crawl") return;
    during_ = {};
    try {
      run(options_);
      ADD_FAILURE() << "a second run started";
    } catch (const base::Error& problem) {
      EXPECT_EQ(problem.code(), "TM2802");
    }
  };
  EXPECT_EQ(run(options_).at("status"), "succeeded");
}

TEST_F(RunTest, AfterAKillTheNextRunCompletes) {
  const pid_t child = ::fork();
  if (child == 0) {
    during_ = [](const std::string& name, study::Context&) {
      if (name == "transform") ::raise(SIGKILL);
    };
    run(options_);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const Json next = run(options_);
  EXPECT_EQ(next.at("status"), "succeeded") << next.dump(2);
  EXPECT_EQ(status_of(next, "crawl"), "skipped");
  EXPECT_EQ(status_of(next, "transform"), "done");
  const auto runs = History(root_ / "lake/state/trialmill.db").runs();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[1].status, "ABORTED");
}

TEST(Pipeline, IsSoundAndEndsWhereAsked) {
  const Json machine = base::parse_json(builtin_pipeline(), "built-in");
  EXPECT_TRUE(asl::check(machine).empty());
  EXPECT_EQ(ended_after(machine, "transform").at("States").at("Reconcile").at("End"), true);
  EXPECT_EQ(ended_after(machine, "crawl").at("States").at("CatalogDeliveries").at("End"), true);
  EXPECT_EQ(ended_after(machine, "check").at("States").at("Quality").at("End"), true);
}

}  // namespace
}  // namespace trialmill::workflow
