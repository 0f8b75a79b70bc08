// Codelists of the imported terminology that mappings name in `terms`.
#pragma once

#include "base/yaml.hpp"
#include "standards/terminology_folder.hpp"
#include "study/study.hpp"

namespace trialmill::transform {

struct FoundCodelist {
  standards::Terminology packages;  ///< holds the list
  const standards::Codelist* list;
};

/// The codelist of the terminology that study.yaml names. Error TM2310 if there is none.
FoundCodelist find_codelist(const base::YamlValue& name, const study::Study& study);

}  // namespace trialmill::transform
