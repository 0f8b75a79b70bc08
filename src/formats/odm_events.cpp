#include "formats/odm_events.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::formats {
namespace {

/// Elements of the standards; everything else is a vendor's.
bool is_vendors(std::string_view space) {
  if (space.empty()) return false;
  const std::string uri = base::to_lower(space);
  return uri.find("cdisc") == std::string::npos && uri.find("www.w3.org") == std::string::npos;
}

bool is_item(std::string_view name) {
  return name.starts_with("ItemData");
}

constexpr std::size_t nesting_max = 32;

}  // namespace

OdmEvents::OdmEvents(OdmMetadata* metadata, const Take& take, std::string place)
    : metadata_(metadata),
      definitions_(metadata != nullptr ? *metadata : unused_),
      take_(take),
      place_(std::move(place)) {}

void OdmEvents::refuse(const std::string& code, const std::string& what, const std::string& hint) const {
  throw base::Error(code, what, {place_, xml_ == nullptr ? 0 : xml_->line()}, hint);
}

std::string OdmEvents::key(std::string_view element, const XmlAttributes& attributes,
                           std::string_view name) const {
  const auto value = attributes.find(name);
  if (value.empty()) {
    refuse("TM1342", std::string(element) + " has no " + std::string(name),
           "without it nobody can say what the data belong to; ask for the file again");
  }
  return std::string(value);
}

void OdmEvents::start(std::string_view name, std::string_view space, const XmlAttributes& attributes) {
  if (depth_++ == 0) {
    if (name != "ODM") {
      refuse("TM1340", "the root element is " + std::string(name) + ", not ODM",
             "ODM exports of EDC systems and Dataset-XML files are read");
    }
    head_.transactional = attributes.find("FileType") == "Transactional";
    head_.dataset_xml = !attributes.find("DatasetXMLVersion").empty();
    return;
  }
  if (skip_ > 0) return;
  if (is_vendors(space)) {
    skip_ = depth_;
    return;
  }
  if (name == "MetaDataVersion") in_definitions_ = true;
  if (in_definitions_) {
    if (metadata_ != nullptr) definitions_.start(name, attributes);
    return;
  }
  if (name == "ClinicalData" || name == "ReferenceData") {
    in_data_ = true;
    in_reference_ = name == "ReferenceData";
    now_ = {};
    vendor_.clear();
    transactions_.clear();
    now_.study = attributes.find("StudyOID");
  } else if (in_data_) {
    start_data(name, attributes);
  }
}

void OdmEvents::start_data(std::string_view name, const XmlAttributes& attributes) {
  if (name == "SubjectData") {
    now_.subject = key(name, attributes, "SubjectKey");
    now_.site.clear();
    note_vendor("SubjectData", attributes);
    transaction("subject", attributes);
  } else if (name == "SiteRef") {
    now_.site = attributes.find("LocationOID");
  } else if (name == "StudyEventData") {
    now_.event = key(name, attributes, "StudyEventOID");
    now_.event_repeat = attributes.find("StudyEventRepeatKey");
    note_vendor("StudyEventData", attributes);
    transaction("event", attributes);
  } else if (name == "FormData") {
    now_.form = key(name, attributes, "FormOID");
    now_.form_repeat = attributes.find("FormRepeatKey");
    note_vendor("FormData", attributes);
    transaction("form", attributes);
  } else if (name == "ItemGroupData") {
    start_group(attributes);
  } else if (is_item(name)) {
    start_item(attributes);
  } else if (name == "MeasurementUnitRef" && in_item_) {
    item_.unit = attributes.find("MeasurementUnitOID");
  } else if (name == "Value" && in_item_) {
    // ODM 2.0: several values of one item.
    if (has_value_) text_ += ",";
    has_value_ = in_value_ = true;
  } else if (in_item_) {
    in_value_ = false;
  }
}

void OdmEvents::transaction(const std::string& level, const XmlAttributes& attributes) {
  transactions_[level] = attributes.find("TransactionType");
  if (transactions_[level] == "Remove" && level != "group") give_removal(level);
}

/// Tells that everything below a subject, event or form is removed.
void OdmEvents::give_removal(const std::string& level) {
  OdmRow row;
  row.place = now_;
  if (level == "subject" || level == "event") row.place.form = row.place.form_repeat = "";
  if (level == "subject") row.place.event = row.place.event_repeat = "";
  row.removed = level;
  give(row);
}

/// Attributes of vendors on the levels above are columns of every row below.
void OdmEvents::note_vendor(const std::string& level, const XmlAttributes& attributes) {
  forget_vendor(level);
  for (int i = 0; i < attributes.size(); ++i) {
    const auto prefix = attributes.prefix(i);
    if (prefix.empty() || prefix == "xml" || prefix == "xsi" || prefix == "data") continue;
    vendor_[level + "." + std::string(attributes.name(i))] = attributes.value(i);
  }
}

void OdmEvents::forget_vendor(const std::string& level) {
  std::erase_if(vendor_, [&](const auto& one) { return one.first.starts_with(level + "."); });
}

void OdmEvents::start_group(const XmlAttributes& attributes) {
  if (groups_.size() >= nesting_max)
    refuse("TM1342", "item groups are nested too deeply", "is the file damaged?");
  Group group;
  group.row.place = now_;
  if (!groups_.empty()) {
    groups_.back().nested = true;
    group.row.place.form = groups_.back().row.place.group;
    group.row.place.form_repeat = groups_.back().row.place.group_repeat;
  }
  group.row.place.group = key("ItemGroupData", attributes, "ItemGroupOID");
  group.row.place.group_repeat = attributes.find("ItemGroupRepeatKey");
  if (now_.subject.empty() && groups_.empty() && !in_reference_) head_.dataset_xml = true;
  const std::string type(attributes.find("TransactionType"));
  if (type == "Remove") group.row.removed = "group";
  group.row.is_context = type == "Context";
  groups_.push_back(std::move(group));
}

void OdmEvents::start_item(const XmlAttributes& attributes) {
  if (groups_.empty()) refuse("TM1342", "an item outside of an item group", "is the file damaged?");
  item_ = {};
  item_.item = key("ItemData", attributes, "ItemOID");
  const auto value = attributes.find("Value");
  text_.clear();
  has_value_ = value.data() != nullptr;
  if (has_value_) item_.value = value;
  item_.is_null = attributes.find("IsNull") == "Yes";
  item_.unit = attributes.find("MeasurementUnitOID");
  item_.removed = attributes.find("TransactionType") == "Remove";
  item_.has_reason = !attributes.find("ReasonForNull").empty();
  in_item_ = true;
  in_value_ = !has_value_;
}

void OdmEvents::end(std::string_view name) {
  --depth_;
  if (skip_ > 0) {
    if (depth_ < skip_) skip_ = 0;
    return;
  }
  if (in_definitions_) {
    if (metadata_ != nullptr) definitions_.end(name);
    if (name == "MetaDataVersion") in_definitions_ = false;
    return;
  }
  if (name == "ClinicalData" || name == "ReferenceData") in_data_ = false;
  if (!in_data_) return;
  if (is_item(name)) {
    // A typed item without text is empty as one with Value="" is.
    if (item_.value.empty() && !text_.empty())
      item_.value = has_value_ ? text_ : std::string(base::trim(text_));
    groups_.back().row.values.push_back(std::move(item_));
    in_item_ = in_value_ = false;
  } else if (name == "Value" && in_item_) {
    in_value_ = false;
  } else if (name == "ItemGroupData") {
    end_group();
  } else if (name == "FormData") {
    now_.form.clear(), now_.form_repeat.clear();
    forget_vendor("FormData");
  } else if (name == "StudyEventData") {
    now_.event.clear(), now_.event_repeat.clear();
    forget_vendor("StudyEventData");
  } else if (name == "SubjectData") {
    now_ = {now_.study, "", "", "", "", "", "", "", ""};
    vendor_.clear();
  }
}

void OdmEvents::end_group() {
  Group group = std::move(groups_.back());
  groups_.pop_back();
  // A group that only holds others is their form.
  if (group.nested && group.row.values.empty()) return;
  group.row.place.site = now_.site;
  group.row.vendor = vendor_;
  give(group.row);
}

void OdmEvents::give(const OdmRow& row) {
  if (!stopped_ && !take_(row)) stopped_ = true;
}

void OdmEvents::text(std::string_view piece) {
  if (skip_ > 0) return;
  if (in_definitions_) {
    if (metadata_ != nullptr) definitions_.text(piece);
  } else if (in_value_) {
    text_ += piece;
  }
}

}  // namespace trialmill::formats
