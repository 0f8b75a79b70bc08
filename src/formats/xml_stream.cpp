#include "formats/xml_stream.hpp"

#include <fcntl.h>
#include <libxml/xmlreader.h>
#include <unistd.h>

#include <climits>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"

namespace trialmill::formats {

namespace {

constexpr int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// Standards live below cdisc.org or, for terminology, below NCI's EVS/CDISC; xlink and xml are W3C's.
bool is_vendors(const xmlNs* space) {
  if (space == nullptr) return false;
  const std::string uri = base::to_lower(view(space->href));
  return uri.find("cdisc") == std::string::npos && uri.find("www.w3.org") == std::string::npos;
}

std::string owned(xmlChar* text) {
  const std::unique_ptr<xmlChar, decltype(xmlFree)> holder(text, xmlFree);
  return std::string(base::trim(view(text)));
}

}  // namespace

std::string_view XmlNode::name() const {
  return view(node_->name);
}

std::string XmlNode::attribute(std::string_view name) const {
  for (const xmlAttr* one = node_->properties; one != nullptr; one = one->next) {
    if (view(one->name) == name && !is_vendors(one->ns))
      return owned(xmlNodeListGetString(node_->doc, one->children, 1));
  }
  return {};
}

std::string XmlNode::text() const {
  return owned(xmlNodeGetContent(node_));
}

std::vector<XmlNode> XmlNode::children() const {
  std::vector<XmlNode> out;
  for (xmlNode* child = node_->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE && !is_vendors(child->ns)) out.emplace_back(child);
  }
  return out;
}

std::vector<XmlNode> XmlNode::children(std::string_view name) const {
  std::vector<XmlNode> out = children();
  std::erase_if(out, [&](const XmlNode& child) { return child.name() != name; });
  return out;
}

int XmlNode::line() const {
  return static_cast<int>(xmlGetLineNo(node_));
}

void XmlStream::Free::operator()(_xmlTextReader* reader) const {
  xmlFreeTextReader(reader);
}

XmlStream::Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

XmlStream::XmlStream(const std::filesystem::path& file, std::string name, std::string code)
    : name_(std::move(name)), code_(std::move(code)), file_(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
  std::error_code problem;
  if (file_.number() >= 0 && std::filesystem::is_regular_file(file, problem))
    reader_.reset(xmlReaderForFd(file_.number(), name_.c_str(), nullptr, options));
  if (!reader_) throw base::Error("TM1001", "cannot read the file", {name_});
}

XmlStream::XmlStream(std::string_view text, std::string name, std::string code)
    : name_(std::move(name)), code_(std::move(code)) {
  if (text.empty() || text.size() > INT_MAX) refuse("the file is empty or too large", "", 0);
  reader_.reset(
      xmlReaderForMemory(text.data(), static_cast<int>(text.size()), name_.c_str(), nullptr, options));
  if (!reader_) refuse("the file cannot be read as XML", "", 0);
}

void XmlStream::refuse(const std::string& what, const std::string& hint, int line) const {
  throw base::Error(code_, what, {name_, line}, hint);
}

void XmlStream::refuse_malformed() const {
  refuse("the file is not well-formed XML", "was it cut off in transfer?",
         xmlTextReaderGetParserLineNumber(reader_.get()));
}

bool XmlStream::next() {
  while (true) {
    const int status = skip_ ? xmlTextReaderNext(reader_.get()) : xmlTextReaderRead(reader_.get());
    skip_ = false;
    if (status < 0) refuse_malformed();
    if (status == 0) return false;
    const int type = xmlTextReaderNodeType(reader_.get());
    if (type == XML_READER_TYPE_DOCUMENT_TYPE) {
      refuse("the file declares a document type, which such files do not need and which could hide entities",
             "remove the <!DOCTYPE …> declaration", 0);
    }
    if (type != XML_READER_TYPE_ELEMENT) continue;
    if (!is_vendors(xmlTextReaderCurrentNode(reader_.get())->ns)) return true;
    skip_ = true;
  }
}

std::string_view XmlStream::name() const {
  return view(xmlTextReaderConstLocalName(reader_.get()));
}

int XmlStream::depth() const {
  return xmlTextReaderDepth(reader_.get());
}

int XmlStream::line() const {
  return here().line();
}

XmlNode XmlStream::here() const {
  return XmlNode(xmlTextReaderCurrentNode(reader_.get()));
}

XmlNode XmlStream::whole() {
  base::check_stop();
  xmlNode* node = xmlTextReaderExpand(reader_.get());
  if (node == nullptr) refuse_malformed();
  skip_ = true;
  return XmlNode(node);
}

}  // namespace trialmill::formats
