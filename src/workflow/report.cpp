#include "workflow/report.hpp"

#include <map>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace trialmill::workflow {

namespace {

using base::Json;
namespace fs = std::filesystem;

Json findings_json(const findings::Findings& all) {
  std::map<std::string, std::int64_t> by_rule;
  for (const auto& finding : all.sorted()) ++by_rule[finding.rule];
  Json rules = Json::object();
  for (const auto& [rule, count] : by_rule) rules[rule] = count;
  return {{"error", all.count(findings::Severity::error)},
          {"warning", all.count(findings::Severity::warning)},
          {"info", all.count(findings::Severity::info)},
          {"by_rule", rules}};
}

/// Rows of a published file as publish counted them: detail.files holds {path in the release, rows}.
Json rows_of(const fs::path& file, const Json& detail) {
  if (!detail.contains("files")) return nullptr;
  for (const auto& item : detail.at("files")) {
    if (file.string().ends_with("/" + item.at("path").get<std::string>())) return item.value("rows", Json());
  }
  return nullptr;
}

Json outputs_json(const std::vector<StageResult>& stages) {
  Json out = Json::array();
  for (const auto& stage : stages) {
    if (stage.name != "publish" || stage.status == "failed") continue;
    for (const auto& file : stage.outcome.outputs) {
      if (!fs::is_regular_file(file)) continue;
      out.push_back({{"path", file.string()},
                     {"sha256", base::sha256_of_file(file)},
                     {"bytes", fs::file_size(file)},
                     {"rows", rows_of(file, stage.outcome.detail)}});
    }
  }
  return out;
}

Json release_of(const RunReport& report) {
  for (const auto& stage : report.stages) {
    if (stage.name == "publish" && report.status == "succeeded")
      return stage.outcome.detail.value("release", Json());
  }
  return nullptr;
}

/// One line per source and fate, so that the file can be summed and filtered in a spreadsheet.
std::string reconciliation_csv(const findings::Reconciliation& accounts) {
  std::string out = "Source,Fate,Reason,Rows\n";
  const auto line = [&](const std::string& source, const char* fate, const std::string& why,
                        std::int64_t rows) {
    out +=
        base::csv_cell(source) + "," + fate + "," + base::csv_cell(why) + "," + std::to_string(rows) + "\n";
  };
  for (const auto& account : accounts) {
    line(account.source, "received", "", account.received);
    line(account.source, "mapped", "", account.mapped);
    for (const auto& [why, rows] : account.filtered) line(account.source, "filtered", why, rows);
    for (const auto& [why, rows] : account.rejected) line(account.source, "rejected", why, rows);
    line(account.source, "unaccounted", "", account.unaccounted());
  }
  return out;
}

}  // namespace

findings::Reconciliation reconcile(const std::vector<StageResult>& stages) {
  std::map<std::string, findings::SourceAccount> by_source;
  for (const auto& stage : stages) {
    for (const auto& part : stage.outcome.accounts) {
      auto& account = by_source[part.source];
      account.source = part.source;
      if (stage.name == "crawl") account.received += part.received;
      account.mapped += part.mapped;
      for (const auto& [why, rows] : part.filtered) account.filtered[why] += rows;
      for (const auto& [why, rows] : part.rejected) account.rejected[why] += rows;
    }
  }
  findings::Reconciliation out;
  for (auto& [name, account] : by_source) {
    out.push_back(std::move(account));
  }
  return out;
}

void require_accounted(const findings::Reconciliation& accounts) {
  std::string text;
  for (const auto& account : accounts) {
    if (account.unaccounted() == 0) continue;
    text += (text.empty() ? "" : "; ") + account.source + ": received " + std::to_string(account.received) +
            ", mapped " + std::to_string(account.mapped) + ", filtered " +
            std::to_string(account.filtered_total()) + ", rejected " +
            std::to_string(account.rejected_total()) + ", unaccounted " +
            std::to_string(account.unaccounted());
  }
  if (text.empty()) return;
  throw base::Error(
      "TM2810", "rows are unaccounted for in " + text, {},
      "give every row that a mapping leaves out a filter with `why` (without any result of an unpivot: "
      "`why_empty`), or say `unmapped` at the source (also of one that is only looked into); nothing was "
      "published");
}

base::Json json_of(const RunReport& report, const study::Layout& layout) {
  Json stages = Json::array();
  for (const auto& stage : report.stages) {
    stages.push_back({{"name", stage.name},
                      {"status", stage.status},
                      {"seconds", stage.seconds},
                      {"peak_mib", stage.peak_mib},
                      {"rows_in", stage.outcome.rows_in},
                      {"rows_out", stage.outcome.rows_out},
                      {"passed", stage.outcome.passed},
                      {"headline", stage.outcome.headline},
                      {"detail", stage.outcome.detail}});
  }
  const fs::path folder = layout.run(report.run);
  Json out = {{"run", report.run},
              {"study", report.study},
              {"environment", report.environment},
              {"status", report.status},
              {"exit_code", report.exit_code},
              {"started", report.started},
              {"ended", report.ended},
              {"stages", stages},
              {"reconciliation", json_of(report.reconciliation)},
              {"findings", findings_json(*report.findings)},
              {"release", release_of(report)},
              {"outputs", report.status == "succeeded" ? outputs_json(report.stages) : Json::array()},
              {"reports",
               {{"summary", (folder / "summary.json").string()},
                {"findings", (folder / "findings.csv").string()},
                {"findings_jsonl", (folder / "findings.jsonl").string()},
                {"reconciliation", (folder / "reconciliation.csv").string()},
                {"log", (folder / "log.jsonl").string()}}}};
  if (report.error) base::add_error(out, *report.error);
  return out;
}

base::Json write_reports(const RunReport& report, const study::Layout& layout) {
  const fs::path folder = layout.run(report.run);
  base::make_folders(folder);
  report.findings->write_csv(folder / "findings.csv");
  report.findings->write_jsonl(folder / "findings.jsonl");
  base::write_file_atomically(folder / "reconciliation.csv", reconciliation_csv(report.reconciliation));
  Json summary = json_of(report, layout);
  base::write_file_atomically(folder / "summary.json", base::dump_json(summary) + "\n");
  return summary;
}

}  // namespace trialmill::workflow
