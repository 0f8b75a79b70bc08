// Which datasets there are, and how far they are, while datasets that refer to each other are built.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace trialmill::transform {

/// What a variable, row set or model refers to that is not there yet: "EX.EXSTDTC", or "EX" for all of it.
struct Waiting {
  std::string what;
};

struct Scope {
  std::vector<std::string> datasets;  ///< all that the study's mappings make
  std::filesystem::path folder;       ///< where finished datasets lie: parquet/, lineage/
  std::filesystem::path previous;     ///< the release before: sequences/; may not exist
  bool fresh_numbering = false;       ///< --SEQ without regard to the release before

  /// Datasets of the group being built that are not finished, with the variables they declare; nullopt = not
  /// known before it is finished (SQL models).
  std::map<std::string, std::optional<std::vector<std::string>>> open;

  /// The records of an unfinished dataset in the order in which it will have them, for datasets that are made
  /// of them. Other variables than `ready` come when it is finished.
  struct Draft {
    std::string table;  ///< as written in SQL: the variables, _file, _row
    std::vector<std::string> ready;
  };
  std::map<std::string, Draft> drafts;

  /// True if `dataset` (or the parent of a SUPP-- dataset) is not finished.
  bool is_open(const std::string& dataset) const {
    return open.contains(dataset) || (dataset.starts_with("SUPP") && open.contains(dataset.substr(4)));
  }

  /// The finished datasets of a domain: itself, or those that its mapping splits it into.
  std::vector<std::string> parts_of(const std::string& domain) const;
};

/// Names of the open datasets that a piece of SQL reads as sdtm.NAME.
std::set<std::string> open_in(const std::string& sql, const Scope& scope);

}  // namespace trialmill::transform
