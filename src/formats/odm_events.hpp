// The clinical data of an ODM file (1.3, 2.0) or a Dataset-XML file, item group by item group.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/odm_metadata.hpp"
#include "formats/xml_push.hpp"

namespace trialmill::formats {

/// Where an item group stands. Keys that the file does not give are empty.
struct OdmPlace {
  std::string study, subject, site, event, event_repeat, form, form_repeat, group, group_repeat;
  auto operator<=>(const OdmPlace&) const = default;
};

struct OdmValue {
  std::string item, value, unit;
  bool is_null = false;
  bool removed = false;     ///< TransactionType Remove
  bool has_reason = false;  ///< a reason for the missing value is given (and has no place in a table)
};

/// An item group with its values. `vendor`: attributes in other namespaces, "SubjectData.StudySubjectID" →
/// value.
struct OdmRow {
  OdmPlace place;
  std::map<std::string, std::string> vendor;
  std::vector<OdmValue> values;
  std::string removed;  ///< the level that a transaction removes: subject, event, form, group; "" = none
  bool is_context = false;
};

struct OdmHead {
  bool transactional = false;  ///< FileType: rows are changes, to be applied in order
  bool dataset_xml = false;    ///< item groups without subjects
};

class OdmEvents : public XmlEvents {
 public:
  using Take = std::function<bool(const OdmRow&)>;
  /// `metadata` may be null: definitions are then passed over. Errors TM1340 (another root element), TM1342
  /// (data without keys) with the line; `take` returns false to stop.
  OdmEvents(OdmMetadata* metadata, const Take& take, std::string place);
  void attach(const XmlPush& xml) { xml_ = &xml; }

  const OdmHead& head() const { return head_; }
  bool stopped() const { return stopped_; }

  void start(std::string_view name, std::string_view space, const XmlAttributes& attributes) override;
  void end(std::string_view name) override;
  void text(std::string_view piece) override;

 private:
  struct Group {
    OdmRow row;
    bool nested = false;  ///< holds other groups and is a form then (ODM 2.0)
  };

  [[noreturn]] void refuse(const std::string& code, const std::string& what, const std::string& hint) const;
  std::string key(std::string_view element, const XmlAttributes& attributes, std::string_view name) const;
  void note_vendor(const std::string& level, const XmlAttributes& attributes);
  void forget_vendor(const std::string& level);
  void start_data(std::string_view name, const XmlAttributes& attributes);
  void start_group(const XmlAttributes& attributes);
  void start_item(const XmlAttributes& attributes);
  void transaction(const std::string& level, const XmlAttributes& attributes);
  void end_group();
  void give(const OdmRow& row);
  void give_removal(const std::string& level);

  OdmMetadata* metadata_;
  OdmMetadataEvents definitions_;
  OdmMetadata unused_;
  const Take& take_;
  std::string place_;
  const XmlPush* xml_ = nullptr;
  OdmHead head_;
  int depth_ = 0, skip_ = 0;  ///< skip_: depth below an element of a vendor
  bool in_definitions_ = false, in_data_ = false, in_reference_ = false, in_item_ = false, in_value_ = false,
       has_value_ = false;
  bool stopped_ = false;
  OdmPlace now_;
  std::map<std::string, std::string> vendor_;
  std::map<std::string, std::string> transactions_;  ///< level → Insert, Upsert, Remove …
  std::vector<Group> groups_;
  OdmValue item_;
  std::string text_;
};

}  // namespace trialmill::formats
