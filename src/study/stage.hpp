// What every stage looks like from outside. A stage folder has `options.hpp` (a commented struct Options) and
// `<stage>.hpp` with
//
//   std::string fingerprint(const Options&, study::Context&);   // hash over all that the outcome depends on
//   study::Outcome run(const Options&, study::Context&);
//
// The workflow calls run() only when the fingerprint differs from the last completed one or an output is
// gone.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "findings/finding.hpp"
#include "findings/reconciliation.hpp"
#include "study/layout.hpp"
#include "study/study.hpp"
#include "table/session.hpp"

namespace trialmill::study {

/// What a stage works with. The session has schemas raw and sdtm mounted as far as earlier stages made them.
struct Context {
  const Study& study;
  Layout layout;
  table::Session& session;
  findings::Findings& findings;                                            ///< of this stage in this run
  std::function<void(double fraction, const std::string& what)> progress;  ///< may be empty; fraction 0…1
};

/// What a stage reports. Bad data are findings, not failures: `passed` is false only when the stage's own
/// threshold says the pipeline must not simply go on (quality rules failed, conformance over threshold).
struct Outcome {
  bool passed = true;
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::string headline;                        ///< for the one line a step, e.g. "14 sources, 12,345 rows"
  std::vector<std::filesystem::path> outputs;  ///< files that must still exist for the stage to be skipped
  findings::Reconciliation accounts;           ///< ingest and transform fill their parts
  base::Json detail = base::Json::object();    ///< for --json: e.g. rows per dataset
};

}  // namespace trialmill::study
