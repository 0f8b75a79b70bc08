// Rows that another program makes (Python, R, SAS …), declared in a row set of the mapping:
//
//   - program: {run: [python3, programs/qs.py], inputs: [raw.edc_qs, sdtm.DM], output: qs.parquet}
//
// It gets its inputs as Parquet files, and its output is taken and checked like any other row set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "study/stage.hpp"
#include "transform/scope.hpp"

namespace trialmill::transform {

/// What a program made.
struct ProgramRows {
  std::string sql;  ///< SELECT of its output; text or numbers, _file and _row if it passed them
  std::vector<std::string> inputs;  ///< raw tables that it was given
  base::Json record;  ///< what ran: command, hashes of its files, git commit, exit code, seconds
};

/// Runs the program of a row set of `dataset` in the study's folder, and stores its output as a temporary
/// table. Throws Waiting for a dataset that is not finished. Errors: TM2302 (no such input), TM2320 (it
/// failed), TM2321 (it took too long), TM2322 (no output that can be read), TM2323 (other columns than
/// declared).
ProgramRows run_program(base::YamlMap map, const std::string& dataset, std::size_t number, const Scope& scope,
                        study::Context& context);

/// The files of the study that programs of this mapping consist of; part of the stage's fingerprint. Empty
/// for mappings without a program.
std::vector<std::filesystem::path> program_files(const std::string& mapping, const std::string& name,
                                                 const std::filesystem::path& study);

}  // namespace trialmill::transform
