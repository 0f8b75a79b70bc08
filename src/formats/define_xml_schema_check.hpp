// For tests only: CDISC's XML schemas of Define-XML, which lie outside the repository.
#pragma once

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <filesystem>
#include <memory>
#include <string>

namespace trialmill::formats::define {

/// The schema for a version, below `shared` (data/formats/schemas); check that it exists.
inline std::filesystem::path schema_of(const std::filesystem::path& shared, const std::string& version) {
  return shared / "data/formats/schemas" /
         (version.starts_with("2.1") ? "define-2.1_with_arm/cdisc-definexml-2.1.0/define2-1-0.xsd"
                                     : "define-2.0/cdisc-definexml-2.0.0/define2-0-0.xsd");
}

inline void collect_schema_problem(void* into, xmlErrorPtr error) {
  if (error->level <= XML_ERR_WARNING) return;  // imports of one namespace by two paths
  *static_cast<std::string*>(into) += "line " + std::to_string(error->line) + ": " + error->message;
}

/// What the schema says against a document; "" if nothing.
inline std::string schema_problems(const std::string& text, const std::filesystem::path& schema) {
  std::string problems;
  const auto collect = reinterpret_cast<xmlStructuredErrorFunc>(collect_schema_problem);
  const std::unique_ptr<xmlSchemaParserCtxt, decltype(&xmlSchemaFreeParserCtxt)> parser(
      xmlSchemaNewParserCtxt(schema.c_str()), xmlSchemaFreeParserCtxt);
  xmlSchemaSetParserStructuredErrors(parser.get(), collect, &problems);
  const std::unique_ptr<xmlSchema, decltype(&xmlSchemaFree)> parsed(xmlSchemaParse(parser.get()),
                                                                    xmlSchemaFree);
  if (!parsed) return "schema: " + problems;
  const std::unique_ptr<xmlSchemaValidCtxt, decltype(&xmlSchemaFreeValidCtxt)> valid(
      xmlSchemaNewValidCtxt(parsed.get()), xmlSchemaFreeValidCtxt);
  xmlSchemaSetValidStructuredErrors(valid.get(), collect, &problems);
  const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> doc(
      xmlReadMemory(text.data(), static_cast<int>(text.size()), "define.xml", nullptr, XML_PARSE_NONET),
      xmlFreeDoc);
  if (!doc) return "not well-formed";
  if (xmlSchemaValidateDoc(valid.get(), doc.get()) != 0 && problems.empty()) problems = "invalid";
  return problems;
}

}  // namespace trialmill::formats::define
