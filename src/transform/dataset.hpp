// One dataset from its mapping or SQL model to files: parquet/DS.parquet, lineage/DS.parquet, and SUPPDS
// likewise.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/stage.hpp"
#include "transform/options.hpp"

namespace trialmill::transform {

/// A file of mappings/ and what it makes.
struct Model {
  std::filesystem::path path;
  std::string name;  ///< shown to the user: mappings/ae.yaml
  std::string dataset, text;
  std::vector<std::string> needs;  ///< datasets it refers to
};

/// Builds `model`, the `number`th of the study, into `folder` and describes it in `description`
/// (datasets.json). Returns its number of rows.
std::int64_t build_dataset(const Model& model, std::size_t number, const std::vector<std::string>& datasets,
                           const std::filesystem::path& folder, const Options& options,
                           study::Context& context, base::Json& description);

}  // namespace trialmill::transform
