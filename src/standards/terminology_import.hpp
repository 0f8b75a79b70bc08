// Reads the files in which controlled terminology is published, and recognises which of them a file is:
//   - the tab-separated text of NCI EVS ("SDTM Terminology.txt"),
//   - the ODM XML of NCI EVS ("SDTM Terminology.odm.xml"),
//   - a package as CDISC Library answers it (JSON),
//   - a CSV with one line a term that repeats the codelist's data (package, codelist_code, …).
// Every reader goes through the file once and keeps only what a package holds.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "standards/terminology.hpp"

namespace trialmill::standards {

/// What the user states because the file does not, or states otherwise.
struct ImportOptions {
  std::string standard;    ///< SDTM, ADaM …; "" = as the file says
  std::string name;        ///< sdtmct-2025-03-28; "" = from standard and date
  bool only_read = false;  ///< not to be installed: standard and date may stay unknown
};

struct ImportedPackage {
  std::shared_ptr<const Package> package;
  std::vector<std::string> remarks;  ///< unusual yet harmless: repeated values
  std::string form;                  ///< "NCI EVS text", "NCI EVS ODM XML", "CDISC Library JSON", "CSV"
};

/// Reads one published file. Errors: TM1001 (cannot be read), TM1430 (none of the forms above), TM1431
/// (damaged: cut off, wrong columns, two codelists with one code, terms without a codelist, not UTF-8; with
/// the line), TM1433 (neither the file nor the options tell standard and date).
ImportedPackage read_published_terminology(const std::filesystem::path& file,
                                           const ImportOptions& options = {});

}  // namespace trialmill::standards
