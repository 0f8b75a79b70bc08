// Shows a define.xml as an HTML page: our stylesheet (src/formats/define_html/define.xsl, XSLT 1.0, compiled
// into the program) run by libxslt. Browsers run the same stylesheet where they still do XSLT.
#pragma once

#include <string>
#include <string_view>

namespace trialmill::formats::define {

/// The stylesheet's text. It knows Define-XML 2.0 and 2.1.
std::string_view stylesheet();

/// One self-contained page, UTF-8, without scripts and without anything from elsewhere. `name` is the file in
/// messages. Links that a define.xml asks for are kept only if they are relative or http(s).
/// Errors: TM1360 (not well-formed, declares a document type), TM1361 (no ODM), TM1364 (over 64 MiB, or the
/// stylesheet failed).
std::string to_html(std::string_view xml, const std::string& name);

}  // namespace trialmill::formats::define
