// The models of a study: the files of mappings/, what they make and what they need.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "study/study.hpp"

namespace trialmill::transform {

/// A file of mappings/ and what it makes.
struct Model {
  std::filesystem::path path;
  std::string name;  ///< shown to the user: mappings/ae.yaml
  std::string dataset, text;
  std::vector<std::string> needs;  ///< datasets it refers to
  std::size_t number = 0;          ///< its place in the order of building
};

/// Models that refer to each other (DM takes dates from EX, EX takes study days from DM), or a single one.
struct ModelGroup {
  std::vector<Model> models;       ///< by dataset
  std::vector<std::string> needs;  ///< datasets of other groups
};

/// Reads mappings/. Errors TM1006 (a model that does not name its dataset), TM2307.
std::vector<Model> read_models(const study::Study& study);

/// Groups such that each comes after those it needs.
std::vector<ModelGroup> groups_of(std::vector<Model> models);

/// Error TM2311 if a dataset of that name cannot hold a part of the domain (SDTMIG 3.4, section 4.1.7).
std::optional<base::Error> part_name_fault(const std::string& name, const std::string& domain,
                                           const base::Place& place);

/// The dataset that a file of mappings/ makes. Error TM1006 if it does not say so.
std::string dataset_of(const Model& model);

}  // namespace trialmill::transform
