// What the publish stage can be told. Everything left empty comes from `publish:` in study.yaml.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace trialmill::publish {

struct Options {
  /// csv, parquet, xpt. Empty = study.publish.formats. A format left out is missing from the whole release.
  std::vector<std::string> formats;

  /// Profile of limits: fda, pmda, none. "" = study.publish.agency.
  /// fda: text that is not ASCII keeps a dataset out of XPT. fda and pmda: a text variable has one length
  /// across all datasets (except SUPP--); none: each dataset has its own.
  std::string agency;

  /// Time written into XPT headers, e.g. 2020-01-01T00:00:00. "" = study.publish.created.
  /// Changing it changes every XPT file and so gives a new release.
  std::string created;

  /// Write define.xml. Unset = study.publish.define.
  std::optional<bool> define;

  /// At most this many findings per variable and kind; the rest is counted in the last one.
  int findings_max = 50;
};

}  // namespace trialmill::publish
