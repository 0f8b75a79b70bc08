#include "formats/csv_scan.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"

namespace trialmill::formats {

using base::Error;

namespace {

constexpr std::size_t record_bytes_max = 16u << 20;
constexpr std::size_t shown_bytes = 200;
constexpr std::string_view bom = "\xEF\xBB\xBF";

std::string shortened(std::string_view text) {
  if (text.size() <= shown_bytes) return std::string(text);
  std::size_t end = shown_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "… (" + std::to_string(text.size()) + " bytes)";
}

std::size_t count_fields(std::string_view record, char delimiter) {
  std::size_t fields = 1;
  bool quoted = false, start = true;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (c == '"' && (quoted || start)) {
      // A doubled quote closes and re-opens, which leaves the state as it was.
      const bool doubled = quoted && i + 1 < record.size() && record[i + 1] == '"';
      if (doubled)
        ++i;
      else
        quoted = !quoted;
      start = false;
    } else if (c == delimiter && !quoted) {
      ++fields;
      start = true;
    } else {
      start = false;
    }
  }
  return fields;
}

char detect_delimiter(std::string_view header) {
  char best = ',';
  std::size_t most = 0;
  for (const char candidate : {',', ';', '\t', '|'}) {
    const std::size_t fields = count_fields(header, candidate);
    if (fields > most) {
      most = fields;
      best = candidate;
    }
  }
  return best;
}

// Cuts the byte stream into records: a line end outside quotes ends a record. A quote opens only at the start
// of a field, as RFC 4180 has it, so that a stray inch mark inside a text does not swallow the rest of the
// file.
class Scanner {
 public:
  Scanner(char delimiter, std::string name, const CsvSink& sink)
      : asked_(delimiter), name_(std::move(name)), sink_(sink) {}

  void add(std::string_view chunk) {
    for (const char c : chunk) take(c);
  }

  CsvScan finish() {
    if (quoted_ && have_header_) {
      unterminated_ = true;
      end_record();
    } else if (!record_.empty()) {
      end_record();
    }
    scan_.irregular = scan_.irregular || (crlf_ > 0 && lf_ > 0);
    return std::move(scan_);
  }

 private:
  void take(char c) {
    if (c == '\0') {
      throw Error("TM1351", "the file holds NUL bytes, so it is not plain text",
                  {name_, static_cast<int>(line_)},
                  "for UTF-16 files declare encoding: utf-16 at the source");
    }
    if (c == '\n') ++line_;
    if (!quoted_) {
      if (c == '\n') return end_line();
      if (c == '"' && field_start_) quoted_ = true;
      field_start_ = c == delimiter_;
    } else if (c == '"') {
      quoted_ = false;  // a doubled quote re-opens at once:
      after_quote_ = true;
      record_ += c;
      return;
    }
    if (after_quote_ && c == '"' && !record_.empty()) quoted_ = true;
    after_quote_ = false;
    record_ += c;
    if (record_.size() > record_bytes_max) {
      throw Error("TM1350", "a record is longer than 16 MiB", {name_, static_cast<int>(record_line_)},
                  "most often an opening quote is never closed, or the file is not a table");
    }
  }

  void end_line() {
    if (!record_.empty() && record_.back() == '\r') {
      record_.pop_back();
      ++crlf_;
    } else {
      ++lf_;
    }
    end_record();
  }

  void end_record() {
    if (!have_header_) {
      take_header();
    } else if (record_.empty()) {
      scan_.irregular = true;  // blank line
    } else {
      take_record();
    }
    record_.clear();
    quoted_ = after_quote_ = false;
    field_start_ = true;
    record_line_ = line_;
  }

  void take_header() {
    if (record_.starts_with(bom)) {
      scan_.has_bom = true;
      record_.erase(0, bom.size());
    }
    if (record_.empty()) {
      scan_.irregular = true;
      return;
    }
    delimiter_ = asked_ ? asked_ : detect_delimiter(record_);
    scan_.delimiter = delimiter_;
    scan_.header = split_csv_record(record_, delimiter_);
    if (!base::is_valid_utf8(record_)) scan_.valid_utf8 = false;
    have_header_ = true;
    check_header();
  }

  void check_header() {
    if (scan_.header.size() == 1 && detect_delimiter(record_) != delimiter_ &&
        count_fields(record_, detect_delimiter(record_)) > 1) {
      const char better = detect_delimiter(record_);
      throw Error("TM1352", "the header has a single column with this delimiter", {name_, 1},
                  std::string("the file seems to be separated by ") +
                      (better == '\t' ? "tab" : std::string(1, better)) +
                      "; correct or remove 'delimiter' of the source");
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < scan_.header.size(); ++i) {
      const std::string& column = scan_.header[i];
      if (base::trim(column).empty()) {
        throw Error("TM1353", "column " + std::to_string(i + 1) + " has no name", {name_, 1},
                    "every column needs a name in the header line");
      }
      if (!seen.insert(base::to_upper(column)).second) {
        throw Error("TM1353", "column name '" + column + "' stands twice in the header", {name_, 1},
                    "names must differ by more than upper and lower case");
      }
    }
  }

  void take_record() {
    ++scan_.records;
    const std::size_t fields = count_fields(record_, delimiter_);
    std::string reason;
    if (unterminated_) {
      reason = "a quote is opened and never closed";
    } else if (fields != scan_.header.size()) {
      reason = std::to_string(fields) + " fields where the header has " + std::to_string(scan_.header.size());
    }
    if (!base::is_valid_utf8(record_)) scan_.valid_utf8 = false;
    if (!reason.empty()) {
      scan_.bad.push_back({scan_.records, record_line_, reason, shortened(record_)});
    } else if (sink_) {
      sink_(scan_.records, record_);
    }
  }

  char asked_, delimiter_ = ',';
  std::string name_;
  const CsvSink& sink_;
  CsvScan scan_;
  std::string record_;
  bool have_header_ = false, quoted_ = false, after_quote_ = false, field_start_ = true,
       unterminated_ = false;
  std::int64_t line_ = 1, record_line_ = 1, crlf_ = 0, lf_ = 0;
};

}  // namespace

std::vector<std::string> split_csv_record(std::string_view record, char delimiter) {
  std::vector<std::string> fields(1);
  bool quoted = false, start = true;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (quoted && c == '"' && i + 1 < record.size() && record[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"' && (quoted || start)) {
      quoted = !quoted;
      start = false;
    } else if (c == delimiter && !quoted) {
      fields.emplace_back();
      start = true;
    } else {
      fields.back() += c;
      start = false;
    }
  }
  return fields;
}

CsvScan scan_csv(const std::filesystem::path& file, char delimiter, const std::string& name,
                 const CsvSink& sink) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    throw Error("TM1001", "cannot read the file", {name}, "check that it is a file this user may read");
  }
  Scanner scanner(delimiter, name, sink);
  base::Sha256 hash;
  std::vector<char> chunk(1u << 20);
  std::int64_t bytes = 0;
  while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || in.gcount() > 0) {
    base::check_stop();
    const std::string_view piece(chunk.data(), static_cast<std::size_t>(in.gcount()));
    bytes += static_cast<std::int64_t>(piece.size());
    hash.add(piece);
    scanner.add(piece);
  }
  CsvScan scan = scanner.finish();
  scan.bytes = bytes;
  scan.sha256 = hash.hex();
  return scan;
}

void convert_to_utf8(const std::filesystem::path& from, const std::filesystem::path& to,
                     const std::string& encoding, const std::string& name) {
  const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
  struct Closer {
    iconv_t handle;
    ~Closer() { iconv_close(handle); }
  } closer{converter};
  std::ifstream in(from, std::ios::binary);
  base::AtomicFile out(to);
  std::vector<char> input(1u << 16), output(1u << 18);
  std::size_t kept = 0;
  std::int64_t consumed = 0;
  for (bool more = true; more;) {
    in.read(input.data() + kept, static_cast<std::streamsize>(input.size() - kept));
    more = in.gcount() > 0;
    std::size_t left = kept + static_cast<std::size_t>(in.gcount());
    char* source = input.data();
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
    std::copy(source, source + left, input.data());
    kept = left;
  }
  out.commit();
}

}  // namespace trialmill::formats
