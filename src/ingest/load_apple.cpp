// Apple Health export.xml: a flat stream of Record elements, read with constant memory.
#include <libxml/xmlreader.h>

#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "ingest/load.hpp"

namespace trialmill::ingest {

namespace {

constexpr const char* attributes[] = {"type",         "sourceName", "sourceVersion", "device", "unit",
                                      "creationDate", "startDate",  "endDate",       "value"};

const xmlChar* xml(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

std::string csv_field(const xmlChar* text) {
  if (!text) return "";
  return "\"" + base::replace_all(reinterpret_cast<const char*>(text), "\"", "\"\"") + "\"";
}

std::int64_t read_records(const Delivered& file, std::size_t part, base::AtomicFile& out) {
  struct Free {
    void operator()(xmlTextReaderPtr reader) const { xmlFreeTextReader(reader); }
  };
  // No network, no external entities: a hostile export must not read other files.
  const std::unique_ptr<xmlTextReader, Free> reader(xmlReaderForFile(
      file.path.c_str(), nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (!reader) throw base::Error("TM1001", "cannot read the file", {file.name});
  std::int64_t records = 0;
  int status = 0;
  while ((status = xmlTextReaderRead(reader.get())) == 1) {
    if (xmlTextReaderNodeType(reader.get()) != XML_READER_TYPE_ELEMENT ||
        xmlTextReaderDepth(reader.get()) != 1 ||
        xmlStrcmp(xmlTextReaderConstLocalName(reader.get()), xml("Record")) != 0) {
      continue;
    }
    if (++records % 65536 == 0) base::check_stop();
    std::string line = std::to_string(part) + "," + std::to_string(records);
    for (const char* name : attributes) {
      const std::unique_ptr<xmlChar, decltype(xmlFree)> value(
          xmlTextReaderGetAttribute(reader.get(), xml(name)), xmlFree);
      line += "," + csv_field(value.get());
    }
    out.write(line + "\n");
  }
  if (status != 0) {
    throw base::Error("TM2007", "the export is not well-formed XML",
                      {file.name, xmlTextReaderGetParserLineNumber(reader.get())},
                      "was it cut off in transfer?");
  }
  return records;
}

}  // namespace

Loaded load_apple_health(study::Context& context, const study::Source&, const std::vector<Delivered>& files,
                         const std::string& relation, const std::filesystem::path& scratch) {
  Loaded loaded;
  const auto path = scratch / "apple.csv";
  base::AtomicFile out(path);
  std::string names;
  for (std::size_t part = 0; part < files.size(); ++part) {
    loaded.hashes.push_back(base::sha256_of_file(files[part].path));
    loaded.received += read_records(files[part], part, out);
    names += (part ? ", " : "") + std::string("(") + std::to_string(part) + ", " +
             base::sql_literal(files[part].name) + ")";
  }
  out.commit();
  std::string columns = "'_part': 'INTEGER', '_row': 'BIGINT'";
  for (const char* name : attributes) columns += ", '" + std::string(name) + "': 'VARCHAR'";
  context.session.execute("CREATE TEMP TABLE " + relation +
                          " AS SELECT r._part, n._file, r.* EXCLUDE (_part) FROM "
                          "read_csv(" +
                          base::sql_literal(path.string()) +
                          ", auto_detect=false, header=false, delim=',', "
                          "quote='\"', escape='\"', nullstr='', columns={" +
                          columns + "}) r JOIN (VALUES " + names + ") n(_part, _file) ON n._part = r._part");
  return loaded;
}

}  // namespace trialmill::ingest
