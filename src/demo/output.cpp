#include "demo/output.hpp"

#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace trialmill::demo {

namespace {

[[noreturn]] void fail(const fs::path& path) {
  throw base::Error("TM3102", std::string("cannot write: ") + std::strerror(errno), {path.string(), 0, 0},
                    "check free space and permissions");
}

/// UTF-8 of U+0080…U+00FF is two bytes, C2 or C3 first; their windows-1252 form (above U+009F) is one.
std::string to_windows_1252(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte == 0xC2 || byte == 0xC3) && at + 1 < text.size()) {
      const auto low = static_cast<unsigned char>(text[++at]);
      out += static_cast<char>(((byte & 0x03) << 6) | (low & 0x3F));
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

OutputFile::OutputFile(const fs::path& path) : path_(path) {
  base::make_folders(path.parent_path());
  file_.reset(std::fopen(path.c_str(), "wb"));
  if (!file_) fail(path_);
  std::setvbuf(file_.get(), nullptr, _IOFBF, 1 << 16);
}

void OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail(path_);
}

void OutputFile::close() {
  if (file_ && std::fclose(file_.release()) != 0) fail(path_);
}

CsvFile::CsvFile(const fs::path& path, const std::vector<std::string>& header, Dialect dialect)
    : dialect_(dialect), file_(path) {
  if (dialect_.byte_order_mark) file_.write("\xEF\xBB\xBF");
  put(header);
}

void CsvFile::row(const std::vector<std::string>& fields) {
  put(fields);
  ++file_.rows;
}

void CsvFile::raw_line(std::string_view line) {
  file_.write(line);
  file_.write(dialect_.crlf ? "\r\n" : "\n");
  ++file_.rows;
}

void CsvFile::put(const std::vector<std::string>& fields) {
  line_.clear();
  for (const auto& field : fields) {
    if (&field != &fields.front()) line_ += dialect_.delimiter;
    base::append_csv_field(line_, field, dialect_.delimiter);
  }
  line_ += dialect_.crlf ? "\r\n" : "\n";
  file_.write(dialect_.windows_1252 ? to_windows_1252(line_) : line_);
}

}  // namespace trialmill::demo
