// XML that arrives in pieces, as events: for files too large or too packed to be read through xml_stream.hpp.
// No network, no entities but the five of XML itself, bounded depth.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace trialmill::formats {

/// Attributes of an element; valid during the event.
class XmlAttributes {
 public:
  XmlAttributes(const unsigned char** raw, int count) : raw_(raw), count_(count) {}
  int size() const { return count_; }
  std::string_view name(int index) const;    ///< local name
  std::string_view prefix(int index) const;  ///< as written; "" = none
  std::string_view value(int index) const;
  /// Value of the attribute of that local name, whatever its namespace; data() == nullptr = absent.
  std::string_view find(std::string_view name) const;

 private:
  const unsigned char** raw_;
  int count_;
};

class XmlEvents {
 public:
  virtual ~XmlEvents() = default;
  /// Local names; `space` is the namespace's URI, "" = none.
  virtual void start(std::string_view name, std::string_view space, const XmlAttributes& attributes) = 0;
  virtual void end(std::string_view name) = 0;
  /// A text may come in several pieces.
  virtual void text(std::string_view piece) = 0;
};

class XmlPush {
 public:
  /// `name` is the file in messages, `code` that of the Error for XML that is not well-formed. With
  /// `doctype`, a document type declaration is passed over (its entities stay unknown); else it is refused.
  XmlPush(XmlEvents& events, std::string name, std::string code, bool doctype = false);
  ~XmlPush();
  XmlPush(const XmlPush&) = delete;
  XmlPush& operator=(const XmlPush&) = delete;

  /// What an event handler throws comes out here.
  void feed(std::string_view piece);
  /// Error if the document is not complete.
  void finish();
  int line() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::formats
