// NCI EVS' ODM XML of controlled terminology: CodeList elements with nciodm: attributes and children. A
// codelist's own submission value stands after its terms. Read as a stream: only one codelist is in memory.
#include "base/text.hpp"
#include "formats/xml_stream.hpp"
#include "standards/terminology_forms.hpp"

namespace trialmill::standards {

namespace {

using formats::XmlNode;

TermRow read_item(const XmlNode& item, const std::string& codelist) {
  TermRow term{codelist, item.attribute("ExtCodeID"), item.attribute("CodedValue"),
               item.attribute("PreferredTerm"), split_published_synonyms(item.attribute("CDISCSynonym"))};
  for (const XmlNode& child : item.children()) {
    if (child.name() == "CDISCSynonym")
      term.synonyms.push_back(child.text());
    else if (child.name() == "PreferredTerm" || (child.name() == "Decode" && term.preferred_term.empty()))
      term.preferred_term = child.text();
  }
  return term;
}

/// CL.C66742.NY → C66742 and NY, where attributes leave them out.
std::string oid_part(const std::string& oid, std::size_t part) {
  const auto parts = base::split(oid, '.');
  return parts.size() == 3 && parts[0] == "CL" ? parts[part] : std::string();
}

void read_codelist(const XmlNode& node, PackageWriter& writer) {
  const std::string oid = node.attribute("OID");
  CodelistRow codelist;
  codelist.code = node.attribute("ExtCodeID");
  if (codelist.code.empty()) codelist.code = oid_part(oid, 1);
  codelist.name = node.attribute("Name");
  codelist.extensible = means_yes(node.attribute("CodeListExtensible"));
  codelist.submission_value = node.attribute("CDISCSubmissionValue");
  for (const XmlNode& child : node.children()) {
    if (child.name() == "EnumeratedItem" || child.name() == "CodeListItem")
      writer.add_term(read_item(child, codelist.code), child.line());
    else if (child.name() == "CDISCSubmissionValue")
      codelist.submission_value = child.text();
    else if (child.name() == "CDISCSynonym")
      codelist.synonyms.push_back(child.text());
    else if (child.name() == "PreferredTerm")
      codelist.preferred_term = child.text();
  }
  if (codelist.submission_value.empty()) codelist.submission_value = oid_part(oid, 2);
  writer.add_codelist(codelist, node.line());
}

}  // namespace

StatedPackage read_nci_odm(const std::filesystem::path& file, PackageWriter& writer) {
  formats::XmlStream xml(file, writer.file(), "TM1431");
  StatedPackage stated;
  while (xml.next()) {
    if (xml.name() == "Study")
      stated = package_from_text(xml.here().attribute("OID"));
    else if (xml.name() == "CodeList")
      read_codelist(xml.whole(), writer);
  }
  return stated;
}

}  // namespace trialmill::standards
