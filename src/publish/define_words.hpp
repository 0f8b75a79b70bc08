// The vocabulary of Define-XML: classes, origins, structures in its words.
#pragma once

#include <string>
#include <vector>

#include "formats/define_xml.hpp"
#include "publish/define_description.hpp"

namespace trialmill::publish {

/// "Special-Purpose" → "SPECIAL PURPOSE"; "" for a class that Define-XML does not have.
std::string define_class(const std::string& name);

/// Place of a class among the others, as datasets are listed: trial design first, relationships last.
int class_rank(const std::string& define_class);

/// Type, source and description in the terms of 2.1 or 2.0. A type that is no term is kept as "Other" with
/// the text as description (2.1) or left out (2.0: type ""). A source that is not given is Investigator for
/// Collected, Sponsor for Derived, Assigned and Protocol.
formats::define::Origin define_origin(const OriginWords& words, bool v21);

/// "12 13" as physical pages, anything else as named destinations.
formats::define::PageRef page_ref(const std::string& pages);

/// "One record per test per visit per subject" from the key variables; `prefix`: of the domain.
std::string structure_from_keys(const std::vector<std::string>& keys, const std::string& prefix);

}  // namespace trialmill::publish
