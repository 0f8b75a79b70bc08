// What regulators ask of SAS transport files beyond what the format can hold. Sources: FDA Study Data
// Technical Conformance Guide 6.0, sections 3.3 and 4.1; PMDA Technical Conformance Guide on Electronic Study
// Data Submissions, section 3.3. docs/formats/agency.md lists the limits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.hpp"

namespace trialmill::formats {

enum class Agency { none, fda, pmda };

/// "none", "fda" or "pmda", case ignored; Error TM1325.
Agency agency_named(const std::string& name);

/// Longest values in bytes, over all datasets that are written together. Supplemental qualifiers count for
/// themselves.
class SharedLengths {
 public:
  void add(const DatasetMeta& meta);
  /// The meta with its text variables as long as the longest value of that name anywhere.
  DatasetMeta applied(DatasetMeta meta) const;

 private:
  static std::string key(const DatasetMeta& meta, const Variable& variable);
  std::map<std::string, int> longest_;
};

/// 1 to 8 upper-case letters and digits, a letter first: stricter than SAS, which takes `_` too.
bool is_submission_name(std::string_view name);

/// Names, labels and structure that the agency does not take: refused notes. `meta` as it will be written to
/// `file`, which must be called like the dataset, in lower case.
std::vector<FormatNote> check_agency(Agency agency, const DatasetMeta& meta,
                                     const std::filesystem::path& file);

/// Values beyond printable ASCII, counted by variable. Refused for FDA; for PMDA a remark, as Japanese text
/// may be submitted where translation would lose meaning.
void check_agency_values(Agency agency, const DatasetMeta& meta, const Batch& batch, std::int64_t first_row,
                         NoteCollector& notes);

/// The largest file that the agency takes whole: 5 GB; larger ones are split as well.
inline constexpr std::int64_t agency_file_bytes_max = 5'000'000'000;

}  // namespace trialmill::formats
