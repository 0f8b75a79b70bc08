// Sources that are pulled from web services: pages are stored as they come, then their records are taken out.
//
//   lake/raw/api/SOURCE/PULL/page-0001.json      the answer, byte for byte
//   lake/raw/api/SOURCE/PULL/records-0001.json   its array of records: what the crawl reads
//
// PULL is the time of the pull. The folder appears when the pull is complete; a pull with the same answers as
// the one before is not kept. docs/sources.md describes it for users.
#pragma once

#include <string>
#include <vector>

#include "ingest/files.hpp"
#include "study/stage.hpp"

namespace trialmill::ingest {

/// Pulls every API source (none if context.study.offline). Errors: TM2020 (a variable of the environment is
/// not set), TM2021 (no answer, or a refusal, after all attempts), TM2022 (not JSON, or no records at the
/// path), TM2023 (paging that does not end, or leads to another host). What was pulled before stays.
void pull_sources(study::Context& context);

/// The records files of an API source that count: of the newest pull, or with `delivery: append` and `upsert`
/// of all.
std::vector<Delivered> pulled_files(const study::Study& study, const study::Source& source);

}  // namespace trialmill::ingest
