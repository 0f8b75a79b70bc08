// audit/runs/RUN/log.jsonl: one JSON object a line, {ts, run, stage, level, msg}. No values of data go in
// here.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace trialmill::workflow {

class RunLog {
 public:
  RunLog(const std::filesystem::path& folder, std::string run) : run_(std::move(run)) {
    base::make_folders(folder);
    out_.open(folder / "log.jsonl", std::ios::app | std::ios::binary);
  }
  void write(const std::string& stage, const std::string& level, const std::string& message) {
    const base::Json line = {
        {"ts", base::utc_now()}, {"run", run_}, {"stage", stage}, {"level", level}, {"msg", message}};
    out_ << base::dump_json(line, -1) << std::endl;  // flushed: the log must survive a crash
  }

 private:
  std::string run_;
  std::ofstream out_;
};

}  // namespace trialmill::workflow
