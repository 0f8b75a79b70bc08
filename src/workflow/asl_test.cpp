// The interpreter against executions recorded elsewhere (shared test data) and small machines of our own.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "workflow/asl_check.hpp"
#include "workflow/asl_choice.hpp"
#include "workflow/asl_machine.hpp"
#include "workflow/asl_path.hpp"

namespace trialmill::workflow::asl {
namespace {

namespace fs = std::filesystem;
const fs::path cases_folder = fs::path(TRIALMILL_SHARED_DIR) / "data" / "asl";

Hooks quick() {
  Hooks out;
  out.sleep = [](double) {};
  return out;
}

/// "" if the outcome is as recorded, else what differs.
std::string difference(const Json& definition, const Json& wanted, const Json& input) {
  Execution got;
  try {
    got = execute(definition, input, quick());
  } catch (const std::exception& problem) {
    return std::string("exception ") + problem.what();
  }
  if (wanted.at("status") == "SUCCEEDED") {
    if (got.status != Execution::Status::succeeded) return "failed: " + got.error + " " + got.cause;
    return same_value(got.output, wanted.at("output")) ? "" : "output " + got.output.dump();
  }
  if (got.status == Execution::Status::succeeded) return "did not fail";
  const Json error = wanted.value("error", Json());
  if (error.is_string() && error != got.error) return "error " + got.error + ": " + got.cause;
  const Json cause = wanted.value("cause", Json());
  if (cause.is_string() && cause != got.cause) return "cause " + got.cause;
  return "";
}

TEST(AslRecorded, JsonPathExecutions) {
  if (!fs::exists(cases_folder)) GTEST_SKIP() << "shared test data are not here: " << cases_folder;
  // Outcomes we know to differ. A case that starts to pass must leave the list.
  const std::set<std::string> known = {};
  std::set<std::string> failed;
  int count = 0;
  std::ifstream in(cases_folder / "recorded.jsonl");
  for (std::string line; std::getline(in, line);) {
    const Json item = base::parse_json(line, "recorded.jsonl");
    if (line.find("JSONata") != std::string::npos && line.find("\"QueryLanguage\"") != std::string::npos)
      continue;
    ++count;
    const std::string problem = difference(item.at("definition"), item, item.at("input"));
    if (problem.empty()) continue;
    const std::string id = item.at("id").get<std::string>();
    failed.insert(id);
    if (!known.count(id)) ADD_FAILURE() << id << ": " << problem.substr(0, 400);
  }
  EXPECT_GT(count, 400);
  EXPECT_EQ(failed, known);
}

TEST(AslRecorded, Cases) {
  if (!fs::exists(cases_folder)) GTEST_SKIP() << "shared test data are not here: " << cases_folder;
  for (const auto& entry : fs::directory_iterator(cases_folder / "cases")) {
    const auto read = [&](const char* name) {
      return base::parse_json(base::read_file(entry.path() / name), name);
    };
    Json wanted = {{"status", "SUCCEEDED"}};
    if (fs::exists(entry.path() / "expected_output.json"))
      wanted["output"] = read("expected_output.json");
    else
      wanted = read("expected_error.json");
    EXPECT_EQ(difference(read("definition.asl.json"), wanted, read("input.json")), "")
        << entry.path().filename();
  }
}

TEST(AslRecorded, Validation) {
  const fs::path folder = cases_folder / "validate";
  if (!fs::exists(folder)) GTEST_SKIP() << "shared test data are not here: " << folder;
  // Known to differ: features we refuse (ItemReader, ItemBatcher, a script in a path, templates of other
  // tools) and faults we do not look for. A file that starts to agree must leave the list.
  const std::set<std::string> known = {"invalid/aslvalidator__invalid-cfn-definition-substitutions.json",
                                       "invalid/aslvalidator__invalid-math-add.json",
                                       "invalid/aslvalidator__invalid-task-alias-function.json",
                                       "invalid/aslvalidator__invalid-task-credentials-object.json",
                                       "valid/aslvalidator__valid-map-distributed.asl.json",
                                       "valid/aslvalidator__valid-map-with-item-batcher.json",
                                       "valid/aslvalidator__valid-path-array-context.json",
                                       "valid/aslvalidator__valid-task-intrisic-function.json"};
  std::set<std::string> wrong;
  int count = 0;
  for (const auto& item : base::parse_json(base::read_file(folder / "index.json"), "index.json")) {
    const std::string file = item.at("file").get<std::string>();
    const std::string text = base::read_file(folder / file);
    if (text.find("JSONata") != std::string::npos) continue;  // refused on purpose
    bool sound = false;
    try {
      sound = check(parse_definition(text, file)).empty();
    } catch (const base::Error&) {
    }
    ++count;
    if (sound != (item.at("expect") == "valid")) wrong.insert(file);
  }
  EXPECT_GT(count, 60);
  EXPECT_EQ(wrong, known);
}

TEST(AslMachine, TaskRetryCatchAndToken) {
  const Json machine = Json::parse(R"({"StartAt":"A","States":{
    "A":{"Type":"Task","Resource":"work","ResultPath":"$.a","Retry":[{"ErrorEquals":["Busy"],"MaxAttempts":2}],
         "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.err","Next":"Hold"}],"Next":"End"},
    "Hold":{"Type":"Task","Resource":"pause.waitForTaskToken","Parameters":{"t.$":"$$.Task.Token"},
            "ResultPath":"$.answer","Next":"End"},
    "End":{"Type":"Succeed"}}})");
  int calls = 0;
  std::vector<double> slept;
  std::string announced;
  Hooks hooks;
  hooks.sleep = [&](double seconds) { slept.push_back(seconds); };
  hooks.task = [&](const std::string&, const Json&, const Json&) -> Json {
    ++calls;
    throw TaskError(calls < 3 ? "Busy" : "Broken", "no");
  };
  hooks.announce = [&](const std::string&, const Json& input, const std::string& token) {
    EXPECT_EQ(input.at("t"), token);
    announced = token;
  };
  const Execution first = execute(machine, Json::parse(R"({"x": 1})"), hooks);
  EXPECT_EQ(first.status, Execution::Status::suspended);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(slept, (std::vector<double>{1, 2}));
  EXPECT_EQ(first.snapshot.at("token"), announced);
  const Execution second = resume(machine, first.snapshot, "go", hooks);
  ASSERT_EQ(second.status, Execution::Status::succeeded) << second.cause;
  EXPECT_EQ(second.output.at("answer"), "go");
  EXPECT_EQ(second.output.at("err").at("Error"), "Broken");
  EXPECT_EQ(second.output.at("x"), 1);
}

TEST(AslChoice, Timestamps) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01Z")->first, 1);
  EXPECT_EQ(parse_timestamp("1970-01-01T01:00:00+01:00")->first, 0);
  EXPECT_FALSE(parse_timestamp("2024-02-30T00:00:00Z"));
  EXPECT_FALSE(parse_timestamp("2024-02-03"));
}

}  // namespace
}  // namespace trialmill::workflow::asl
