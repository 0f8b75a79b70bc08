// What the published SDTM Implementation Guides say about datasets and variables, as tables inside the
// program (src/standards/data). Example:
//
//   const standards::SdtmIg& ig = standards::sdtmig("3.4");
//   ig.dataset_label("AE")            → "Adverse Events"
//   ig.label_of("AE", "AETERM")       → "Reported Term for the Adverse Event"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trialmill::standards {

struct Variable {
  int order = 0;
  std::string name;  ///< AETERM; in the model tables with dashes: --TERM
  std::string label;
  std::string type;      ///< Char or Num
  std::string core;      ///< Req, Exp, Perm; empty in model tables
  std::string role;      ///< Identifier, Topic, Timing …
  std::string codelist;  ///< NCI codes of codelists, several joined by ";"

  /// The codes one by one: the way to terminology.hpp's find_codelist().
  std::vector<std::string> codelists() const;
};

struct Dataset {
  std::string name;        ///< AE; "" for the variables that a whole class of the model shares
  std::string class_name;  ///< Events, Special-Purpose …
  std::string label;
  std::vector<Variable> variables;  ///< in the guide's order

  /// The variable of that name, or nullptr.
  const Variable* find(std::string_view variable) const;
};

/// One implementation guide together with the SDTM model it is based on.
class SdtmIg {
 public:
  /// Use sdtmig(). Reads the embedded tables of that guide and model.
  SdtmIg(const std::string& version, const std::string& model_version);
  const std::string& version() const { return version_; }
  const std::string& model_version() const { return model_version_; }
  const std::vector<Dataset>& datasets() const { return datasets_; }

  /// The dataset's entry, or nullptr for a custom domain. SUPPAE finds SUPPQUAL; names in upper case.
  const Dataset* find_dataset(std::string_view dataset) const;
  /// Its variables in order; empty for a custom domain.
  const std::vector<Variable>& variables_of(std::string_view dataset) const;
  /// Label of a dataset, e.g. "Supplemental Qualifiers for AE" for SUPPAE; "" if unknown.
  std::string dataset_label(std::string_view dataset) const;
  /// Label of a variable: from the guide's table, else from the model ("--" for the prefix); "" if unknown.
  std::string label_of(std::string_view dataset, std::string_view variable) const;

  /// Entries of the SDTM model: those with a name are datasets, the others classes.
  const std::vector<Dataset>& model() const { return model_; }
  const Dataset* model_class(std::string_view class_name) const;
  const Dataset* model_dataset(std::string_view dataset) const;

  /// True for a domain that is in neither guide nor model.
  bool is_custom(std::string_view dataset) const;
  /// The model's variables for a dataset of that class (any case), "--" replaced by `prefix`, in the model's
  /// order: for observation classes its identifiers, the class's variables and its timing variables (Findings
  /// About: those of Findings and --OBJ), else the model's own dataset; empty if the model has none.
  std::vector<Variable> model_variables(std::string_view dataset, std::string_view class_name,
                                        std::string_view prefix) const;
  /// The same with the guide's entry (label, core, codelist …) in place of the model's where the guide has
  /// one; for other than observation classes the guide's own table.
  std::vector<Variable> guide_variables(std::string_view dataset, std::string_view class_name,
                                        std::string_view prefix) const;

 private:
  std::string version_, model_version_;
  std::vector<Dataset> datasets_, model_;
};

/// Versions we hold, oldest first: 3.2, 3.3, 3.4.
std::vector<std::string> sdtmig_versions();
/// True if sdtmig(version) will succeed.
bool has_sdtmig(std::string_view version);
/// The guide of that version ("3.4" or "3-4"). Error TM1420 for one we do not hold.
const SdtmIg& sdtmig(std::string_view version);

}  // namespace trialmill::standards
