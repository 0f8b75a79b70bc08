// Reads Define-XML element by element into define::Document.
#include <charconv>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/define_xml.hpp"
#include "formats/xml_stream.hpp"

namespace trialmill::formats::define {

namespace {

constexpr std::uintmax_t file_bytes_max = std::uintmax_t{256} << 20;

class Reader {
 public:
  Reader(XmlStream& xml, const std::string& file) : xml_(xml), file_(file) {}
  Document read();

 private:
  [[noreturn]] void refuse(const std::string& code, const std::string& what, int line) const;
  std::string need(const XmlNode& node, const char* attribute) const;
  std::optional<int> number(const XmlNode& node, const char* attribute);

  void read_root();
  void read_head();  ///< MetaDataVersion's attributes
  void read_part(const XmlNode& node);
  void read_dataset(const XmlNode& node);
  void read_item(const XmlNode& node);
  void read_codelist(const XmlNode& node);
  void read_where_clause(const XmlNode& node);
  void read_value_list(const XmlNode& node);
  void read_method(const XmlNode& node);
  CodedItem coded_item(const XmlNode& node);
  ItemRef item_ref(const XmlNode& node);

  XmlStream& xml_;
  std::string file_;
  Document doc_;
};

bool is_yes(const XmlNode& node, const char* attribute) {
  return node.attribute(attribute) == "Yes";
}

/// Text of an element that holds TranslatedText, or of itself: the first translation.
std::string translated(const XmlNode& node) {
  for (const XmlNode& text : node.children("TranslatedText")) return text.text();
  return node.text();
}

std::string child_text(const XmlNode& node, std::string_view name) {
  for (const XmlNode& child : node.children(name)) return translated(child);
  return {};
}

std::vector<DocumentRef> document_refs(const XmlNode& node) {
  std::vector<DocumentRef> out;
  for (const XmlNode& ref : node.children("DocumentRef")) {
    DocumentRef document{ref.attribute("leafID"), {}};
    for (const XmlNode& page : ref.children("PDFPageRef")) {
      document.pages.push_back({page.attribute("Type"), page.attribute("PageRefs"),
                                page.attribute("FirstPage"), page.attribute("LastPage"),
                                page.attribute("Title")});
    }
    out.push_back(std::move(document));
  }
  return out;
}

Leaf read_leaf(const XmlNode& node) {
  return {node.attribute("ID"), node.attribute("href"), child_text(node, "title")};
}

/// The Alias of that context, e.g. nci:ExtCodeID.
std::string alias(const XmlNode& node, std::string_view context) {
  for (const XmlNode& one : node.children("Alias")) {
    if (one.attribute("Context") == context) return one.attribute("Name");
  }
  return {};
}

/// Description, or def:Label of version 1.0.
std::string label_of(const XmlNode& node) {
  const std::string label = child_text(node, "Description");
  return label.empty() ? node.attribute("Label") : label;
}

void Reader::refuse(const std::string& code, const std::string& what, int line) const {
  throw base::Error(code, what, {file_, line},
                    code == "TM1361" ? "give the define.xml of the study's datasets" : "");
}

std::string Reader::need(const XmlNode& node, const char* attribute) const {
  std::string value = node.attribute(attribute);
  if (value.empty()) refuse("TM1362", "a " + std::string(node.name()) + " has no " + attribute, node.line());
  return value;
}

std::optional<int> Reader::number(const XmlNode& node, const char* attribute) {
  const std::string text = node.attribute(attribute);
  if (text.empty()) return std::nullopt;
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc() && end == text.data() + text.size()) return value;
  doc_.problems.push_back(
      {node.line(), std::string(node.name()) + " " + attribute + " is not a whole number: '" + text + "'"});
  return std::nullopt;
}

ItemRef Reader::item_ref(const XmlNode& node) {
  ItemRef ref;
  ref.item_oid = need(node, "ItemOID");
  ref.order_number = number(node, "OrderNumber");
  ref.key_sequence = number(node, "KeySequence");
  ref.mandatory = is_yes(node, "Mandatory");
  ref.has_no_data = is_yes(node, "HasNoData");
  ref.is_non_standard = is_yes(node, "IsNonStandard");
  ref.role = node.attribute("Role");
  ref.role_codelist_oid = node.attribute("RoleCodeListOID");
  ref.method_oid = node.attribute("MethodOID");
  for (const XmlNode& clause : node.children("WhereClauseRef"))
    ref.where_clause_oids.push_back(need(clause, "WhereClauseOID"));
  ref.line = node.line();
  return ref;
}

void Reader::read_dataset(const XmlNode& node) {
  ItemGroupDef group;
  group.oid = need(node, "OID");
  group.name = need(node, "Name");
  group.domain = node.attribute("Domain");
  group.label = label_of(node);
  group.class_name = node.attribute("Class");  // 2.0; an element in 2.1
  group.structure = node.attribute("Structure");
  group.purpose = node.attribute("Purpose");
  group.sas_dataset_name = node.attribute("SASDatasetName");
  group.repeating = is_yes(node, "Repeating");
  group.is_reference_data = is_yes(node, "IsReferenceData");
  group.has_no_data = is_yes(node, "HasNoData");
  group.is_non_standard = is_yes(node, "IsNonStandard");
  group.standard_oid = node.attribute("StandardOID");
  group.comment_oid = node.attribute("CommentOID");
  group.archive_location_id = node.attribute("ArchiveLocationID");
  group.parent_label = alias(node, "DomainDescription");
  group.line = node.line();
  for (const XmlNode& child : node.children()) {
    if (child.name() == "ItemRef") group.items.push_back(item_ref(child));
    if (child.name() == "leaf") group.leaves.push_back(read_leaf(child));
    if (child.name() == "Class") {
      group.class_name = child.attribute("Name");
      for (const XmlNode& sub : child.children("SubClass")) group.subclasses.push_back(sub.attribute("Name"));
    }
  }
  doc_.datasets.push_back(std::move(group));
}

void Reader::read_item(const XmlNode& node) {
  ItemDef item;
  item.oid = need(node, "OID");
  item.name = need(node, "Name");
  item.data_type = node.attribute("DataType");
  item.label = label_of(node);
  item.length = number(node, "Length");
  item.significant_digits = number(node, "SignificantDigits");
  item.display_format = node.attribute("DisplayFormat");
  item.sas_field_name = node.attribute("SASFieldName");
  item.comment_oid = node.attribute("CommentOID");
  item.comment = node.attribute("Comment");
  item.line = node.line();
  if (const std::string origin = node.attribute("Origin"); !origin.empty())
    item.origins.push_back({origin, "", "", {}});
  for (const XmlNode& child : node.children()) {
    if (child.name() == "CodeListRef") item.codelist_oid = need(child, "CodeListOID");
    if (child.name() == "ValueListRef") item.value_list_oid = need(child, "ValueListOID");
    if (child.name() == "Origin") {
      item.origins.push_back({child.attribute("Type"), child.attribute("Source"),
                              child_text(child, "Description"), document_refs(child)});
    }
  }
  doc_.items.push_back(std::move(item));
}

CodedItem Reader::coded_item(const XmlNode& node) {
  CodedItem item;
  item.value = node.attribute("CodedValue");
  item.decode = child_text(node, "Decode");
  item.nci_code = alias(node, "nci:ExtCodeID");
  item.rank = node.attribute("Rank");
  item.order_number = number(node, "OrderNumber");
  item.extended = is_yes(node, "ExtendedValue");
  item.line = node.line();
  if (item.value.empty()) doc_.problems.push_back({item.line, "a coded item without CodedValue"});
  return item;
}

void Reader::read_codelist(const XmlNode& node) {
  CodeList list;
  list.oid = need(node, "OID");
  list.name = node.attribute("Name");
  list.data_type = node.attribute("DataType");
  list.sas_format_name = node.attribute("SASFormatName");
  list.standard_oid = node.attribute("StandardOID");
  list.comment_oid = node.attribute("CommentOID");
  list.is_non_standard = is_yes(node, "IsNonStandard");
  list.nci_code = alias(node, "nci:ExtCodeID");
  list.line = node.line();
  for (const XmlNode& child : node.children()) {
    if (child.name() == "CodeListItem" || child.name() == "EnumeratedItem")
      list.items.push_back(coded_item(child));
    if (child.name() == "ExternalCodeList") {
      list.external = ExternalDictionary{child.attribute("Dictionary"), child.attribute("Version"),
                                         child.attribute("ref"), child.attribute("href")};
    }
  }
  doc_.codelists.push_back(std::move(list));
}

void Reader::read_where_clause(const XmlNode& node) {
  WhereClause clause{need(node, "OID"), node.attribute("CommentOID"), {}, node.line()};
  for (const XmlNode& check : node.children("RangeCheck")) {
    RangeCheck out{check.attribute("Comparator"), need(check, "ItemOID"), check.attribute("SoftHard"), {}};
    for (const XmlNode& value : check.children("CheckValue")) out.values.push_back(value.text());
    clause.checks.push_back(std::move(out));
  }
  doc_.where_clauses.push_back(std::move(clause));
}

void Reader::read_value_list(const XmlNode& node) {
  ValueList list{need(node, "OID"), child_text(node, "Description"), {}, node.line()};
  for (const XmlNode& ref : node.children("ItemRef")) list.items.push_back(item_ref(ref));
  doc_.value_lists.push_back(std::move(list));
}

void Reader::read_method(const XmlNode& node) {
  Method method{need(node, "OID"), node.attribute("Name"), node.attribute("Type"), "", {}, {}, node.line()};
  // def:ComputationMethod of version 1.0 holds the text itself.
  method.description = node.name() == "ComputationMethod" ? node.text() : child_text(node, "Description");
  for (const XmlNode& code : node.children("FormalExpression"))
    method.expressions.push_back({code.attribute("Context"), code.text()});
  method.documents = document_refs(node);
  doc_.methods.push_back(std::move(method));
}

void Reader::read_part(const XmlNode& node) {
  const std::string_view name = node.name();
  if (name == "ItemGroupDef") return read_dataset(node);
  if (name == "ItemDef") return read_item(node);
  if (name == "CodeList") return read_codelist(node);
  if (name == "ValueListDef") return read_value_list(node);
  if (name == "WhereClauseDef") return read_where_clause(node);
  if (name == "MethodDef" || name == "ComputationMethod") return read_method(node);
  if (name == "leaf") {
    doc_.leaves.push_back(read_leaf(node));
  } else if (name == "CommentDef") {
    doc_.comments.push_back(
        {need(node, "OID"), child_text(node, "Description"), document_refs(node), node.line()});
  } else if (name == "Standards") {
    for (const XmlNode& one : node.children("Standard")) {
      doc_.standards.push_back({need(one, "OID"), one.attribute("Name"), one.attribute("Type"),
                                one.attribute("PublishingSet"), one.attribute("Version"),
                                one.attribute("Status"), one.attribute("CommentOID")});
    }
  } else if (name == "AnnotatedCRF") {
    doc_.annotated_crf = document_refs(node);
  } else if (name == "SupplementalDoc") {
    doc_.supplemental_documents = document_refs(node);
  }
}

void Reader::read_head() {
  const XmlNode node = xml_.here();
  if (!doc_.oid.empty()) refuse("TM1361", "the file holds two MetaDataVersions", node.line());
  doc_.oid = need(node, "OID");
  doc_.name = node.attribute("Name");
  doc_.description = node.attribute("Description");
  doc_.comment_oid = node.attribute("CommentOID");
  doc_.define_version = node.attribute("DefineVersion");
  if (doc_.define_version.empty())
    refuse("TM1361", "MetaDataVersion has no def:DefineVersion: this is ODM, not Define-XML", node.line());
  if (const std::string standard = node.attribute("StandardName"); !standard.empty())
    doc_.standards.push_back({"", standard, "IG", "", node.attribute("StandardVersion"), "", ""});
}

void Reader::read_root() {
  const XmlNode root = xml_.here();
  if (root.name() != "ODM")
    refuse("TM1361", "the root element is " + std::string(root.name()) + ", not ODM", root.line());
  doc_.file_oid = root.attribute("FileOID");
  doc_.context = root.attribute("Context");
  doc_.creation_time = root.attribute("CreationDateTime");
  doc_.originator = root.attribute("Originator");
  doc_.source_system = root.attribute("SourceSystem");
  doc_.source_system_version = root.attribute("SourceSystemVersion");
}

Document Reader::read() {
  bool inside = false;
  while (xml_.next()) {
    const std::string_view name = xml_.name();
    const int depth = xml_.depth();
    if (depth == 0) {
      read_root();
    } else if (depth == 1 && name == "Study") {
      doc_.study_oid = xml_.here().attribute("OID");
    } else if (depth == 2) {
      inside = name == "MetaDataVersion";
      if (inside) {
        read_head();
      } else if (name == "GlobalVariables") {
        const XmlNode node = xml_.whole();
        doc_.study_name = child_text(node, "StudyName");
        doc_.study_description = child_text(node, "StudyDescription");
        doc_.protocol_name = child_text(node, "ProtocolName");
      }
    } else if (depth == 3 && inside) {
      read_part(xml_.whole());
    }
  }
  if (doc_.oid.empty()) refuse("TM1361", "the file holds no MetaDataVersion", 0);
  doc_.index();
  return std::move(doc_);
}

}  // namespace

Document read(const std::filesystem::path& file) {
  std::error_code problem;
  if (std::filesystem::file_size(file, problem) > file_bytes_max && !problem)
    throw base::Error("TM1360", "the file is larger than 256 MiB", {file.string()});
  XmlStream xml(file, file.string(), "TM1360");
  return Reader(xml, file.string()).read();
}

Document parse(std::string_view text, const std::string& name) {
  XmlStream xml(text, name, "TM1360");
  return Reader(xml, name).read();
}

}  // namespace trialmill::formats::define
