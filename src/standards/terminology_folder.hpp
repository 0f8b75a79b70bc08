// The folder in which imported terminology packages lie side by side, one file each: NAME.ct.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "standards/terminology.hpp"

namespace trialmill::standards {

/// $TRIALMILL_CT, else $XDG_DATA_HOME/trialmill/ct, else ~/.local/share/trialmill/ct.
std::filesystem::path default_terminology_folder();

class PackageFolder {
 public:
  explicit PackageFolder(std::filesystem::path folder = default_terminology_folder());

  const std::filesystem::path& path() const { return folder_; }
  /// What is installed, by standard, then date, then name. No folder: nothing. Error TM1432 for a damaged
  /// package.
  std::vector<PackageInfo> list() const;
  /// Reads an installed package. Errors TM1434 (no such package; the hint says what is installed), TM1432
  /// (damaged).
  std::shared_ptr<const Package> load(const std::string& name) const;
  /// Writes it aside, then puts it in place; a package of that name is replaced. Error TM1002.
  void install(const Package& package) const;
  /// Error TM1434 if there is none.
  void remove(const std::string& name) const;
  std::filesystem::path file_of(const std::string& name) const;

  /// The packages a user chose, in that order. A choice is the name of an installed package
  /// (sdtmct-2025-03-28), a date (2025-03-28: every installed package of that date), or the path of an
  /// installed or published file. Errors TM1434 (nothing such; with the nearest name and what is installed),
  /// and those of reading the file.
  Terminology choose(const std::vector<std::string>& choices) const;

 private:
  std::vector<std::string> names() const;
  base::Error unknown(const std::string& choice) const;
  std::filesystem::path folder_;
};

}  // namespace trialmill::standards
