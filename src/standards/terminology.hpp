// CDISC controlled terminology as published by NCI EVS: packages by standard and date, e.g.
// sdtmct-2025-03-28. The program ships none; users import the published files (terminology_import.hpp) into a
// folder of their own (terminology_folder.hpp). Example:
//
//   Terminology ct = PackageFolder().choose({"sdtmct-2025-03-28"});
//   const Codelist* ny = ct.find_codelist("NY");          // or "C66742", or "No Yes Response"
//   ny->find("Y") != nullptr                              → true
//   ny->find("y")                                         → nullptr: submission values are case-sensitive
//   ny->find_ignoring_case("y")->submission_value         → "Y"
//   ny->extensible()                                      → false
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trialmill::standards {

/// One permissible value of a codelist. Views into the package's text.
struct Term {
  std::string_view code;              ///< NCI concept code: C49488; may be empty for values without one
  std::string_view submission_value;  ///< Y
  std::string_view preferred_term;    ///< Yes
  std::string_view synonym_text;      ///< as synonyms() splits it

  std::vector<std::string_view> synonyms() const;
};

/// A codelist with its terms in published order. Look-ups by value may run in several threads.
class Codelist {
 public:
  std::string_view code() const { return code_; }                          ///< C66742
  std::string_view submission_value() const { return submission_value_; }  ///< NY; "" if not published
  std::string_view name() const { return name_; }                          ///< No Yes Response
  std::string_view preferred_term() const { return preferred_term_; }
  std::vector<std::string_view> synonyms() const;
  /// True if sponsors may add terms of their own. Unstated counts as not extensible.
  bool extensible() const { return extensible_; }
  std::span<const Term> terms() const { return terms_; }

  /// The term with exactly that submission value, or nullptr. Should a package publish a value twice, the
  /// first.
  const Term* find(std::string_view submission_value) const;
  /// The same without regard to (ASCII) case: for messages such as "Y, not y".
  const Term* find_ignoring_case(std::string_view submission_value) const;
  /// The term with that NCI code, or nullptr.
  const Term* find_code(std::string_view code) const;

 private:
  friend class Package;
  void index() const;
  std::string_view code_, submission_value_, name_, preferred_term_, synonym_text_;
  bool extensible_ = false;
  std::span<const Term> terms_;
  // Made on the first look-up: most codelists of a package are never asked.
  mutable std::once_flag indexed_;
  mutable std::unordered_map<std::string_view, const Term*> by_value_, by_code_;
  mutable std::unordered_map<std::string, const Term*> by_upper_;
};

/// What a package is called and how much it holds.
struct PackageInfo {
  std::string name;      ///< sdtmct-2025-03-28, as CDISC Library names packages
  std::string standard;  ///< SDTM, ADaM, SEND, CDASH, Define-XML, Protocol …
  std::string date;      ///< 2025-03-28
  std::size_t codelists = 0;
  std::size_t terms = 0;
};

/// The first line of an installed package: quick, for lists. Errors TM1001, TM1432.
PackageInfo read_package_info(const std::filesystem::path& file);

/// One package, immutable once read.
class Package {
 public:
  /// Reads our own text form (PackageWriter makes it; `place` names it in messages). Error TM1432: damaged.
  static std::shared_ptr<const Package> from_text(std::string text, const std::string& place);

  const PackageInfo& info() const { return info_; }
  std::span<const Codelist> codelists() const { return codelists_; }
  /// By NCI code, submission value or name, in this order, without regard to case; nullptr if there is none.
  const Codelist* find_codelist(std::string_view key) const;
  /// The package in our own text form: what is installed.
  const std::string& text() const { return text_; }

  /// Use from_text().
  Package() = default;
  Package(const Package&) = delete;
  Package& operator=(const Package&) = delete;

 private:
  void parse(const std::string& place);
  PackageInfo info_;
  std::string text_;
  std::vector<Codelist> codelists_;
  std::vector<Term> terms_;
  std::unordered_map<std::string, const Codelist*> by_key_;
};

/// Several packages seen as one, e.g. SDTM and Define-XML terminology. Cheap to copy.
class Terminology {
 public:
  Terminology() = default;
  explicit Terminology(std::vector<std::shared_ptr<const Package>> packages)
      : packages_(std::move(packages)) {}

  bool empty() const { return packages_.empty(); }
  const std::vector<std::shared_ptr<const Package>>& packages() const { return packages_; }
  /// From the first package that has it, in the order in which packages were chosen; nullptr if none has.
  const Codelist* find_codelist(std::string_view key) const;
  /// From the package of that name (sdtmct-2025-03-28) only.
  const Codelist* find_codelist(std::string_view package, std::string_view key) const;

 private:
  std::vector<std::shared_ptr<const Package>> packages_;
};

}  // namespace trialmill::standards
