// The last stage: staged SDTM datasets become a release of CSV, Parquet and XPT files.
//
//   output/releases/ID/{csv,parquet,xpt}/dm.*, manifest.json      output/current → releases/ID
//
// A release is written aside, synced, renamed, and only then does `current` move in one step. ID is the start
// of the manifest's SHA-256; the manifest holds neither clock nor run, so the same input gives the same
// release. docs/publish.md describes it for users.
#pragma once

#include <string>

#include "publish/options.hpp"
#include "study/stage.hpp"

namespace trialmill::publish {

/// Hash over the staged datasets, their metadata, the options and the program version.
std::string fingerprint(const Options& options, study::Context& context);

/// Writes a release of all datasets in schema sdtm (mounted here if it is not yet).
/// Outcome.detail: {"release": ID, "reused": bool, "files": [{path, sha256, bytes, rows}],
///   "not_written": [{path, reason}]}; Outcome.outputs: the files. `passed` is always true: what cannot be
/// submitted is a finding and listed under not_written.
/// Errors: TM2501 (disk full), TM2502 (nothing staged), TM2503 (bad option), TM2504, TM1304 (bad created).
study::Outcome run(const Options& options, study::Context& context);

}  // namespace trialmill::publish
