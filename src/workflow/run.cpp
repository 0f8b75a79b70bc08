#include "workflow/run.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <random>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "catalog/catalog.hpp"
#include "workflow/alert.hpp"
#include "workflow/asl_machine.hpp"
#include "workflow/pipeline.hpp"
#include "workflow/report.hpp"
#include "workflow/run_log.hpp"
#include "workflow/stage_runner.hpp"

namespace trialmill::workflow {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view stage_prefix = "trialmill:stage:";

std::string new_run_id() {
  std::string time = base::utc_now().substr(0, 19);  // 2026-11-24T01:02:03
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  std::random_device random;
  return fmt::format("{}Z-{:04x}", time, random() & 0xFFFFU);
}

/// What people see of a step: mark, name, time, outcome.
std::string step_line(const char* mark, const std::string& name, double seconds, const std::string& text) {
  return fmt::format("{} {:<10} {:6.2f} s  {}", mark, name, seconds, text);
}

/// Removes the files that a killed run was writing aside (base/files.hpp); call only while holding the lock.
void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".tmp") found.push_back(entry.path());
  }
  for (const auto& file : found) std::filesystem::remove(file, ignored);
}

/// Bytes of all delivered files; 0 where they cannot be listed, which the crawl will report.
std::uintmax_t delivered_bytes(const fs::path& inbox) {
  std::uintmax_t bytes = 0;
  std::error_code status;
  for (fs::recursive_directory_iterator at(inbox, status), end; !status && at != end; at.increment(status)) {
    std::error_code unknown;
    const auto size = at->is_regular_file(unknown) ? at->file_size(unknown) : 0;
    if (!unknown) bytes += size;
  }
  return bytes;
}

/// Small deliveries are done before a second thread of the engine has started to help. Large ones may spill,
/// into the lake, where there is room for them, and not into the folder the program was started in.
table::SessionOptions session_options(const study::Study& study, const study::Layout& layout) {
  constexpr std::uintmax_t small_bytes = 32u << 20;
  table::SessionOptions options;
  if (delivered_bytes(study.inbox) < small_bytes) options.threads = 1;
  options.temp_directory = (layout.lake / "state" / "spill").string();
  return options;
}

study::Study load_study(const RunOptions& options) {
  study::Study study = study::load(options.study, options.environment);
  study.fresh_numbering = options.fresh_numbering;
  study.offline = options.offline;
  return study;
}

/// Everything a run holds while it works.
class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options),
        study_(load_study(options)),
        layout_{study_.lake},
        stages_(options.stages ? *options.stages : all_stages()),
        lock_(study_.lake),
        history_(layout_.database()),
        session_(session_options(study_, layout_)) {
    history_.abort_orphans();
    remove_leftovers(layout_.lake / "state");
    remove_leftovers(layout_.lake / "stage");
  }

  Json start() {
    row_.id = new_run_id();
    row_.study = study_.id;
    row_.environment = study_.environment;
    row_.started = base::utc_now();
    row_.definition = ended_after(pipeline_of(study_), options_.until);
    if (!options_.from.empty()) position(options_.from);
    return work([&](const asl::Hooks& hooks) {
      const Json input = {{"study", study_.id},
                          {"environment", study_.environment},
                          {"on_failure", study_.quality.on_failure},
                          {"on_duplicate_keys", study_.on_duplicate_keys}};
      return asl::execute(row_.definition, input, hooks);
    });
  }

  Json go_on(const std::string& id) {
    row_ = history_.run(id, true);
    if (row_.status != "PAUSED") {
      throw base::usage_error("TM2804",
                              "run " + row_.id + " is " + base::to_lower(row_.status) + ", not paused", {},
                              "`trialmill run` starts a new one");
    }
    const Json snapshot = std::exchange(row_.snapshot, Json());
    return work([&](const asl::Hooks& hooks) {
      return asl::resume(row_.definition, snapshot, {{"decision", "resume"}, {"time", base::utc_now()}},
                         hooks);
    });
  }

 private:
  Json work(const std::function<asl::Execution(const asl::Hooks&)>& machine) {
    log_ = std::make_unique<RunLog>(layout_.run(row_.id), row_.id);
    set_status("RUNNING");
    recall_stages();
    log_->write("", "info", "run started");
    asl::Execution end;
    try {
      end = machine(hooks());
    } catch (const base::Error& stopped) {  // Ctrl-C passes through the machine
      error_ = stopped;
    }
    return close(end);
  }

  /// Stages done before a pause belong to the report even if the workflow does not come by again.
  void recall_stages() {
    if (!row_.summary.is_object() || !row_.summary.contains("stages")) return;
    for (const auto& stage : row_.summary.at("stages")) {
      if (auto known = recorded_stage(stage.at("name").get<std::string>(), layout_)) keep(std::move(*known));
    }
  }

  asl::Hooks hooks() {
    asl::Hooks out;
    out.execution_name = row_.id;
    out.task = [this](const std::string& resource, const Json& input, const Json&) {
      return task(resource, input);
    };
    out.on_event = [this](const std::string& type, const std::string& state, const Json& details) {
      history_.add_event(row_.id, type, state, details);
    };
    return out;
  }

  Json task(const std::string& resource, const Json& input) {
    try {
      if (resource.rfind(stage_prefix, 0) == 0) return stage(resource.substr(stage_prefix.size()));
      if (resource == "trialmill:reconcile") return reconcile_rows();
      if (resource == "trialmill:alert") return alert(input);
      if (resource == "trialmill:catalog") return record_in_catalog();
    } catch (const base::Error& problem) {
      if (problem.kind() == base::ErrorKind::interrupted) throw;
      error_ = problem;
      throw asl::TaskError(problem.code(), problem.message());
    } catch (const std::exception& problem) {
      error_ = base::Error("TM2811", problem.what(), {}, "this is a defect of the program; please report it");
      throw asl::TaskError("TM2811", problem.what());
    }
    throw asl::TaskError("States.TaskFailed", "there is no resource '" + resource + "'");
  }

  std::size_t position(const std::string& name) const {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      if (stages_[i].name == name) return i;
    }
    std::vector<std::string> names;
    for (const auto& entry : stages_) names.push_back(entry.name);
    throw base::usage_error("TM2807", "there is no stage '" + name + "'", {},
                            base::did_you_mean(name, names));
  }

  Freshness freshness(std::size_t index) const {
    if (options_.force) return Freshness::always;
    if (options_.from.empty()) return Freshness::if_changed;
    return index < position(options_.from) ? Freshness::never : Freshness::always;
  }

  Json stage(const std::string& name) {
    const std::size_t index = position(name);
    mount(name);
    findings::Findings findings;
    study::Context context{study_, layout_, session_, findings, {}};
    if (options_.progress) {
      context.progress = [&](double share, const std::string& what) { options_.progress(name, share, what); };
    }
    const base::Stopwatch clock;
    try {
      StageResult result = run_stage(stages_[index], context, freshness(index));
      log_->write(name, "info", result.status + ": " + result.outcome.headline);
      say(result.status == "skipped"
              ? fmt::format("= {:<10} unchanged: {}", name, result.outcome.headline)
              : step_line(result.outcome.passed ? "✓" : "!", name, result.seconds, result.outcome.headline));
      const Json report = {{"status", result.status},
                           {"passed", result.outcome.passed},
                           {"rows_in", result.outcome.rows_in},
                           {"rows_out", result.outcome.rows_out},
                           {"headline", result.outcome.headline}};
      keep(std::move(result));
      return report;
    } catch (const std::exception& problem) {
      const auto* known = dynamic_cast<const base::Error*>(&problem);
      StageResult failed{name, "failed", clock.seconds(), 0, {}, findings.sorted()};
      failed.outcome.passed = false;
      failed.outcome.headline = known ? known->code() : "unexpected failure";
      // Messages may quote data, which logs must not.
      log_->write(name, "error", "failed: " + failed.outcome.headline);
      say(step_line("✗", name, failed.seconds, problem.what()));
      keep(std::move(failed));
      throw;
    }
  }

  /// Shows the stage the tables that earlier stages made, once until they are made anew.
  void mount(const std::string& stage) {
    if (stage == "crawl") {
      raw_mounted_ = false;
    } else if (stage == "check" || stage == "transform") {
      if (!raw_mounted_) study::mount_raw(session_, layout_);
      raw_mounted_ = true;
      if (stage == "transform") staged_mounted_ = false;
    } else {
      if (!staged_mounted_) study::mount_staged(session_, layout_);
      staged_mounted_ = true;
    }
  }

  void keep(StageResult result) {
    std::erase_if(results_, [&](const StageResult& old) { return old.name == result.name; });
    results_.push_back(std::move(result));
  }

  Json reconcile_rows() {
    const base::Stopwatch clock;
    const auto accounts = reconcile(results_);
    std::int64_t received = 0, mapped = 0;
    for (const auto& account : accounts) received += account.received, mapped += account.mapped;
    try {
      require_accounted(accounts);
    } catch (const base::Error& problem) {
      log_->write("reconcile", "error", "failed: TM2810");
      say(step_line("✗", "reconcile", clock.seconds(), problem.what()));
      throw;
    }
    say(step_line("✓", "reconcile", clock.seconds(),
                  base::thousands(received) + " rows received, every one accounted for"));
    return {{"received", received}, {"mapped", mapped}, {"unaccounted", 0}};
  }

  Json alert(const Json& input) {
    const std::string subject = input.value("subject", "Trialmill"), text = input.value("text", "");
    for (auto& finding : send_alerts(study_, row_.id, subject, text, layout_.run(row_.id))) {
      log_->write("alert", "warning", "an alert was not delivered");
      own_findings_.push_back(std::move(finding));
    }
    return {{"sent", study_.alerts.size()}};
  }

  /// Records what this run has made so far: after crawl the deliveries, after publish the release too.
  Json record_in_catalog() {
    const base::Stopwatch clock;
    catalog::Catalog catalog(layout_.database());
    findings::Findings changes;
    Json out = Json::object();
    std::string text;
    for (const auto& result : results_) {
      if (result.status == "failed") continue;
      if (result.name == "crawl") {
        const auto record = catalog.record_crawl(result.outcome.detail, row_.id, changes);
        text = fmt::format("{} sources, {} files ({} new), {} columns changed", record.sources,
                           base::thousands(record.files), base::thousands(record.new_files),
                           record.changed_columns);
        out["files"] = record.files;
        out["changed_columns"] = record.changed_columns;
      }
      if (result.name != "publish") continue;
      const std::string release = result.outcome.detail.value("release", "");
      if (release.empty()) continue;
      catalog.record_release(
          {release, row_.id, base::sha256_of_file(layout_.output_current() / "manifest.json"), ""});
      text = "release " + release;
      out["release"] = release;
    }
    std::erase_if(own_findings_, [](const findings::Finding& old) { return old.rule == "TM2150"; });
    for (auto& finding : changes.sorted()) own_findings_.push_back(std::move(finding));
    say(step_line(changes.size() == 0 ? "✓" : "!", "catalog", clock.seconds(),
                  text.empty() ? "nothing new" : text));
    return out;
  }

  void set_status(const std::string& status) {
    row_.status = status;
    if (status != "RUNNING") row_.ended = base::utc_now();
    history_.save(row_);
    history_.add_event(row_.id, "Run" + status, "", Json::object());
  }

  /// Turns the machine's end into status, exit code and reports.
  Json close(const asl::Execution& end) {
    using Status = asl::Execution::Status;
    findings::Findings all;
    for (const auto& result : results_) {
      for (const auto& finding : result.findings) all.add(finding);
    }
    for (const auto& finding : own_findings_) all.add(finding);
    RunReport report;
    report.run = row_.id;
    report.study = study_.id;
    report.environment = study_.environment;
    report.started = row_.started;
    report.ended = base::utc_now();
    report.stages = results_;
    report.reconciliation = reconcile(results_);
    report.findings = &all;
    if (error_ && error_->kind() == base::ErrorKind::interrupted) {
      report.status = "interrupted";
      report.exit_code = static_cast<int>(base::ErrorKind::interrupted);
      report.error = error_;
    } else if (end.status == Status::suspended) {
      report.status = "paused";
      report.exit_code = 1;
      row_.snapshot = end.snapshot;
    } else if (end.status != Status::succeeded) {
      report.status = "failed";
      report.error = error_ && error_->code() == end.error
                         ? *error_
                         : base::Error("TM2812", end.error + ": " + end.cause);
      report.exit_code = static_cast<int>(report.error->kind());
    } else {
      report.status = "succeeded";
      report.exit_code = all.any_at_or_over(findings::severity_from(study_.fail_on)) ? 1 : 0;
    }
    row_.summary = write_reports(report, layout_);
    log_->write("", "info", "run " + report.status);
    set_status(base::to_upper(report.status));
    return row_.summary;
  }

  void say(const std::string& line) const {
    if (options_.say) options_.say(line);
  }

  const RunOptions& options_;
  const study::Study study_;
  const study::Layout layout_;
  const std::vector<StageEntry>& stages_;
  const RunLock lock_;
  History history_;
  table::Session session_;
  bool raw_mounted_ = false, staged_mounted_ = false;
  std::unique_ptr<RunLog> log_;
  RunRow row_;
  std::vector<StageResult> results_;
  std::vector<findings::Finding> own_findings_;
  std::optional<base::Error> error_;
};

/// The environment whose lake knows the run; each has a history of its own.
std::string environment_of(const std::string& id, const std::string& folder) {
  for (const auto& name : study::load(folder).environments) {
    const study::Layout layout{study::load(folder, name).lake};
    if (!std::filesystem::exists(layout.database())) continue;
    try {
      return History(layout.database()).run(id, true).environment;
    } catch (const base::Error&) {  // another one may have it
    }
  }
  const study::Layout layout{study::load(folder).lake};
  return History(layout.database()).run(id, true).environment;
}

}  // namespace

base::Json run(const RunOptions& options) {
  return Run(options).start();
}

base::Json resume(const std::string& id, const RunOptions& options) {
  RunOptions own = options;
  if (own.environment.empty()) {  // a run goes on in the environment it began in
    own.environment = environment_of(id, options.study);
  }
  return Run(own).go_on(id);
}

std::string cancel(const std::string& id, const RunOptions& options) {
  const study::Layout layout{study::load(options.study, options.environment).lake};
  History history(layout.database());
  RunRow row = history.run(id);
  if (row.status == "RUNNING") {
    if (const auto process = RunLock::holder(layout.lake)) {
      ::kill(*process, SIGTERM);
      return "asked process " + std::to_string(*process) + " to stop run " + row.id;
    }
    const RunLock lock(layout.lake);
    history.abort_orphans();
    return "the process of run " + row.id + " was gone: marked as aborted";
  }
  if (row.status != "PAUSED") {
    throw base::usage_error(
        "TM2804", "run " + row.id + " is " + base::to_lower(row.status) + " and cannot be cancelled");
  }
  row.status = "CANCELLED";
  row.ended = base::utc_now();
  history.save(row);
  history.add_event(row.id, "RunCANCELLED", "", Json::object());
  return "run " + row.id + " cancelled";
}

}  // namespace trialmill::workflow
