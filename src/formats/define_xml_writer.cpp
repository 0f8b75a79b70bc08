// Define-XML 2.1 (and 2.0), chapter "Define-XML document structure": ODM 1.3.2 with the def: extension.
#include "formats/define_xml_writer.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "base/error.hpp"
#include "formats/xml_text.hpp"

namespace trialmill::formats::define {

namespace {

using Node = pugi::xml_node;

void put(Node node, const char* name, const std::string& value) {
  if (!value.empty()) node.append_attribute(name) = xml_text(value).c_str();
}

void put(Node node, const char* name, const std::optional<int>& value) {
  if (value) node.append_attribute(name) = *value;
}

void put_yes(Node node, const char* name, bool value) {
  if (value) node.append_attribute(name) = "Yes";
}

void put_yes_no(Node node, const char* name, bool value) {
  node.append_attribute(name) = value ? "Yes" : "No";
}

void put_text(Node node, const char* name, const std::string& text) {
  node.append_child(name).text() = xml_text(text).c_str();
}

/// Description, Decode: an element with its text in English.
void put_translated(Node node, const char* name, const std::string& text) {
  Node translated = node.append_child(name).append_child("TranslatedText");
  translated.append_attribute("xml:lang") = "en";
  translated.text() = xml_text(text).c_str();
}

void put_description(Node node, const std::string& text) {
  if (!text.empty()) put_translated(node, "Description", text);
}

void put_alias(Node node, const char* context, const std::string& name) {
  if (name.empty()) return;
  Node alias = node.append_child("Alias");
  put(alias, "Context", context);
  put(alias, "Name", name);
}

void put_leaf(Node node, const Leaf& leaf) {
  Node out = node.append_child("def:leaf");
  put(out, "ID", leaf.id);
  put(out, "xlink:href", leaf.href);
  put_text(out, "def:title", leaf.title.empty() ? leaf.href : leaf.title);
}

class Writer {
 public:
  explicit Writer(const Document& doc) : doc_(doc) {
    v21_ = doc.define_version.starts_with("2.1");
    if (!v21_ && !doc.define_version.starts_with("2.0")) {
      throw base::Error("TM1363", "Define-XML '" + doc.define_version + "' cannot be written", {},
                        "versions 2.1 and 2.0 can");
    }
  }
  std::string text(const WriteOptions& options);

 private:
  Node metadata_version(Node odm);
  void standards(Node parent);
  void documents(Node parent, const std::vector<DocumentRef>& refs);
  void document_section(Node parent, const char* name, const std::vector<DocumentRef>& refs);
  void item_ref(Node parent, const ItemRef& ref, bool has_keys);
  void value_list(Node parent, const ValueList& list);
  void where_clause(Node parent, const WhereClause& clause);
  void dataset(Node parent, const ItemGroupDef& group);
  void item(Node parent, const ItemDef& item);
  void codelist(Node parent, const CodeList& list);
  void coded_items(Node parent, const CodeList& list);
  void method(Node parent, const Method& method);
  /// Adds an element with its OID, without which nothing could refer to it.
  Node identified(Node parent, const char* name, const std::string& oid);

  const Document& doc_;
  bool v21_ = true;
};

Node Writer::identified(Node parent, const char* name, const std::string& oid) {
  if (oid.empty()) throw base::Error("TM1363", std::string("a ") + name + " has no OID");
  Node node = parent.append_child(name);
  put(node, "OID", oid);
  return node;
}

Node Writer::metadata_version(Node odm) {
  Node study = identified(odm, "Study", doc_.study_oid);
  Node global = study.append_child("GlobalVariables");
  put_text(global, "StudyName", doc_.study_name);
  put_text(global, "StudyDescription", doc_.study_description);
  put_text(global, "ProtocolName", doc_.protocol_name);
  Node node = identified(study, "MetaDataVersion", doc_.oid);
  put(node, "Name", doc_.name.empty() ? doc_.oid : doc_.name);
  put(node, "Description", doc_.description);
  put(node, "def:DefineVersion", v21_ ? doc_.define_version : "2.0.0");
  if (v21_) {
    put(node, "def:CommentOID", doc_.comment_oid);
    return node;
  }
  const auto guide = std::find_if(doc_.standards.begin(), doc_.standards.end(),
                                  [](const Standard& one) { return one.type == "IG"; });
  const bool found = guide != doc_.standards.end();
  node.append_attribute("def:StandardName") = found ? xml_text(guide->name).c_str() : "";
  node.append_attribute("def:StandardVersion") = found ? xml_text(guide->version).c_str() : "";
  return node;
}

void Writer::standards(Node parent) {
  if (doc_.standards.empty() || !v21_) return;
  Node all = parent.append_child("def:Standards");
  for (const Standard& one : doc_.standards) {
    Node node = identified(all, "def:Standard", one.oid);
    put(node, "Name", one.name);
    put(node, "Type", one.type);
    put(node, "PublishingSet", one.publishing_set);
    put(node, "Version", one.version);
    put(node, "Status", one.status);
    put(node, "def:CommentOID", one.comment_oid);
  }
}

void Writer::documents(Node parent, const std::vector<DocumentRef>& refs) {
  for (const DocumentRef& ref : refs) {
    Node node = parent.append_child("def:DocumentRef");
    put(node, "leafID", ref.leaf_id);
    for (const PageRef& page : ref.pages) {
      Node out = node.append_child("def:PDFPageRef");
      put(out, "PageRefs", page.pages);
      put(out, "FirstPage", page.first_page);
      put(out, "LastPage", page.last_page);
      put(out, "Type", page.type);
      if (v21_) put(out, "Title", page.title);
    }
  }
}

void Writer::document_section(Node parent, const char* name, const std::vector<DocumentRef>& refs) {
  if (!refs.empty()) documents(parent.append_child(name), refs);
}

void Writer::item_ref(Node parent, const ItemRef& ref, bool has_keys) {
  Node node = parent.append_child("ItemRef");
  put(node, "ItemOID", ref.item_oid);
  put(node, "OrderNumber", ref.order_number);
  put_yes_no(node, "Mandatory", ref.mandatory);
  if (has_keys) put(node, "KeySequence", ref.key_sequence);
  put(node, "MethodOID", ref.method_oid);
  put(node, "Role", ref.role);
  put(node, "RoleCodeListOID", ref.role_codelist_oid);
  if (v21_) {
    put_yes(node, "def:IsNonStandard", ref.is_non_standard);
    put_yes(node, "def:HasNoData", ref.has_no_data);
  }
  for (const std::string& oid : ref.where_clause_oids)
    put(node.append_child("def:WhereClauseRef"), "WhereClauseOID", oid);
}

void Writer::value_list(Node parent, const ValueList& list) {
  Node node = identified(parent, "def:ValueListDef", list.oid);
  if (v21_) put_description(node, list.description);
  for (const ItemRef& ref : list.items) item_ref(node, ref, false);
}

void Writer::where_clause(Node parent, const WhereClause& clause) {
  Node node = identified(parent, "def:WhereClauseDef", clause.oid);
  put(node, "def:CommentOID", clause.comment_oid);
  for (const RangeCheck& check : clause.checks) {
    Node out = node.append_child("RangeCheck");
    put(out, "Comparator", check.comparator);
    put(out, "SoftHard", check.soft_hard.empty() ? "Soft" : check.soft_hard);
    put(out, "def:ItemOID", check.item_oid);
    for (const std::string& value : check.values) put_text(out, "CheckValue", value);
  }
}

void Writer::dataset(Node parent, const ItemGroupDef& group) {
  Node node = identified(parent, "ItemGroupDef", group.oid);
  put(node, "Name", group.name);
  put(node, "Domain", group.domain);
  put_yes_no(node, "Repeating", group.repeating);
  put_yes_no(node, "IsReferenceData", group.is_reference_data);
  put(node, "SASDatasetName", group.sas_dataset_name);
  put(node, "Purpose", group.purpose);
  node.append_attribute("def:Structure") = xml_text(group.structure).c_str();
  if (v21_) {
    put(node, "def:StandardOID", group.standard_oid);
    put_yes(node, "def:IsNonStandard", group.is_non_standard);
    put_yes(node, "def:HasNoData", group.has_no_data);
  } else {
    put(node, "def:Class", group.class_name);
  }
  put(node, "def:CommentOID", group.comment_oid);
  put(node, "def:ArchiveLocationID", group.archive_location_id);
  put_description(node, group.label);
  for (const ItemRef& ref : group.items) item_ref(node, ref, true);
  put_alias(node, "DomainDescription", group.parent_label);
  if (v21_ && !group.class_name.empty()) {
    Node kind = node.append_child("def:Class");
    put(kind, "Name", group.class_name);
    for (const std::string& sub : group.subclasses) put(kind.append_child("def:SubClass"), "Name", sub);
  }
  for (const Leaf& leaf : group.leaves) put_leaf(node, leaf);
}

void Writer::item(Node parent, const ItemDef& item) {
  Node node = identified(parent, "ItemDef", item.oid);
  put(node, "Name", item.name);
  put(node, "DataType", item.data_type);
  put(node, "Length", item.length);
  put(node, "SignificantDigits", item.significant_digits);
  put(node, "SASFieldName", item.sas_field_name);
  put(node, "def:DisplayFormat", item.display_format);
  put(node, "def:CommentOID", item.comment_oid);
  put_description(node, item.label);
  if (!item.codelist_oid.empty()) put(node.append_child("CodeListRef"), "CodeListOID", item.codelist_oid);
  for (const Origin& origin : item.origins) {
    Node out = node.append_child("def:Origin");
    put(out, "Type", origin.type);
    if (v21_) put(out, "Source", origin.source);
    put_description(out, origin.description);
    documents(out, origin.documents);
  }
  if (!item.value_list_oid.empty())
    put(node.append_child("def:ValueListRef"), "ValueListOID", item.value_list_oid);
}

void Writer::coded_items(Node parent, const CodeList& list) {
  const bool decoded = std::any_of(list.items.begin(), list.items.end(),
                                   [](const CodedItem& one) { return !one.decode.empty(); });
  for (const CodedItem& one : list.items) {
    Node node = parent.append_child(decoded ? "CodeListItem" : "EnumeratedItem");
    node.append_attribute("CodedValue") = xml_text(one.value).c_str();
    put(node, "Rank", one.rank);
    put(node, "OrderNumber", one.order_number);
    put_yes(node, "def:ExtendedValue", one.extended);
    if (decoded) put_translated(node, "Decode", one.decode.empty() ? one.value : one.decode);
    put_alias(node, "nci:ExtCodeID", one.nci_code);
  }
}

void Writer::codelist(Node parent, const CodeList& list) {
  Node node = identified(parent, "CodeList", list.oid);
  put(node, "Name", list.name.empty() ? list.oid : list.name);
  put(node, "DataType", list.data_type);
  put(node, "SASFormatName", list.sas_format_name);
  if (v21_) {
    put(node, "def:StandardOID", list.standard_oid);
    put_yes(node, "def:IsNonStandard", list.is_non_standard);
    put(node, "def:CommentOID", list.comment_oid);
  }
  coded_items(node, list);
  if (list.external) {
    Node out = node.append_child("ExternalCodeList");
    put(out, "Dictionary", list.external->dictionary);
    put(out, "Version", list.external->version);
    put(out, "ref", list.external->ref);
    put(out, "href", list.external->href);
  }
  put_alias(node, "nci:ExtCodeID", list.nci_code);
}

void Writer::method(Node parent, const Method& method) {
  Node node = identified(parent, "MethodDef", method.oid);
  put(node, "Name", method.name.empty() ? method.oid : method.name);
  put(node, "Type", method.type);
  put_translated(node, "Description", method.description);
  for (const Method::Expression& one : method.expressions) {
    Node out = node.append_child("FormalExpression");
    put(out, "Context", one.context);
    out.text() = xml_text(one.code).c_str();
  }
  documents(node, method.documents);
}

std::string Writer::text(const WriteOptions& options) {
  pugi::xml_document xml;
  Node declaration = xml.append_child(pugi::node_declaration);
  put(declaration, "version", "1.0");
  put(declaration, "encoding", "UTF-8");
  if (!options.stylesheet.empty()) {
    Node style = xml.append_child(pugi::node_pi);
    style.set_name("xml-stylesheet");
    style.set_value(("type=\"text/xsl\" href=\"" + options.stylesheet + "\"").c_str());
  }
  Node odm = xml.append_child("ODM");
  put(odm, "xmlns", "http://www.cdisc.org/ns/odm/v1.3");
  put(odm, "xmlns:xlink", "http://www.w3.org/1999/xlink");
  put(odm, "xmlns:def", v21_ ? "http://www.cdisc.org/ns/def/v2.1" : "http://www.cdisc.org/ns/def/v2.0");
  put(odm, "ODMVersion", "1.3.2");
  put(odm, "FileType", "Snapshot");
  put(odm, "FileOID", doc_.file_oid);
  put(odm, "CreationDateTime", doc_.creation_time);
  put(odm, "Originator", doc_.originator);
  put(odm, "SourceSystem", doc_.source_system);
  put(odm, "SourceSystemVersion", doc_.source_system_version);
  if (v21_) put(odm, "def:Context", doc_.context.empty() ? "Other" : doc_.context);
  Node root = metadata_version(odm);
  standards(root);
  document_section(root, "def:AnnotatedCRF", doc_.annotated_crf);
  document_section(root, "def:SupplementalDoc", doc_.supplemental_documents);
  for (const ValueList& list : doc_.value_lists) value_list(root, list);
  for (const WhereClause& clause : doc_.where_clauses) where_clause(root, clause);
  for (const ItemGroupDef& group : doc_.datasets) dataset(root, group);
  for (const ItemDef& one : doc_.items) item(root, one);
  for (const CodeList& list : doc_.codelists) codelist(root, list);
  for (const Method& one : doc_.methods) method(root, one);
  for (const Comment& comment : doc_.comments) {
    Node node = identified(root, "def:CommentDef", comment.oid);
    put_translated(node, "Description", comment.text);
    documents(node, comment.documents);
  }
  for (const Leaf& leaf : doc_.leaves) put_leaf(root, leaf);
  std::ostringstream out;
  xml.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
  return out.str();
}

}  // namespace

std::string write(const Document& document, const WriteOptions& options) {
  return Writer(document).text(options);
}

}  // namespace trialmill::formats::define
