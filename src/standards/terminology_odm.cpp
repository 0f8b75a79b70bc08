// NCI EVS' ODM XML of controlled terminology: CodeList elements with nciodm: attributes and children. A
// codelist's own submission value stands after its terms. Read as a stream: only one codelist is in memory.
#include <libxml/xmlreader.h>

#include <memory>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "standards/terminology_forms.hpp"

namespace trialmill::standards {

namespace {

struct FreeReader {
  void operator()(xmlTextReaderPtr reader) const { xmlFreeTextReader(reader); }
};
using Reader = std::unique_ptr<xmlTextReader, FreeReader>;

std::string text_of(const xmlChar* text) {
  return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

std::string_view local_name(const xmlNode* node) {
  return node->name == nullptr ? std::string_view() : reinterpret_cast<const char*>(node->name);
}

/// By local name: the prefix differs among files, and none of the names we need exists twice.
std::string attribute(const xmlNode* node, std::string_view name) {
  for (const xmlAttr* one = node->properties; one != nullptr; one = one->next) {
    if (name != reinterpret_cast<const char*>(one->name)) continue;
    const std::unique_ptr<xmlChar, decltype(xmlFree)> value(xmlNodeListGetString(node->doc, one->children, 1),
                                                            xmlFree);
    return text_of(value.get());
  }
  return {};
}

std::string content(xmlNode* node) {
  const std::unique_ptr<xmlChar, decltype(xmlFree)> value(xmlNodeGetContent(node), xmlFree);
  return text_of(value.get());
}

/// Decode/TranslatedText, where a CodeListItem stands instead of an EnumeratedItem.
std::string first_text(xmlNode* node) {
  for (xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE && local_name(child) == "TranslatedText") return content(child);
  }
  return {};
}

TermRow read_item(xmlNode* item, const std::string& codelist) {
  TermRow term{codelist, attribute(item, "ExtCodeID"), attribute(item, "CodedValue"),
               attribute(item, "PreferredTerm"), split_published_synonyms(attribute(item, "CDISCSynonym"))};
  for (xmlNode* child = item->children; child != nullptr; child = child->next) {
    if (child->type != XML_ELEMENT_NODE) continue;
    const std::string_view name = local_name(child);
    if (name == "CDISCSynonym")
      term.synonyms.push_back(content(child));
    else if (name == "PreferredTerm" || (name == "Decode" && term.preferred_term.empty()))
      term.preferred_term = name == "Decode" ? first_text(child) : content(child);
  }
  return term;
}

/// CL.C66742.NY → C66742 and NY, where attributes leave them out.
std::string oid_part(const std::string& oid, std::size_t part) {
  const auto parts = base::split(oid, '.');
  return parts.size() == 3 && parts[0] == "CL" ? parts[part] : std::string();
}

void read_codelist(xmlNode* node, PackageWriter& writer) {
  const std::string oid = attribute(node, "OID");
  CodelistRow codelist;
  codelist.code = attribute(node, "ExtCodeID");
  if (codelist.code.empty()) codelist.code = oid_part(oid, 1);
  codelist.name = attribute(node, "Name");
  codelist.extensible = means_yes(attribute(node, "CodeListExtensible"));
  codelist.submission_value = attribute(node, "CDISCSubmissionValue");
  for (xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (child->type != XML_ELEMENT_NODE) continue;
    const std::string_view name = local_name(child);
    if (name == "EnumeratedItem" || name == "CodeListItem")
      writer.add_term(read_item(child, codelist.code), static_cast<int>(xmlGetLineNo(child)));
    else if (name == "CDISCSubmissionValue")
      codelist.submission_value = content(child);
    else if (name == "CDISCSynonym")
      codelist.synonyms.push_back(content(child));
    else if (name == "PreferredTerm")
      codelist.preferred_term = content(child);
  }
  if (codelist.submission_value.empty()) codelist.submission_value = oid_part(oid, 2);
  writer.add_codelist(codelist, static_cast<int>(xmlGetLineNo(node)));
}

}  // namespace

StatedPackage read_nci_odm(const std::filesystem::path& file, PackageWriter& writer) {
  // No network, no entities: a hostile file must neither read others nor grow.
  const Reader reader(
      xmlReaderForFile(file.c_str(), nullptr,
                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES));
  if (!reader) throw base::Error("TM1001", "cannot read the file", {writer.file()});
  StatedPackage stated;
  std::size_t codelists = 0;
  int status = xmlTextReaderRead(reader.get());
  while (status == 1) {
    const int type = xmlTextReaderNodeType(reader.get());
    if (type == XML_READER_TYPE_DOCUMENT_TYPE) {
      throw base::Error("TM1431", "a document type declaration, which terminology files do not have",
                        {writer.file(), xmlTextReaderGetParserLineNumber(reader.get())},
                        "get the file again from NCI EVS");
    }
    if (type == XML_READER_TYPE_ELEMENT) {
      const std::string_view name(reinterpret_cast<const char*>(xmlTextReaderConstLocalName(reader.get())));
      if (name == "Study") {
        const std::string oid = attribute(xmlTextReaderCurrentNode(reader.get()), "OID");
        if (stated.date.empty()) stated = package_from_text(oid);
      } else if (name == "CodeList") {
        if (++codelists % 100 == 0) base::check_stop();
        xmlNode* node = xmlTextReaderExpand(reader.get());
        if (node == nullptr) break;
        read_codelist(node, writer);
        status = xmlTextReaderNext(reader.get());
        continue;
      }
    }
    status = xmlTextReaderRead(reader.get());
  }
  if (status != 0) {
    throw base::Error("TM1431", "the file is not well-formed XML",
                      {writer.file(), xmlTextReaderGetParserLineNumber(reader.get())},
                      "was it cut off in transfer?");
  }
  return stated;
}

}  // namespace trialmill::standards
