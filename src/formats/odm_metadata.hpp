// What an ODM file (1.3, 2.0) or a define.xml says about item groups, items and codelists: as far as tables
// need it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/xml_push.hpp"

namespace trialmill::formats {

struct OdmItem {
  std::string oid, name, sas_name, label, data_type, codelist;
  int length = 0;
};

struct OdmGroup {
  std::string oid, name, sas_name, label;
  std::vector<std::pair<int, std::string>> items;  ///< order number, OID
  std::vector<std::string> keys;                   ///< OIDs by KeySequence
};

struct OdmMetadata {
  std::map<std::string, OdmGroup> groups;
  std::map<std::string, OdmItem> items;
  std::map<std::string, std::map<std::string, std::string>> codelists;  ///< OID → coded value → decode
};

/// Takes the events below MetaDataVersion. Definitions of several versions are united; a later one of the
/// same OID replaces an earlier one.
class OdmMetadataEvents {
 public:
  explicit OdmMetadataEvents(OdmMetadata& out) : out_(out) {}
  void start(std::string_view name, const XmlAttributes& attributes);
  void end(std::string_view name);
  void text(std::string_view piece);

 private:
  OdmMetadata& out_;
  OdmGroup* group_ = nullptr;
  OdmItem* item_ = nullptr;
  std::map<std::string, std::string>* codelist_ = nullptr;
  std::string coded_, text_;
  bool in_text_ = false, in_label_ = false;
};

/// Blanks and line ends as single blanks, none at the ends.
std::string collapsed(std::string_view text);

}  // namespace trialmill::formats
