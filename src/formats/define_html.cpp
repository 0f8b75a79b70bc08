#include "formats/define_html.hpp"

#include <libxml/parser.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>

#include <cstdarg>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "formats/define_stylesheet.hpp"
#include "formats/define_xml.hpp"

namespace trialmill::formats::define {

namespace {

/// The page is made in memory, with a tree of the whole file: several times its size.
constexpr std::size_t bytes_max = std::size_t{64} << 20;
constexpr int template_depth_max = 1000;
constexpr unsigned long operations_max = 200'000'000;  ///< some 100 for each reference of an honest file
/// Of the page, estimated: one text can be shown as often as it is referred to.
constexpr std::size_t page_bytes_max = std::size_t{256} << 20;
constexpr std::size_t duplicates_max = 1000;

using XmlDoc = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;
using Stylesheet = std::unique_ptr<xsltStylesheet, decltype(&xsltFreeStylesheet)>;

constexpr int parse_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

XmlDoc parse_document(std::string_view text, const std::string& name) {
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(xmlNewParserCtxt(),
                                                                            xmlFreeParserCtxt);
  XmlDoc doc(xmlCtxtReadMemory(parser.get(), text.data(), static_cast<int>(text.size()), name.c_str(),
                               nullptr, parse_options),
             xmlFreeDoc);
  if (!doc) {
    const xmlErrorPtr problem = xmlCtxtGetLastError(parser.get());
    std::string message = problem == nullptr || problem->message == nullptr ? "not XML" : problem->message;
    while (!message.empty() && message.back() == '\n') message.pop_back();
    throw base::Error("TM1360", "not well-formed: " + message,
                      {name, problem == nullptr ? 0 : problem->line});
  }
  if (doc->intSubset != nullptr)
    throw base::Error("TM1360", "the file declares a document type", {name}, "remove the DOCTYPE");
  return doc;
}

/// Bytes that the page will have at least, about: what is referred to is shown at each reference.
class PageSize {
 public:
  explicit PageSize(const Document& doc) : doc_(doc) {}

  std::size_t bytes() {
    std::size_t total = 0;
    for (const ItemGroupDef& group : doc_.datasets) {
      total += comment(group.comment_oid);
      for (const ItemRef& ref : group.items) {
        const ItemDef* item = doc_.item(ref.item_oid);
        total += reference(ref, item);
        const ValueList* list = item == nullptr ? nullptr : doc_.value_list(item->value_list_oid);
        if (list == nullptr) continue;
        std::size_t& known = lists_[list];
        if (known == 0) {
          for (const ItemRef& value : list->items) known += reference(value, doc_.item(value.item_oid));
        }
        total += known;
      }
    }
    return total;
  }

 private:
  static constexpr std::size_t markup = 200;

  std::size_t comment(const std::string& oid) const {
    const Comment* found = doc_.comment(oid);
    return found == nullptr ? 0 : found->text.size();
  }

  std::size_t reference(const ItemRef& ref, const ItemDef* item) const {
    std::size_t total = markup;
    if (item != nullptr) {
      total += item->label.size() + comment(item->comment_oid);
      for (const Origin& origin : item->origins) total += origin.description.size() + markup;
    }
    if (const Method* method = doc_.method(ref.method_oid)) total += method->description.size();
    for (const std::string& oid : ref.where_clause_oids) {
      const WhereClause* clause = doc_.where_clause(oid);
      if (clause == nullptr) continue;
      total += comment(clause->comment_oid);
      for (const RangeCheck& check : clause->checks) {
        total += markup;
        for (const std::string& value : check.values) total += value.size() + 20;
      }
    }
    return total;
  }

  const Document& doc_;
  std::unordered_map<const ValueList*, std::size_t> lists_;
};

/// Refuses files made to give a page without end.
void check_size(const Document& doc, const std::string& name) {
  std::size_t duplicates = 0;
  for (const Problem& one : doc.problems)
    duplicates += one.message.find(" defined twice") != std::string::npos;
  std::unordered_set<std::string_view> leaves;
  for (const Leaf& leaf : doc.leaves) duplicates += !leaves.insert(leaf.id).second;
  if (duplicates > duplicates_max) throw base::Error("TM1364", "over 1,000 definitions come twice", {name});
  if (PageSize(doc).bytes() > page_bytes_max)
    throw base::Error("TM1364", "the page would be larger than 256 MiB", {name});
}

void collect(void* into, const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  *static_cast<std::string*>(into) += line;
}

/// Nothing in a file may make the processor read, write or fetch anything.
xsltSecurityPrefsPtr closed_doors() {
  xsltSecurityPrefsPtr out = xsltNewSecurityPrefs();
  for (const xsltSecurityOption option :
       {XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
        XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK})
    xsltSetSecurityPrefs(out, option, xsltSecurityForbid);
  return out;
}

}  // namespace

std::string_view stylesheet() {
  for (const auto& [path, content] : define_html_files()) {
    if (path == "define.xsl") return content;
  }
  throw std::logic_error("define.xsl is not compiled in");
}

std::string to_html(std::string_view xml, const std::string& name) {
  if (xml.size() > bytes_max) throw base::Error("TM1364", "the file is larger than 64 MiB", {name});
  const XmlDoc doc = parse_document(xml, name);
  const xmlNodePtr root = xmlDocGetRootElement(doc.get());
  const xmlChar* odm = reinterpret_cast<const xmlChar*>("http://www.cdisc.org/ns/odm/v1.3");
  if (root == nullptr || xmlStrcmp(root->name, reinterpret_cast<const xmlChar*>("ODM")) != 0 ||
      root->ns == nullptr || xmlStrcmp(root->ns->href, odm) != 0) {
    throw base::Error("TM1361", "the root element is not ODM 1.3", {name},
                      "Define-XML 2.0 and 2.1 can be shown; see docs/define-xml.md");
  }
  check_size(parse(xml, name), name);
  const std::string_view text = stylesheet();
  const Stylesheet style(xsltParseStylesheetDoc(xmlReadMemory(text.data(), static_cast<int>(text.size()),
                                                              "define.xsl", nullptr, parse_options)),
                         xsltFreeStylesheet);  // owns its document
  if (!style) throw base::Error("TM1364", "the stylesheet cannot be read", {"define.xsl"});
  const std::unique_ptr<xsltTransformContext, decltype(&xsltFreeTransformContext)> context(
      xsltNewTransformContext(style.get(), doc.get()), xsltFreeTransformContext);
  const std::unique_ptr<xsltSecurityPrefs, decltype(&xsltFreeSecurityPrefs)> doors(closed_doors(),
                                                                                   xsltFreeSecurityPrefs);
  xsltSetCtxtSecurityPrefs(doors.get(), context.get());
  context->maxTemplateDepth = template_depth_max;
  context->opLimit = operations_max;
  std::string problems;
  xsltSetTransformErrorFunc(context.get(), &problems, collect);
  const XmlDoc page(xsltApplyStylesheetUser(style.get(), doc.get(), nullptr, nullptr, nullptr, context.get()),
                    xmlFreeDoc);
  if (!page || context->state != XSLT_STATE_OK)
    throw base::Error("TM1364", "the stylesheet failed: " + problems.substr(0, 200), {name});
  xmlChar* bytes = nullptr;
  int size = 0;
  if (xsltSaveResultToString(&bytes, &size, page.get(), style.get()) != 0 || bytes == nullptr)
    throw base::Error("TM1364", "the page cannot be written", {name});
  const std::unique_ptr<xmlChar, decltype(xmlFree)> holder(bytes, xmlFree);
  return std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

}  // namespace trialmill::formats::define
