// The codelists of define.xml: which terms the data use, joined with what CDISC's terminology, a CSV of the
// study or the data themselves say about them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "formats/define_xml.hpp"
#include "standards/terminology.hpp"
#include "table/session.hpp"

namespace trialmill::publish {

/// One variable's or value's use of a codelist.
struct CodelistUse {
  /// NY, an NCI code (C66742, or several joined by ";"), a CSV below the study (codelists/x.csv), or, for a
  /// list that only the study knows, any name.
  std::string list;
  std::string name;                ///< for a list that is found nowhere, e.g. the variable's label
  std::string place;               ///< VS.VSTESTCD or VS.VSORRESU.TEMP: names a list for this use only
  std::string data_type = "text";  ///< text, integer or float
  std::map<std::string, std::string> terms;  ///< value → decode as the data have it, or ""
  /// A list of its own with these terms; else all uses of the list share one that has the terms of all.
  bool own = false;
};

class Codelists {
 public:
  /// `study`: folder that CSV paths are relative to. `standard_oid`: of the terminology in def:Standards.
  Codelists(standards::Terminology terminology, std::filesystem::path study, std::string standard_oid);

  /// True if every term is a term of the published lists that `list` names.
  bool knows_all(const std::string& list, const std::map<std::string, std::string>& terms) const;
  /// Notes a use; the number gives its OID once finish() was called.
  std::size_t add(table::Session& session, CodelistUse use);
  /// A dictionary such as MedDRA.
  std::size_t add_external(const std::string& dictionary, const std::string& version,
                           const std::string& data_type);
  /// The lists, by OID.
  std::vector<formats::define::CodeList> finish();
  /// Of a use; after finish().
  const std::string& oid(std::size_t use) const { return oids_[use]; }

  /// Sentences on terms that are in no list: not extensible, CSV not readable.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  struct List {
    std::string stem, name, nci_code;  ///< stem: NY, of the OID CL.NY
    bool standard = false;
    std::vector<const standards::Codelist*> published;  ///< the best first
    std::map<std::string, std::string> decodes;         ///< of a CSV
  };
  struct Noted {
    std::string list;  ///< key of lists_
    CodelistUse use;
  };

  std::string resolve(table::Session& session, const CodelistUse& use);
  std::string resolve_csv(table::Session& session, const CodelistUse& use);
  std::string resolve_published(const CodelistUse& use);
  void finish_list(const std::string& key, const std::vector<std::size_t>& uses);
  std::string unique_oid(const std::string& wanted);
  formats::define::CodeList make(const List& list, const std::map<std::string, std::string>& terms,
                                 const std::string& data_type);

  standards::Terminology terminology_;
  std::filesystem::path study_;
  std::string standard_oid_;
  std::map<std::string, List> lists_;
  std::vector<Noted> uses_;
  std::map<std::string, std::size_t> external_;  ///< dictionary and type → use
  std::vector<std::string> oids_, remarks_;
  std::set<std::string> taken_;
  std::vector<formats::define::CodeList> made_;
};

/// `text` with everything but letters, digits, "." "-" "_" replaced by "_": for OIDs and IDs.
std::string oid_part(const std::string& text);

}  // namespace trialmill::publish
