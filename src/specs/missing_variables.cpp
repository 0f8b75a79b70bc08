#include "specs/missing_variables.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "standards/sdtmig.hpp"

namespace trialmill::specs {
namespace {

std::string proposal_for(const std::string& variable, const SpecDataset& dataset) {
  if (variable == "STUDYID") return "{constant: \"${study}\"}";
  return variable == dataset.name.substr(0, 2) + "SEQ" ? "{sequence: keys}" : "";
}

}  // namespace

std::vector<MissingVariable> missing_variables(const SpecDataset& dataset, const std::string& sdtmig) {
  std::vector<MissingVariable> missing;
  for (const auto& variable : standards::sdtmig(sdtmig).variables_of(dataset.name)) {
    const bool required = variable.core == "Req";
    if ((!required && variable.core != "Exp") || variable.name == "DOMAIN") continue;
    const bool mentioned = std::ranges::any_of(dataset.variables, [&](const SpecVariable& one) {
      return one.variable == variable.name && !one.supplemental;
    });
    if (!mentioned) missing.push_back({variable.name, required, proposal_for(variable.name, dataset)});
  }
  return missing;
}

std::string missing_text(const std::vector<MissingVariable>& missing) {
  std::vector<std::string> groups;
  for (const bool required : {true, false}) {
    std::vector<std::string> names;
    for (const auto& one : missing) {
      if (one.required == required) names.push_back(one.name);
    }
    if (!names.empty())
      groups.push_back(base::join(names, ", ") + (required ? " (required)" : " (expected)"));
  }
  return base::join(groups, "; ");
}

}  // namespace trialmill::specs
