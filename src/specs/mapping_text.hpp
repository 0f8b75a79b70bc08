// A dataset of a specification as the text of its mapping.
#pragma once

#include <string>

#include "specs/spec.hpp"

namespace trialmill::specs {

/// The mapping with its TODOs; `file` is left empty.
WrittenMapping mapping_of(const SpecDataset& dataset, const std::string& spec_file,
                          const WriteOptions& options);

}  // namespace trialmill::specs
