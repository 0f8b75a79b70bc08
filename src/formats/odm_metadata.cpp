#include "formats/odm_metadata.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace trialmill::formats {
namespace {

int number_of(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string collapsed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

void OdmMetadataEvents::start(std::string_view name, const XmlAttributes& attributes) {
  const auto get = [&](std::string_view attribute) { return std::string(attributes.find(attribute)); };
  if (name == "ItemGroupDef") {
    group_ = &(out_.groups[get("OID")] = {});
    group_->oid = get("OID"), group_->name = get("Name"), group_->label = get("Label");
    group_->sas_name = get("SASDatasetName");
  } else if ((name == "ItemRef" || name == "ItemGroupRef") && group_ != nullptr && name == "ItemRef") {
    group_->items.emplace_back(number_of(get("OrderNumber")), get("ItemOID"));
    if (const int key = number_of(get("KeySequence")); key > 0 && key < 1000) {
      if (group_->keys.size() < static_cast<std::size_t>(key))
        group_->keys.resize(static_cast<std::size_t>(key));
      group_->keys[static_cast<std::size_t>(key - 1)] = get("ItemOID");
    }
  } else if (name == "ItemDef") {
    item_ = &(out_.items[get("OID")] = {});
    item_->oid = get("OID"), item_->name = get("Name"), item_->data_type = get("DataType");
    item_->sas_name = get("SASFieldName"), item_->label = get("Label");
    item_->length = std::clamp(number_of(get("Length")), 0, 1 << 20);
  } else if (name == "CodeListRef" && item_ != nullptr) {
    item_->codelist = get("CodeListOID");
  } else if (name == "CodeList") {
    codelist_ = &(out_.codelists[get("OID")] = {});
  } else if (name == "CodeListItem" && codelist_ != nullptr) {
    coded_ = get("CodedValue");
    (*codelist_)[coded_];
  } else if (name == "Question" || name == "Description" || name == "Decode") {
    in_label_ = true;
  } else if (name == "TranslatedText" && in_label_) {
    in_text_ = true;
    text_.clear();
  }
}

void OdmMetadataEvents::end(std::string_view name) {
  if (name == "TranslatedText" && in_text_) {
    in_text_ = false;
    const std::string text = collapsed(text_);
    // The first language given counts.
    if (codelist_ != nullptr && !coded_.empty()) {
      std::string& decode = (*codelist_)[coded_];
      if (decode.empty()) decode = text;
    } else if (item_ != nullptr && item_->label.empty()) {
      item_->label = text;
    } else if (group_ != nullptr && item_ == nullptr && group_->label.empty()) {
      group_->label = text;
    }
  }
  if (name == "Question" || name == "Description" || name == "Decode") in_label_ = false;
  if (name == "CodeListItem") coded_.clear();
  if (name == "CodeList") codelist_ = nullptr;
  if (name == "ItemDef") item_ = nullptr;
  if (name == "ItemGroupDef" && group_ != nullptr) {
    std::stable_sort(group_->items.begin(), group_->items.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    group_ = nullptr;
  }
}

void OdmMetadataEvents::text(std::string_view piece) {
  if (in_text_ && text_.size() < 100000) text_ += piece;
}

}  // namespace trialmill::formats
