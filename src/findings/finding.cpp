#include "findings/finding.hpp"

#include <algorithm>
#include <tuple>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace trialmill::findings {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

Severity severity_from(std::string_view name) {
  if (name == "info") return Severity::info;
  if (name == "warning") return Severity::warning;
  return Severity::error;
}

void Findings::add(Finding finding) {
  const std::lock_guard lock(mutex_);
  ++counts_[static_cast<std::size_t>(finding.severity)];
  items_.push_back(std::move(finding));
}

void Findings::add_all(const Findings& other) {
  for (auto& finding : other.sorted()) add(std::move(finding));
}

std::size_t Findings::size() const {
  const std::lock_guard lock(mutex_);
  return items_.size();
}

std::size_t Findings::count(Severity severity) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<std::size_t>(severity)];
}

bool Findings::any_at_or_over(Severity threshold) const {
  const std::lock_guard lock(mutex_);
  for (auto s = static_cast<std::size_t>(threshold); s < counts_.size(); ++s) {
    if (counts_[s] > 0) return true;
  }
  return false;
}

std::vector<Finding> Findings::sorted() const {
  std::vector<Finding> out;
  {
    const std::lock_guard lock(mutex_);
    out = items_;
  }
  std::stable_sort(out.begin(), out.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.stage, a.dataset, a.rule, a.file, a.row, a.variable, a.subject, a.value, a.message) <
           std::tie(b.stage, b.dataset, b.rule, b.file, b.row, b.variable, b.subject, b.value, b.message);
  });
  return out;
}

void Findings::write_csv(const std::filesystem::path& file) const {
  base::AtomicFile out(file);
  out.write("Stage,Severity,Rule,Dataset,Subject,Variable,Value,Message,RecordKey,File,Row\n");
  for (const auto& f : sorted()) {
    const std::string cells[] = {f.stage,      std::string(name_of(f.severity)),
                                 f.rule,       f.dataset,
                                 f.subject,    f.variable,
                                 f.value,      f.message,
                                 f.record_key, f.file};
    for (const auto& cell : cells) out.write(base::csv_cell(cell) + ",");
    out.write(f.row > 0 ? std::to_string(f.row) + "\n" : "\n");
  }
  out.commit();
}

void Findings::write_jsonl(const std::filesystem::path& file) const {
  base::AtomicFile out(file);
  for (const auto& f : sorted()) {
    const base::Json line = {{"stage", f.stage},
                             {"severity", name_of(f.severity)},
                             {"rule", f.rule},
                             {"dataset", f.dataset},
                             {"subject", f.subject},
                             {"variable", f.variable},
                             {"value", f.value},
                             {"message", f.message},
                             {"record_key", f.record_key},
                             {"file", f.file},
                             {"row", f.row}};
    out.write(base::dump_json(line, -1) + "\n");
  }
  out.commit();
}

void Findings::read_jsonl(const std::filesystem::path& file) {
  const std::string text = base::read_file(file);
  for (const auto& line : base::split(text, '\n')) {
    if (line.empty()) continue;
    const auto json = base::parse_json(line, file.string());
    Finding f;
    f.stage = json.value("stage", "");
    f.severity = severity_from(json.value("severity", "error"));
    f.rule = json.value("rule", "");
    f.dataset = json.value("dataset", "");
    f.subject = json.value("subject", "");
    f.variable = json.value("variable", "");
    f.value = json.value("value", "");
    f.message = json.value("message", "");
    f.record_key = json.value("record_key", "");
    f.file = json.value("file", "");
    f.row = json.value("row", std::int64_t{0});
    add(std::move(f));
  }
}

}  // namespace trialmill::findings
