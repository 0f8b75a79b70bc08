#include "formats/xml_push.hpp"

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include <algorithm>
#include <climits>
#include <exception>
#include <new>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::formats {
namespace {

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

}  // namespace

// Five pointers each: local name, prefix, namespace, value's start and end.
std::string_view XmlAttributes::name(int index) const {
  return view(raw_[index * 5]);
}
std::string_view XmlAttributes::prefix(int index) const {
  return view(raw_[index * 5 + 1]);
}
std::string_view XmlAttributes::value(int index) const {
  const xmlChar *start = raw_[index * 5 + 3], *end = raw_[index * 5 + 4];
  return {reinterpret_cast<const char*>(start), static_cast<std::size_t>(end - start)};
}
std::string_view XmlAttributes::find(std::string_view wanted) const {
  for (int i = 0; i < count_; ++i) {
    if (name(i) == wanted) return value(i);
  }
  return {};
}

struct XmlPush::State {
  XmlEvents& events;
  std::string name, code;
  bool doctype = false;
  xmlSAXHandler handler{};
  xmlParserCtxtPtr context = nullptr;
  std::exception_ptr thrown;
  std::string problem;
  int problem_line = 0;
  bool any = false;

  State(XmlEvents& all, std::string file, std::string error, bool tolerant)
      : events(all), name(std::move(file)), code(std::move(error)), doctype(tolerant) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (context != nullptr) {
      if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
      xmlFreeParserCtxt(context);
    }
  }

  /// Exceptions must not cross the parser, which is C.
  template <class Work>
  void guarded(Work work) {
    if (thrown) return;
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
      xmlStopParser(context);
    }
  }

  static State& of(void* self) { return *static_cast<State*>(self); }

  static void on_start(void* self, const xmlChar* local, const xmlChar*, const xmlChar* space, int,
                       const xmlChar**, int count, int, const xmlChar** attributes) {
    State& state = of(self);
    state.guarded([&] { state.events.start(view(local), view(space), XmlAttributes(attributes, count)); });
  }
  static void on_end(void* self, const xmlChar* local, const xmlChar*, const xmlChar*) {
    State& state = of(self);
    state.guarded([&] { state.events.end(view(local)); });
  }
  static void on_text(void* self, const xmlChar* text, int size) {
    State& state = of(self);
    state.guarded(
        [&] { state.events.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)}); });
  }
  static void on_doctype(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
    State& state = of(self);
    if (state.doctype) return;
    state.guarded([&] {
      throw base::Error(state.code, "the file declares a document type, which could hide entities",
                        {state.name, xmlSAX2GetLineNumber(state.context)},
                        "remove the <!DOCTYPE …> declaration");
    });
  }
  static void on_error(void* self, xmlErrorPtr error) {
    State& state = of(self);
    if (error->level < XML_ERR_ERROR || !state.problem.empty() || error->domain == XML_FROM_NAMESPACE) return;
    state.problem = std::string(base::trim(error->message == nullptr ? "" : error->message));
    state.problem_line = error->line;
  }

  void parse(std::string_view piece, bool last) {
    const int status = xmlParseChunk(context, piece.data(), static_cast<int>(piece.size()), last ? 1 : 0);
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
    if ((status != 0 && status != XML_NS_ERR_UNDEFINED_NAMESPACE) || !problem.empty()) {
      if (problem.empty() && context->wellFormed == 1) return;
      throw base::Error(code,
                        "the file is not well-formed XML: " + (problem.empty() ? "it ends early" : problem),
                        {name, problem_line > 0 ? problem_line : xmlSAX2GetLineNumber(context)},
                        "was it cut off in transfer?");
    }
  }
};

XmlPush::XmlPush(XmlEvents& events, std::string name, std::string code, bool doctype)
    : state_(std::make_unique<State>(events, std::move(name), std::move(code), doctype)) {
  xmlSAXHandler& handler = state_->handler;
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = State::on_start;
  handler.endElementNs = State::on_end;
  handler.characters = State::on_text;
  handler.cdataBlock = State::on_text;
  handler.internalSubset = State::on_doctype;
  handler.serror = State::on_error;
  state_->context = xmlCreatePushParserCtxt(&handler, state_.get(), nullptr, 0, nullptr);
  if (state_->context == nullptr) throw std::bad_alloc();
  // Entities are replaced so that &amp; in attributes arrives as such; no other can be declared.
  xmlCtxtUseOptions(state_->context, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_BIG_LINES);
}

XmlPush::~XmlPush() = default;

void XmlPush::feed(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t size = std::min<std::size_t>(piece.size(), INT_MAX);
    state_->any = true;
    state_->parse(piece.substr(0, size), false);
    piece.remove_prefix(size);
  }
}

void XmlPush::finish() {
  if (!state_->any) throw base::Error(state_->code, "the file is empty", {state_->name});
  state_->parse({}, true);
}

int XmlPush::line() const {
  return xmlSAX2GetLineNumber(state_->context);
}

}  // namespace trialmill::formats
