// Writes define::Document as Define-XML 2.1 or 2.0: elements in the order of the standard, the same bytes for
// the same document. What read() takes from a file, write() puts back.
#pragma once

#include <string>

#include "formats/define_xml.hpp"

namespace trialmill::formats::define {

struct WriteOptions {
  /// File name of the stylesheet that the xml-stylesheet instruction names; "" = none.
  std::string stylesheet = "define.xsl";
};

/// The document as UTF-8 text, in the version that define_version begins with (2.1 or 2.0). Version 2.0 has
/// no place for def:Standards (the first one of type IG becomes def:StandardName), subclasses, sources of
/// origins, IsNonStandard, HasNoData and descriptions of value lists: they are left out. Characters that XML
/// cannot hold become U+FFFD. Codelists with at least one decode are written as CodeListItem, a missing
/// decode then is the value itself. Error TM1363: another version; a dataset, item, list, method or comment
/// without OID.
std::string write(const Document& document, const WriteOptions& options = {});

}  // namespace trialmill::formats::define
