#include "formats/csv_scan_record.hpp"

#include <algorithm>

namespace trialmill::formats {

namespace {

using State = CsvRecord::State;
constexpr auto npos = std::string_view::npos;

CsvRecord without_quotes(std::string_view line, std::size_t length, char delimiter) {
  CsvRecord record;
  record.length = length;
  if (line.ends_with('\r')) line.remove_suffix(1);
  record.size = line.size();
  record.fields = 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), delimiter));
  record.stray = line.find('\r') != npos;
  return record;
}

CsvRecord broken(CsvRecord record, std::size_t read, const char* fault) {
  record.state = State::broken;
  record.length = read;
  record.fault = fault;
  return record;
}

CsvRecord unfinished(CsvRecord record) {
  record.state = State::more;
  return record;
}

/// Position of the closing quote of the field that opens at `open`; npos if `text` ends before it is known.
std::size_t closing_quote(std::string_view text, std::size_t open, bool last) {
  std::size_t at = text.find('"', open + 1);
  while (at != npos) {
    if (at + 1 == text.size()) return last ? at : npos;
    if (text[at + 1] != '"') return at;
    at = text.find('"', at + 2);
  }
  return npos;
}

/// Length of the line end at `at`: 0 = there is none, npos = not known before more text comes.
std::size_t line_end(std::string_view text, std::size_t at, bool last) {
  if (text[at] == '\n') return 1;
  if (text[at] != '\r') return 0;
  if (at + 1 == text.size()) return last ? 1 : npos;
  return text[at + 1] == '\n' ? 2 : 0;
}

CsvRecord with_quotes(std::string_view text, char delimiter, bool last, std::size_t fields_max) {
  CsvRecord record;
  std::size_t at = 0;  // start of a field
  while (true) {
    if (record.lines > 1 && record.fields > fields_max) return broken(record, at, "too many fields");
    if (at < text.size() && text[at] == '"') {
      record.quoted = true;
      const std::size_t close = closing_quote(text, at, last);
      if (close == npos)
        return last ? broken(record, text.size(), "a quote is opened and never closed") : unfinished(record);
      record.lines +=
          static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                              text.begin() + static_cast<std::ptrdiff_t>(close), '\n'));
      at = close + 1;
    } else {
      const std::size_t begin = at;
      while (at < text.size() && text[at] != delimiter && text[at] != '\n') ++at;
      if (at == text.size() && !last) return unfinished(record);
      std::string_view field = text.substr(begin, at - begin);
      if (field.ends_with('\r') && (at == text.size() || text[at] == '\n')) {
        field.remove_suffix(1);
        --at;
      }
      record.stray = record.stray || field.find_first_of("\"\r") != npos;
    }
    if (at == text.size()) {
      if (!last) return unfinished(record);
      record.size = record.length = at;
      return record;
    }
    if (text[at] == delimiter) {
      ++record.fields;
      ++at;
      continue;
    }
    const std::size_t end = line_end(text, at, last);
    if (end == npos) return unfinished(record);
    if (end == 0) return broken(record, at, "text after a closing quote");
    record.size = at;
    record.length = at + end;
    return record;
  }
}

}  // namespace

CsvRecord read_csv_record(std::string_view text, char delimiter, bool last, std::size_t fields_max) {
  const std::size_t end = text.find('\n');
  if (end == npos && !last) return unfinished({});
  const std::string_view line = text.substr(0, end);
  if (line.find('"') == npos) {
    return without_quotes(line, end == npos ? text.size() : end + 1, delimiter);
  }
  return with_quotes(text, delimiter, last, fields_max);
}

std::vector<std::string> split_csv_record(std::string_view record, char delimiter) {
  std::vector<std::string> fields;
  std::size_t at = 0;
  while (true) {
    std::string field;
    if (at < record.size() && record[at] == '"') {
      const std::size_t close = std::min(closing_quote(record, at, true), record.size());
      for (std::size_t i = at + 1; i < close; ++i) {
        field += record[i];
        if (record[i] == '"') ++i;
      }
      at = std::min(close + 1, record.size());
    }
    const std::size_t end = std::min(record.find(delimiter, at), record.size());
    field += record.substr(at, end - at);
    fields.push_back(std::move(field));
    if (end == record.size()) return fields;
    at = end + 1;
  }
}

}  // namespace trialmill::formats
