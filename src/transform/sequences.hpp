// Numbers of records (--SEQ) that outlive a refresh of the data: supplemental qualifiers, related records and
// people's notes point at them. The next release gives a record with the same identity the same number, and
// new records numbers never used before. Which record has which number is read off the release's dataset;
// what that does not tell (records that are gone, or that share an identity) is in sequences/DS.parquet.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "table/session.hpp"

namespace trialmill::transform {

struct Numbering {
  std::string name;                   ///< AESEQ
  std::vector<std::string> within;    ///< SQL names: within what numbers count, "USUBJID"
  std::string order;                  ///< SQL list
  std::vector<std::string> identity;  ///< SQL names of the variables that tell records apart
  std::string rule;                   ///< sort and identity as written: another rule numbers afresh

  std::string by() const { return base::join(within, ", "); }
};

struct ContinuedNumbers {
  std::string before, after;  ///< SQL around the rows
  std::string number;         ///< expression over them
  std::string relation(const std::string& rows) const { return before + rows + after; }
};

/// How numbers go on from those in `previous`/sequences; nullopt if there are none made by the same rule.
/// `types` are those of the rows' columns, as Session::types_of gives them.
std::optional<ContinuedNumbers> continue_numbers(table::Session& session, const std::string& dataset,
                                                 const Numbering& numbering,
                                                 const std::filesystem::path& previous,
                                                 const std::map<std::string, std::string>& types);

/// Writes `folder`/sequences/DS.NAME.parquet from `table`, which has the numbers, and from `previous`:
/// numbers of records that are gone stay taken. `in_dataset`: parquet/DS.parquet tells the numbers of the
/// records that are there, since it holds the variables of the identity as they are, and no two records share
/// one.
void save_numbers(table::Session& session, const std::string& dataset, const Numbering& numbering,
                  const std::string& table, const std::filesystem::path& previous,
                  const std::filesystem::path& folder, bool in_dataset);

}  // namespace trialmill::transform
