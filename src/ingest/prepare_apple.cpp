// Apple Health export.xml: a flat stream of Record elements, read with constant memory.
#include <libxml/xmlreader.h>

#include <memory>
#include <optional>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "ingest/prepare.hpp"

namespace trialmill::ingest {

namespace {

const std::vector<std::string> attributes{"type",         "sourceName", "sourceVersion", "device", "unit",
                                          "creationDate", "startDate",  "endDate",       "value"};

std::string_view text_of(const xmlChar* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

/// The attributes of the element at the reader, in the order above; the reader is left at the element.
void read_attributes(xmlTextReader* reader, std::vector<std::string>& fields) {
  for (auto& field : fields) field.clear();
  while (xmlTextReaderMoveToNextAttribute(reader) == 1) {
    const std::string_view name = text_of(xmlTextReaderConstLocalName(reader));
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (name == attributes[i]) fields[i] = text_of(xmlTextReaderConstValue(reader));
    }
  }
  xmlTextReaderMoveToElement(reader);
}

}  // namespace

Prepared prepare_apple_health(const study::Source& source, const Delivered& file, int part,
                              CleanCopies& copies) {
  struct Free {
    void operator()(xmlTextReaderPtr reader) const { xmlFreeTextReader(reader); }
  };
  Prepared out;
  out.sha256 = base::sha256_of_file(file.path);
  out.bytes = static_cast<std::int64_t>(std::filesystem::file_size(file.path));
  if (out.bytes == 0) return out;
  out.columns = attributes;
  copies.select(source.name, part, ',', attributes);
  // No network, no external entities: a hostile export must not read other files.
  const std::unique_ptr<xmlTextReader, Free> reader(xmlReaderForFile(
      file.path.c_str(), nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (!reader) throw base::Error("TM1001", "cannot read the file", {file.name});
  std::vector<std::string> fields(attributes.size());
  int status = 0;
  while ((status = xmlTextReaderRead(reader.get())) == 1) {
    if (xmlTextReaderNodeType(reader.get()) != XML_READER_TYPE_ELEMENT ||
        xmlTextReaderDepth(reader.get()) != 1 ||
        text_of(xmlTextReaderConstLocalName(reader.get())) != "Record") {
      continue;
    }
    if (++out.records % 65536 == 0) base::check_stop();
    read_attributes(reader.get(), fields);
    copies.add_fields(out.records, fields);
  }
  if (status != 0) {
    const int line = xmlTextReaderGetParserLineNumber(reader.get());
    out.bad.push_back({++out.records, line, "the export is not well-formed XML from here on", ""});
  }
  return out;
}

}  // namespace trialmill::ingest
