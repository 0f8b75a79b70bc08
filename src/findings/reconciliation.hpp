// The account of every raw row: received = mapped + filtered (by which stated rule) + rejected (because).
// ingest opens an account per source (received, rejected, superseded); transform closes it (mapped,
// filtered).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace trialmill::findings {

struct SourceAccount {
  std::string source;
  std::int64_t received = 0;                     ///< data records counted in the delivered files
  std::int64_t mapped = 0;                       ///< records that reached at least one SDTM record
  std::map<std::string, std::int64_t> filtered;  ///< stated reason (`why`) → records
  std::map<std::string, std::int64_t> rejected;  ///< reason, e.g. "malformed line" → records

  std::int64_t filtered_total() const;
  std::int64_t rejected_total() const;
  /// received - mapped - filtered - rejected: anything but 0 fails the run (TM2810).
  std::int64_t unaccounted() const;
};

using Reconciliation = std::vector<SourceAccount>;

}  // namespace trialmill::findings
