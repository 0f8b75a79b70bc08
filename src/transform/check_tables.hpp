// What mappings may read, as far as it is known before anything is built: sources, datasets, files of the
// study, and their columns.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "study/study.hpp"
#include "table/session.hpp"
#include "transform/check_yaml.hpp"

namespace trialmill::transform {

/// Names of columns or variables; nullopt = nobody knows them yet.
using Names = std::optional<std::vector<std::string>>;

/// A file of mappings/ as the check sees it.
struct CheckedModel {
  std::string file, dataset;
  base::YamlValue mapping;         ///< null for SQL models
  std::string sql;                 ///< of SQL models
  base::Place place;               ///< where it names its dataset
  Names variables;                 ///< that it declares, DOMAIN and steps on the way included
  std::vector<std::string> parts;  ///< datasets that it is split into
};

class CheckTables {
 public:
  CheckTables(const study::Study& study, table::Session& session, const std::vector<CheckedModel>& models);

  const study::Study& study() const { return study_; }
  table::Session& session() const { return session_; }
  const std::vector<std::string>& datasets() const { return datasets_; }
  const std::vector<std::string>& sources() const { return sources_; }

  bool makes(const std::string& dataset) const;
  /// Also SUPP-- datasets and parts of a split domain: what SQL may read as sdtm.NAME.
  bool shows(const std::string& dataset) const;
  bool is_source(const std::string& name) const;
  bool has_variable(const std::string& dataset, const std::string& name) const;

  Names source(const std::string& name) const;
  Names dataset(const std::string& name) const;
  /// The variables by which a dataset is sorted, and so has its records before all of its variables; nullopt
  /// if it has none before it is finished (SQL models, split domains).
  Names order_of(const std::string& dataset) const;
  /// Columns of a CSV file of the study; nullopt if it cannot be read.
  Names file(const std::string& path) const;

  /// Error TM2302 if there is no such source, dataset (made by a mapping) or file.
  std::optional<base::Error> lacks_source(const base::YamlValue& name) const;
  std::optional<base::Error> lacks_dataset(const base::YamlValue& at, const std::string& name) const;
  std::optional<base::Error> lacks_file(const base::YamlValue& name) const;
  /// What is wrong with a list of the study; said once.
  std::optional<base::Error> broken_list(const std::string& path) const;

 private:
  const study::Study& study_;
  table::Session& session_;
  std::vector<std::string> sources_, datasets_, tables_;
  std::map<std::string, const CheckedModel*> models_;
  mutable std::map<std::string, Names> known_;
  mutable std::set<std::string> read_;  ///< lists that broken_list has looked at
};

}  // namespace trialmill::transform
