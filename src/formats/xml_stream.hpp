// Reads XML that others made, element by element: no network, no entities, bounded memory. Names are local
// names; elements and attributes in namespaces that are neither CDISC's nor W3C's are vendors' extensions and
// are not seen. Example:
//
//   XmlStream xml(file, "define.xml", "TM1360");
//   while (xml.next()) {
//     if (xml.name() == "ItemDef") read_item(xml.whole());   // the element with all below it
//   }
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct _xmlNode;
struct _xmlTextReader;

namespace trialmill::formats {

/// An element; valid until the stream moves on.
class XmlNode {
 public:
  explicit XmlNode(_xmlNode* node) : node_(node) {}
  std::string_view name() const;
  /// Value of an attribute, blanks around it removed; "" if it is absent.
  std::string attribute(std::string_view name) const;
  /// All text below the element, blanks around it removed.
  std::string text() const;
  /// Elements directly below.
  std::vector<XmlNode> children() const;
  /// Elements of that name directly below.
  std::vector<XmlNode> children(std::string_view name) const;
  int line() const;

 private:
  _xmlNode* node_;
};

class XmlStream {
 public:
  /// `name` is the file in messages; `code` that of the Error for XML that is not well-formed, is cut off or
  /// declares a document type (the door to entities). Error TM1001 if the file cannot be read.
  XmlStream(const std::filesystem::path& file, std::string name, std::string code);
  /// The same from memory; `text` must outlive the stream.
  XmlStream(std::string_view text, std::string name, std::string code);

  /// Moves to the next element's start; what whole() returned is skipped. False at the end.
  bool next();
  std::string_view name() const;
  int depth() const;  ///< 0 for the root
  int line() const;
  /// The element without what is below it: for its attributes.
  XmlNode here() const;
  /// The element with everything below it.
  XmlNode whole();

 private:
  struct Free {
    void operator()(_xmlTextReader* reader) const;
  };
  [[noreturn]] void refuse(const std::string& what, const std::string& hint, int line) const;
  [[noreturn]] void refuse_malformed() const;
  /// The open file. By descriptor, because by name libxml2 would unpack compressed files without bound.
  class Descriptor {
   public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

   private:
    int number_;
  };

  std::string name_, code_;
  Descriptor file_;
  std::unique_ptr<_xmlTextReader, Free> reader_;
  bool skip_ = false;
};

}  // namespace trialmill::formats
