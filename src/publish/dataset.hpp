// One dataset on its way into a release: what its metadata say, what its data look like, what an agency
// forbids.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "findings/finding.hpp"
#include "formats/xpt.hpp"
#include "table/session.hpp"

namespace trialmill::publish {

struct Column {
  std::string name, label, origin;
  std::string declared;  ///< Char, Num or "" (no metadata)
  bool is_text = true;
  bool is_integer = false;
  bool needs_cast = false;                                       ///< dates, decimals …: published as text
  std::int64_t bytes_max = 0;                                    ///< longest value in bytes (text)
  std::int64_t not_ascii = 0, too_long = 0, trailing_blank = 0;  ///< number of values
  int xpt_length = 8;
};

struct Dataset {
  std::string name, label;
  std::vector<std::string> keys;
  std::int64_t rows = 0;
  std::vector<Column> columns;
  bool xpt_possible = true;
  std::string xpt_reason;  ///< why not; the first reason found

  std::string file_stem() const;  ///< "dm"
  std::string relation() const;   ///< sdtm."DM"
  /// Query that publishes: columns in order, empty text as NULL, other types as text, rows as staged.
  std::string select() const;
  /// The same for CSV: whole numbers without a fraction (75, not 75.0).
  std::string select_as_text() const;
  const Column* find(const std::string& column) const;
  void refuse_xpt(const std::string& reason);
};

/// Reads names, types and counts of a dataset; `metadata` is its entry of datasets.json (null = none).
Dataset survey(table::Session& session, const std::string& name, const base::Json& metadata);

/// XPT lengths: longest value in bytes, at least 1; across datasets if `shared` (SUPP-- never shares).
void set_xpt_lengths(std::vector<Dataset>& datasets, bool shared);

struct Limits {
  std::string agency;
  bool xpt = true;  ///< XPT is among the formats
  int findings_max = 50;
};

/// Findings for everything the format or the agency forbids, and xpt_possible.
void check(table::Session& session, Dataset& dataset, const Limits& limits, findings::Findings& findings);

/// The dataset as the XPT writer wants it.
formats::XptMember xpt_member(const Dataset& dataset);

}  // namespace trialmill::publish
