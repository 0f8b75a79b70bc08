// Rows of RELREC: records of two datasets that belong together (SDTMIG 3.4, section 8.2).
#pragma once

#include <string>
#include <vector>

#include "findings/finding.hpp"
#include "table/session.hpp"

namespace trialmill::transform {

/// One of the two datasets and its variable whose values relate records, e.g. AE and AELNKID.
struct RelatedSide {
  std::string dataset, variable;
};

/// A query with a row for each dataset as a whole: RDOMAIN, USUBJID (null), IDVAR, IDVARVAL (null), RELTYPE
/// (ONE, or MANY if a subject has a value in several records), RELID.
std::string related_datasets(const std::vector<RelatedSide>& sides, const std::string& id);

/// A query with a row for each record whose value the other dataset has for the same subject. Columns as
/// above; IDVAR is --SEQ, and RELID is `id` with a number that counts the values of a subject. A value may
/// hold several ids with `separator` between them, if that is not empty.
std::string related_records(const std::vector<RelatedSide>& sides, const std::string& id,
                            const std::string& separator);

/// A query with a row for each dataset and value that both have for a subject: IDVAR is the variable itself,
/// e.g. PCGRPID, so that one row stands for all records of the group. Columns as above.
std::string related_groups(const std::vector<RelatedSide>& sides, const std::string& id,
                           const std::string& separator);

/// For each side with ids that no record of the other side has for the subject, one finding TM2366 that
/// counts them and names the first.
std::vector<findings::Finding> links_without_partner(table::Session& session,
                                                     const std::vector<RelatedSide>& sides,
                                                     const std::string& separator);

}  // namespace trialmill::transform
