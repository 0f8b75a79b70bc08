// Conversion of a delivered file to UTF-8, as a stream.
#include <iconv.h>

#include <cerrno>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "formats/byte_window.hpp"
#include "formats/csv_scan.hpp"

namespace trialmill::formats {

using base::Error;

void convert_to_utf8(const std::filesystem::path& from, const std::filesystem::path& to,
                     const std::string& encoding, const std::string& name) {
  const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    throw Error("TM1354", "the encoding '" + encoding + "' is not known", {name},
                "iconv -l lists the known ones");
  }
  struct Closer {
    iconv_t handle;
    ~Closer() { iconv_close(handle); }
  } closer{converter};
  ByteWindow in(from, name);
  base::AtomicFile out(to);
  std::vector<char> output(4u << 20);  // a block of 1 MiB becomes at most three times as long
  std::int64_t consumed = 0;
  for (bool more = true; more;) {
    more = !in.grow().empty();
    const std::string_view rest = in.rest();
    std::size_t left = rest.size();
    char* source = const_cast<char*>(rest.data());  // iconv does not write to it
    char* target = output.data();
    std::size_t room = output.size();
    const std::size_t before = left;
    const auto status = iconv(converter, &source, &left, &target, &room);
    consumed += static_cast<std::int64_t>(before - left);
    out.write({output.data(), output.size() - room});
    if (status == static_cast<std::size_t>(-1) && (errno == EILSEQ || (!more && left > 0))) {
      throw Error("TM1354", "byte " + std::to_string(consumed + 1) + " has no meaning in " + encoding, {name},
                  "declare the right 'encoding' of the source");
    }
    in.consume(before - left);
  }
  out.commit();
}

}  // namespace trialmill::formats
