// The one findings model. Whatever a stage has to say about *data* (a failed quality rule, an unmapped term,
// a conformance issue, a line set aside) is a Finding and goes into the run's Findings.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::findings {

enum class Severity { info = 0, warning = 1, error = 2 };
std::string_view name_of(Severity severity);    ///< "info", "warning", "error"
Severity severity_from(std::string_view name);  ///< unknown names are `error`: never weaker than meant

struct Finding {
  std::string rule;  ///< CORE-000014, TMR-0012, dm.dqdl:3 or a program code TM2301
  Severity severity = Severity::error;
  std::string stage;       ///< ingest, quality, transform, validate, publish
  std::string dataset;     ///< SDTM dataset (AE) or raw source (edc_ae)
  std::string subject;     ///< USUBJID or the raw subject number; "" where the finding has none
  std::string variable;    ///< column(s), several joined by ", "
  std::string value;       ///< the offending value(s) as found, joined like variable
  std::string message;     ///< one sentence for a data manager
  std::string record_key;  ///< e.g. "AESEQ=3" or "VISIT=WEEK 2"; "" where the finding has none
  std::string file;        ///< delivered file, if known
  std::int64_t row = 0;    ///< record number in that file or dataset, counted from 1; 0 = whole dataset
};

/// Collects the findings of a stage. add() may be called from several threads.
class Findings {
 public:
  void add(Finding finding);
  void add_all(const Findings& other);
  std::size_t size() const;
  std::size_t count(Severity severity) const;
  bool any_at_or_over(Severity threshold) const;

  /// In a stable order: stage, dataset, rule, file, row, variable, subject, value.
  std::vector<Finding> sorted() const;

  /// Columns Stage,Severity,Rule,Dataset,Subject,Variable,Value,Message,RecordKey,File,Row; sorted; atomic.
  void write_csv(const std::filesystem::path& file) const;
  /// One JSON object a line, sorted; atomic. read_jsonl() gives the same findings back (Error TM1008).
  void write_jsonl(const std::filesystem::path& file) const;
  void read_jsonl(const std::filesystem::path& file);

 private:
  mutable std::mutex mutex_;
  std::vector<Finding> items_;
  std::array<std::size_t, 3> counts_{};
};

}  // namespace trialmill::findings
