// Unit tests of mappings: tests/*.yaml of a study. docs/mapping-tests.md describes the files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace trialmill::workflow {

/// A row as written: column → value; nullopt = null.
struct GivenRow {
  std::map<std::string, std::optional<std::string>> values;
  std::set<std::string>
      quoted;  ///< columns whose value stands in quotes: text even if it looks like a number
  base::Place place;
};
using GivenRows = std::vector<GivenRow>;

struct MappingTestCase {
  std::string name, dataset;
  base::Place place;
  /// By name: raw tables in lower case, datasets that need not be made in upper case.
  std::map<std::string, GivenRows> given;
  std::map<std::string, GivenRows> expect;  ///< by dataset
  bool contains = false;                    ///< the expected rows are some of the dataset's, in any order
  std::optional<std::vector<std::string>> findings;  ///< codes that must occur; none may if it is empty
  std::string error;  ///< the code that must stop the transformation; "" = none
};

/// Reads a file of cases; `name` is shown in messages. Errors of base/yaml.hpp with line and column.
std::vector<MappingTestCase> read_mapping_tests(const std::filesystem::path& file, const std::string& name);

}  // namespace trialmill::workflow
