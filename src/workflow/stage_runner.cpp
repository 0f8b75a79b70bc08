#include "workflow/stage_runner.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/memory.hpp"
#include "base/time.hpp"
#include "base/version.hpp"

namespace trialmill::workflow {

namespace {

namespace fs = std::filesystem;
using base::Json;

fs::path findings_file(const std::string& stage, const study::Layout& layout) {
  return layout.stage_record(stage).parent_path() / (stage + ".findings.jsonl");
}

std::uintmax_t size_of(const fs::path& file) {
  std::error_code status;
  const auto size = fs::file_size(file, status);  // fails for folders: they count as 0
  return status ? 0 : size;
}

Json json_of(const study::Outcome& outcome) {
  Json outputs = Json::array();
  for (const auto& file : outcome.outputs)
    outputs.push_back({{"path", file.string()}, {"bytes", size_of(file)}});
  return {{"passed", outcome.passed},     {"rows_in", outcome.rows_in},
          {"rows_out", outcome.rows_out}, {"headline", outcome.headline},
          {"outputs", outputs},           {"accounts", workflow::json_of(outcome.accounts)},
          {"detail", outcome.detail}};
}

study::Outcome outcome_of(const Json& json) {
  study::Outcome out;
  out.passed = json.at("passed").get<bool>();
  out.rows_in = json.at("rows_in").get<std::int64_t>();
  out.rows_out = json.at("rows_out").get<std::int64_t>();
  out.headline = json.at("headline").get<std::string>();
  for (const auto& file : json.at("outputs")) out.outputs.emplace_back(file.at("path").get<std::string>());
  for (const auto& item : json.at("accounts")) {
    findings::SourceAccount account;
    account.source = item.at("source").get<std::string>();
    account.received = item.at("received").get<std::int64_t>();
    account.mapped = item.at("mapped").get<std::int64_t>();
    account.filtered = item.at("filtered").get<std::map<std::string, std::int64_t>>();
    account.rejected = item.at("rejected").get<std::map<std::string, std::int64_t>>();
    out.accounts.push_back(std::move(account));
  }
  out.detail = json.at("detail");
  return out;
}

/// The stage's record if everything it names is still there; null otherwise (also when damaged: then it
/// runs).
Json read_record(const std::string& stage, const study::Layout& layout) {
  const fs::path file = layout.stage_record(stage);
  if (!fs::exists(file) || !fs::exists(findings_file(stage, layout))) return nullptr;
  try {
    Json record = base::parse_json(base::read_file(file), file.string());
    for (const auto& output : record.at("outcome").at("outputs")) {
      const fs::path path = output.at("path").get<std::string>();
      if (!fs::exists(path) || size_of(path) != output.at("bytes").get<std::uintmax_t>()) return nullptr;
    }
    return record;
  } catch (const std::exception&) {
    return nullptr;
  }
}

StageResult result_of(const std::string& stage, const Json& record, const study::Layout& layout) {
  StageResult out;
  out.name = stage;
  out.status = "skipped";
  out.outcome = outcome_of(record.at("outcome"));
  findings::Findings stored;
  stored.read_jsonl(findings_file(stage, layout));
  out.findings = stored.sorted();
  return out;
}

}  // namespace

base::Json json_of(const findings::Reconciliation& accounts) {
  Json out = Json::array();
  for (const auto& account : accounts) {
    Json filtered = Json::object(), rejected = Json::object();
    for (const auto& [why, rows] : account.filtered) filtered[why] = rows;
    for (const auto& [why, rows] : account.rejected) rejected[why] = rows;
    out.push_back({{"source", account.source},
                   {"received", account.received},
                   {"mapped", account.mapped},
                   {"filtered", filtered},
                   {"rejected", rejected},
                   {"unaccounted", account.unaccounted()}});
  }
  return out;
}

std::optional<StageResult> recorded_stage(const std::string& name, const study::Layout& layout) {
  const Json record = read_record(name, layout);
  if (record.is_null()) return std::nullopt;
  return result_of(name, record, layout);
}

StageResult run_stage(const StageEntry& stage, study::Context& context, Freshness freshness) {
  const base::Stopwatch clock;
  base::forget_peak_memory();
  const Json record = read_record(stage.name, context.layout);
  std::string fingerprint;
  if (freshness == Freshness::never) {
    if (record.is_null()) {
      throw base::usage_error("TM2805", "the stage '" + stage.name + "' has no complete record", {},
                              "run without --from");
    }
  } else {
    fingerprint = base::Sha256()
                      .add_part(base::program_version)
                      .add_part(base::build_id())
                      .add_part(context.study.environment)
                      .add_part(stage.fingerprint(context))
                      .hex();
  }
  const bool unchanged =
      freshness == Freshness::never || (freshness == Freshness::if_changed && !record.is_null() &&
                                        record.value("fingerprint", "") == fingerprint);
  StageResult out;
  if (unchanged) {
    out = result_of(stage.name, record, context.layout);
    for (const auto& finding : out.findings) context.findings.add(finding);
  } else {
    std::error_code ignored;
    fs::remove(context.layout.stage_record(stage.name), ignored);
    out.name = stage.name;
    out.status = "done";
    out.outcome = stage.run(context);
    out.findings = context.findings.sorted();
    base::make_folders(context.layout.stage_record(stage.name).parent_path());
    context.findings.write_jsonl(findings_file(stage.name, context.layout));
    // The fingerprint was taken before the run: a change meanwhile makes the next run look again.
    const Json written = {
        {"stage", stage.name}, {"fingerprint", fingerprint}, {"outcome", json_of(out.outcome)}};
    base::write_file_atomically(context.layout.stage_record(stage.name), base::dump_json(written) + "\n");
  }
  out.seconds = clock.seconds();
  out.peak_mib = base::peak_memory_mib();
  return out;
}

}  // namespace trialmill::workflow
