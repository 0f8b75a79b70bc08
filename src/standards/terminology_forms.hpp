// The readers of the single forms (terminology_import.hpp chooses among them), and what they share.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "standards/terminology_text.hpp"

namespace trialmill::standards {

/// What a file says about itself; "" where it does not.
struct StatedPackage {
  std::string name, standard, date;
};

/// "SDTM Terminology 2025-03-28", "CDISC_CT.SDTM.2025-03-28", "sdtmct-2025-03-28" … → standard and date, as
/// far as told.
StatedPackage package_from_text(std::string_view text);
/// Yes, Y, true (any case).
bool means_yes(std::string_view text);
/// "a; b;c" → a, b, c.
std::vector<std::string> split_published_synonyms(std::string_view text);

// Each reads `file` into `writer`. Error TM1431.
StatedPackage read_nci_text(const std::filesystem::path& file, PackageWriter& writer);
StatedPackage read_terminology_csv(const std::filesystem::path& file, PackageWriter& writer);
StatedPackage read_nci_odm(const std::filesystem::path& file, PackageWriter& writer);
StatedPackage read_library_json(const std::filesystem::path& file, PackageWriter& writer);

}  // namespace trialmill::standards
