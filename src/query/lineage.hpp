// What the last transformation wrote about its variables (datasets.json).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "study/layout.hpp"

namespace trialmill::query {

/// The rule of a variable; empty texts where the mapping says nothing (SQL models).
struct Rule {
  std::string text, place;
  base::Json reads = base::Json::array();  ///< how records of other tables were chosen (docs/trace.md)
  std::vector<std::string> inputs;  ///< raw.COLUMN, VARIABLE, DM.RFSTDTC, test.result, records.VAR, files
};

class Lineage {
 public:
  /// Error TM2701 if nothing is staged.
  explicit Lineage(const std::string& study, const std::string& environment = "");

  const study::Layout& layout() const { return layout_; }
  bool has_dataset(const std::string& dataset) const { return datasets_.contains(dataset); }
  bool has_variable(const std::string& dataset, const std::string& variable) const;
  const base::Json& dataset(const std::string& dataset) const { return datasets_.at(dataset); }
  /// Whether it holds the supplemental qualifiers of a mapping.
  bool is_supplement(const std::string& dataset) const;
  /// `qnam`: of a supplemental qualifier, whose QVAL has a rule of its own.
  Rule rule(const std::string& dataset, const std::string& variable, const std::string& qnam = "") const;
  /// The datasets of that name: itself, or those that its mapping split it into. Empty if there is none.
  std::vector<std::string> parts_of(const std::string& domain) const;
  /// Splits AE.AESTDTC and checks both parts; Error TM2703 with the nearest name. The variable may be left
  /// out if `whole` allows it.
  std::pair<std::string, std::string> find(const std::string& name, bool whole = false) const;
  std::filesystem::path parquet(const std::string& dataset) const;
  std::filesystem::path records(const std::string& dataset) const;

 private:
  study::Layout layout_;
  base::Json datasets_;
};

}  // namespace trialmill::query
