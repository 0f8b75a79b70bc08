#include "conform/rule_inputs.hpp"

#include <algorithm>
#include <set>

namespace trialmill::conform {

std::string missing_input(const Rule& rule, const Data& data) {
  static const std::set<std::string> by_terminology{"codelist_terms", "codelist_extensible",
                                                    "get_codelist_attributes"};
  static const std::set<std::string> by_define{"define_extensible_codelists", "define_variable_metadata"};
  const auto uses = [&](const std::set<std::string>& names) {
    return std::any_of(rule.operations.begin(), rule.operations.end(),
                       [&](const Operation& operation) { return names.count(operation.operator_name) > 0; });
  };
  const bool needs_define = rule.type >= RuleType::define_item && rule.type < RuleType::unsupported;
  if (data.define() == nullptr && (needs_define || uses(by_define)))
    return "it needs the Define-XML file (--define-xml)";
  if (data.terminology().empty() && uses(by_terminology))
    return "it needs controlled terminology (--ct; trialmill ct import)";
  return {};
}

}  // namespace trialmill::conform
