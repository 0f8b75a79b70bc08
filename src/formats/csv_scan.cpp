#include "formats/csv_scan.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/byte_window.hpp"

namespace trialmill::formats {

using base::Error;
using State = CsvRecord::State;

namespace {

constexpr std::size_t record_bytes_max = 16u << 20;
constexpr std::size_t bad_records_max = 100'000;
/// How much may be read again after unclosed quotes, before the file is given up.
constexpr std::size_t reread_bytes_max = std::size_t{4} << 30;
constexpr std::string_view bom = "\xEF\xBB\xBF";
constexpr const char* quote_left_open = "a quote is opened and not closed on its line";
constexpr const char* line_too_long = "a line longer than 16 MiB";
constexpr char candidates[] = {',', ';', '\t', '|'};

class Scanner {
 public:
  Scanner(const std::filesystem::path& file, char delimiter, const std::string& name, const CsvSink& sink)
      : window_(file, name), asked_(delimiter), sink_(sink) {}

  CsvScan run() {
    grow();
    skip_bom();
    while (scan_.header.empty() && available()) take_header();
    while (available()) take_record();
    check_encoding();
    scan_.irregular = scan_.irregular || (crlf_ > 0 && lf_ > 0);
    scan_.bytes = window_.bytes();
    scan_.sha256 = window_.sha256();
    return std::move(scan_);
  }

 private:
  std::string_view rest() const { return window_.rest(); }

  bool available() { return !rest().empty() || grow(); }

  bool grow() {
    check_encoding();
    const std::string_view fresh = window_.grow();
    unchecked_ = rest().data();
    if (fresh.empty()) return false;
    if (const auto nul = fresh.find('\0'); nul != std::string_view::npos) {
      const std::string_view before = rest().substr(0, rest().size() - fresh.size() + nul);
      throw Error("TM1351", "the file holds NUL bytes, so it is not plain text",
                  {window_.name(), static_cast<int>(line_ + std::count(before.begin(), before.end(), '\n'))},
                  "for UTF-16 files declare encoding: utf-16 at the source");
    }
    if (window_.bytes() == static_cast<std::int64_t>(fresh.size())) {
      const std::size_t end = fresh.find_first_of("\r\n");
      cr_only_ = end != std::string_view::npos && fresh[end] == '\r' &&
                 fresh.find('\n') == std::string_view::npos && end + 1 < fresh.size();
      scan_.irregular = cr_only_;
    }
    if (cr_only_) window_.replace_fresh(fresh, '\r', '\n');
    return true;
  }

  /// Everything consumed since the last grow() ends with a line, so no character is cut in two.
  void check_encoding() {
    if (unchecked_ == nullptr) return;
    const auto size = static_cast<std::size_t>(rest().data() - unchecked_);
    if (scan_.valid_utf8 && !simdjson::validate_utf8(unchecked_, size)) scan_.valid_utf8 = false;
    unchecked_ = rest().data();
  }

  void skip_bom() {
    while (rest().size() < bom.size() && grow()) {
    }
    if (!rest().starts_with(bom)) return;
    scan_.has_bom = true;
    window_.consume(bom.size());
  }

  /// The record at the front. State::more is left only when it is longer than allowed.
  CsvRecord look(char delimiter, std::size_t fields_max) {
    while (true) {
      CsvRecord record = read_csv_record(rest(), delimiter, window_.at_end(), fields_max);
      if (record.state == State::more && rest().size() <= record_bytes_max) {
        grow();
        continue;
      }
      if (record.state == State::complete && record.size > record_bytes_max) record.state = State::more;
      return record;
    }
  }

  void consume(const CsvRecord& record) {
    if (record.length > record.size) ++(record.length - record.size == 2 ? crlf_ : lf_);
    line_ += static_cast<std::int64_t>(record.lines);
    window_.consume(record.length);
  }

  void take_header() {
    char best = asked_ ? asked_ : ',';
    CsvRecord header;
    header.fields = 0;
    bool too_long = false, unbalanced = false;
    for (const char candidate : candidates) {
      const CsvRecord record = look(candidate, std::string_view::npos);
      too_long = too_long || record.state == State::more;
      unbalanced = unbalanced || record.state == State::broken;
      // A delimiter that makes sense of the quotes is better than one with which they are text.
      const bool better_quotes = header.stray && !record.stray,
                 worse_quotes = header.fields > 0 && !header.stray && record.stray;
      if (record.state == State::complete && !worse_quotes &&
          (better_quotes || record.fields > header.fields)) {
        header = record;
        best = candidate;
      }
    }
    const char better = best;
    if (asked_) header = look(asked_, std::string_view::npos);
    if (too_long || header.state == State::more) {
      throw Error("TM1350", "the header is longer than 16 MiB", {window_.name(), static_cast<int>(line_)},
                  "most often an opening quote is never closed, or the file is not a table");
    }
    if (header.fields == 0 || header.state == State::broken ||
        (!asked_ && unbalanced && header.fields == 1 && header.stray)) {
      throw Error("TM1353", "the quotes of the header are not balanced",
                  {window_.name(), static_cast<int>(line_)},
                  "a quote that opens a name must be closed before the next delimiter");
    }
    const std::string_view text = rest().substr(0, header.size);
    if (text.empty()) {
      scan_.irregular = true;  // a blank line before the header
      return consume(header);
    }
    scan_.delimiter = asked_ ? asked_ : best;
    if (header.fields == 1 && asked_ && better != asked_ && look(better, std::string_view::npos).fields > 1) {
      throw Error("TM1352", "the header has a single column with this delimiter", {window_.name(), 1},
                  std::string("the file seems to be separated by ") +
                      (better == '\t' ? "tab" : std::string(1, better)) +
                      "; correct or remove 'delimiter' of the source");
    }
    for (const auto& name : split_csv_record(text, scan_.delimiter)) {
      scan_.header.emplace_back(base::trim(name));
    }
    scan_.irregular = scan_.irregular || header.stray || header.lines > 1;
    check_header();
    consume(header);
  }

  /// A line that ends with a delimiter has a last column without a name: none, if it is empty in all records.
  void check_header() {
    std::set<std::string> seen;
    width_ = scan_.header.size();
    if (width_ > 2 && scan_.header.back().empty()) {
      scan_.header.pop_back();
      scan_.irregular = true;
    }
    for (std::size_t i = 0; i < scan_.header.size(); ++i) {
      const std::string& column = scan_.header[i];
      if (column.empty()) {
        throw Error("TM1353", "column " + std::to_string(i + 1) + " has no name", {window_.name(), 1},
                    "every column needs a name in the header line");
      }
      if (!seen.insert(base::to_upper(column)).second) {
        throw Error("TM1353", "column name '" + column + "' stands twice in the header", {window_.name(), 1},
                    "names must differ by more than upper and lower case");
      }
    }
  }

  void take_record() {
    const std::size_t columns = width_;
    const CsvRecord record = look(scan_.delimiter, columns);
    if (record.state != State::complete) return take_first_line(record);
    std::string_view text = rest().substr(0, record.size);
    if (text.empty()) {
      scan_.irregular = true;  // a blank line
      return consume(record);
    }
    const std::string wrong =
        std::to_string(record.fields) + " fields where the header has " + std::to_string(columns);
    if (record.fields != columns && record.lines > 1 && lines_are_records(text, 1)) {
      return reject_line(text.find('\n'), quote_left_open);
    }
    ++scan_.records;
    scan_.longest = std::max(scan_.longest, static_cast<std::int64_t>(text.size()));
    if (record.fields != columns) {
      set_aside(text, text.size(), wrong);
    } else if (columns > scan_.header.size() && !drop_last_field(text)) {
      set_aside(text, text.size(), "a value in the last column, which has no name in the header");
    } else {
      if (record.lines > 1) {
        scan_.multiline = true;
        if (columns > 1 && lines_are_records(text, 0)) {
          if (scan_.suspects++ == 0) scan_.first_suspect_line = line_;
        }
      }
      scan_.irregular = scan_.irregular || record.stray;
      if (sink_) sink_(scan_.records, text, record);
    }
    consume(record);
  }

  /// Takes an empty last field off; false if it holds anything.
  bool drop_last_field(std::string_view& text) const {
    std::string_view last = text.substr(text.rfind(scan_.delimiter) + 1);
    if (base::trim(last) != "" && base::trim(last) != "\"\"") return false;
    text = text.substr(0, text.rfind(scan_.delimiter));
    return true;
  }

  /// True if every line of `text` from number `first` on has the header's number of fields, each read on its
  /// own. The first line is judged with its quotes taken as text.
  bool lines_are_records(std::string_view text, std::size_t first) const {
    for (std::size_t number = 0; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (number < first) continue;
      std::size_t fields = 0;
      if (number == 0) {
        fields = 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), scan_.delimiter));
      } else {
        const CsvRecord record = read_csv_record(line, scan_.delimiter, true);
        if (record.state == State::complete) fields = record.fields;
      }
      if (fields != width_) return false;
    }
    return true;
  }

  /// The record at the front cannot be right: sets its first line aside and goes on after it.
  void take_first_line(const CsvRecord& record) {
    const std::size_t end = rest().find('\n');
    if (end == std::string_view::npos && rest().size() > record_bytes_max) return skip_long_line();
    std::string reason =
        record.state == State::more ? "a quote is opened and not closed within 16 MiB" : record.fault;
    if (record.lines > 1) reason = quote_left_open;
    if (end > record_bytes_max) reason = line_too_long;
    reread_ += record.state == State::more ? record_bytes_max : record.length;
    if (reread_ > reread_bytes_max) give_up();
    reject_line(std::min(end, rest().size()), reason);
  }

  void reject_line(std::size_t end, const std::string& reason) {
    CsvRecord line = read_csv_record(rest().substr(0, end), '\0', true);
    line.length = std::min(end + 1, rest().size());
    line.size = rest().substr(0, end).ends_with('\r') ? end - 1 : end;
    line.lines = 1;
    ++scan_.records;
    set_aside(rest().substr(0, line.size), line.size, reason);
    consume(line);
  }

  /// A line without end: constant memory, its start is kept for the report.
  void skip_long_line() {
    const std::string start(rest().substr(0, 1000));
    std::size_t bytes = 0;
    while (available()) {
      const std::size_t end = rest().find('\n');
      bytes += std::min(end, rest().size());
      window_.consume(std::min(end == std::string_view::npos ? end : end + 1, rest().size()));
      unchecked_ = rest().data();
      if (end != std::string_view::npos) break;
    }
    ++scan_.records;
    set_aside(start, bytes, line_too_long);
    ++line_;
  }

  void set_aside(std::string_view text, std::size_t size, const std::string& reason) {
    if (scan_.bad.size() == bad_records_max) give_up();
    scan_.irregular = true;
    scan_.bad.push_back({scan_.records, line_, reason, shortened(text, size)});
  }

  [[noreturn]] void give_up() const {
    throw Error("TM1355",
                "too many malformed records; " + base::thousands(scan_.records) + " records were read so far",
                {window_.name(), static_cast<int>(line_)},
                "check delimiter and quotes; the first one is at line " +
                    std::to_string(scan_.bad.empty() ? line_ : scan_.bad.front().line));
  }

  ByteWindow window_;
  char asked_;
  const CsvSink& sink_;
  CsvScan scan_;
  const char* unchecked_ = nullptr;  ///< start of what check_encoding() has not seen
  bool cr_only_ = false;
  std::int64_t line_ = 1, crlf_ = 0, lf_ = 0;
  std::size_t reread_ = 0;
  std::size_t width_ = 0;  ///< fields of a record
};

}  // namespace

std::string shortened(std::string_view text, std::size_t size) {
  constexpr std::size_t shown_bytes = 200;
  size = std::max(size, text.size());
  std::size_t end = std::min(shown_bytes, text.size());
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string shown(text.substr(0, end));
  const bool readable = base::is_valid_utf8(shown);
  std::replace_if(
      shown.begin(), shown.end(), [&](char c) { return c == '\0' || (!readable && (c & 0x80) != 0); }, '?');
  return end == size ? shown : shown + "… (" + std::to_string(size) + " bytes)";
}

CsvScan scan_csv(const std::filesystem::path& file, char delimiter, const std::string& name,
                 const CsvSink& sink) {
  return Scanner(file, delimiter, name, sink).run();
}

}  // namespace trialmill::formats
