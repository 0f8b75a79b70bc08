// The crawl stage: delivered files → raw tables. Every file is scanned once (records counted, hashed, kept as
// an immutable object), loaded as text, and every record is accounted for: loaded, superseded by a later
// delivery, or set aside with the reason. docs/sources.md describes the formats and deliveries for users.
#pragma once

#include <string>

#include "ingest/options.hpp"
#include "study/stage.hpp"

namespace trialmill::ingest {

std::string fingerprint(const Options& options, study::Context& context);

/// Errors: TM2001 (no file matches), TM2002 (inbox missing or unreadable), TM2003 (record counts disagree),
/// TM2004 (delivery column absent) and those of the readers. Outcome.accounts: received, rejected, superseded
/// per source.
study::Outcome run(const Options& options, study::Context& context);

}  // namespace trialmill::ingest
