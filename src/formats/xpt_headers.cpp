#include "formats/xpt_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace trialmill::formats {

namespace {

std::string padded(std::string_view text, std::size_t bytes) {
  std::string out(text.substr(0, bytes));
  out.resize(bytes, ' ');
  return out;
}

void put16(std::string& out, int value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}

void put32(std::string& out, int value) {
  put16(out, value >> 16);
  put16(out, value);
}

bool two_digits(std::string_view text, std::size_t at, int low, int high, int& out) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(text[at]) || !digit(text[at + 1])) return false;
  out = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return out >= low && out <= high;
}

/// "2020-01-31T08:15:00" → "31JAN20:08:15:00".
std::string sas_time(const std::string& iso) {
  static constexpr std::array<const char*, 12> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  int century = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool good = iso.size() == 19 && iso[4] == '-' && iso[7] == '-' &&
                    (iso[10] == 'T' || iso[10] == ' ') && iso[13] == ':' && iso[16] == ':' &&
                    two_digits(iso, 0, 19, 20, century) && two_digits(iso, 2, 0, 99, year) &&
                    two_digits(iso, 5, 1, 12, month) && two_digits(iso, 8, 1, 31, day) &&
                    two_digits(iso, 11, 0, 23, hour) && two_digits(iso, 14, 0, 59, minute) &&
                    two_digits(iso, 17, 0, 59, second);
  const int full_year = century * 100 + year;
  if (!good || full_year < 1960 || full_year > 2059) {
    throw base::usage_error("TM1304", "'" + iso + "' is not a time for SAS transport headers", {},
                            "write it like 2020-01-01T00:00:00");
  }
  return fmt::format("{:02}{}{:02}:{:02}:{:02}:{:02}", day, months[static_cast<std::size_t>(month - 1)], year,
                     hour, minute, second);
}

std::string header(const char* kind, const std::string& digits) {
  return padded(fmt::format("HEADER RECORD*******{:<8}HEADER RECORD!!!!!!!{:0<30}", kind, digits),
                xpt_record_bytes);
}

/// The same with a text in place of the digits.
std::string text_header(const char* kind, const std::string& text) {
  return padded(fmt::format("HEADER RECORD*******{:<8}HEADER RECORD!!!!!!!{}", kind, text), xpt_record_bytes);
}

/// Version 8 counts a blank text as one byte.
int stated_length(const std::string& text) {
  return static_cast<int>(std::max<std::size_t>(1, text.size()));
}

std::string namestr(const XptColumn& column, int number, int position, bool v8) {
  std::string out;
  put16(out, column.is_text ? 2 : 1);
  put16(out, 0);
  put16(out, column.length);
  put16(out, number);
  out += padded(column.name, 8);
  out += padded(column.label, 40);
  out += padded(column.format, 8);
  put16(out, column.width);
  put16(out, column.decimals);
  put16(out, 0);                      // justification: left
  put16(out, 0);                      // filler
  out += padded(column.informat, 8);  // its own, never a copy of the format
  put16(out, column.informat_width);
  put16(out, column.informat_decimals);
  put32(out, position);
  if (v8) {
    out += padded(column.name, 32);
    put16(out, stated_length(column.label));
    put16(out, stated_length(column.format));
    put16(out, stated_length(column.informat));
  }
  out.resize(140, '\0');
  return out;
}

void pad_to_record(std::string& out) {
  out.append((xpt_record_bytes - out.size() % xpt_record_bytes) % xpt_record_bytes, ' ');
}

bool has_long_format(const XptColumn& column) {
  return column.format.size() > 8 || column.informat.size() > 8;
}

/// Version 8: names and labels that do not fit into the descriptions, each with its length. LABELV9 also has
/// names of formats.
std::string long_texts(const XptMember& member) {
  const bool formats = std::ranges::any_of(member.columns, has_long_format);
  int count = 0, number = 0;
  std::string texts;
  for (const auto& column : member.columns) {
    ++number;
    if (column.label.size() <= xpt_label_bytes_max && !has_long_format(column)) continue;
    ++count;
    put16(texts, number);
    put16(texts, static_cast<int>(column.name.size()));
    put16(texts, static_cast<int>(column.label.size()));
    if (formats) {
      put16(texts, static_cast<int>(column.format.size()));
      put16(texts, static_cast<int>(column.informat.size()));
    }
    texts += column.name + column.label;
    if (formats) texts += column.format + column.informat;
  }
  if (count == 0) return "";
  pad_to_record(texts);
  return text_header(formats ? "LABELV9" : "LABELV8", std::to_string(count)) + texts;
}

}  // namespace

std::string xpt_headers(const XptMember& member, const XptWriteOptions& options) {
  const bool v8 = options.version == 8;
  const std::string created = sas_time(options.created);
  const std::string modified = options.modified.empty() ? created : sas_time(options.modified);
  const std::string zeros(30, '0');
  const std::string release = padded("9.4", 8) + padded("", 8);
  std::string out = header(v8 ? "LIBV8" : "LIBRARY", zeros);
  out += padded("SAS", 8) + padded("SAS", 8) + padded("SASLIB", 8) + release + padded("", 24) + created;
  out += padded(modified, xpt_record_bytes);
  out += header(v8 ? "MEMBV8" : "MEMBER", "000000000000000001600000000140");
  out += header(v8 ? "DSCPTV8" : "DSCRPTR", zeros);
  out += padded("SAS", 8) + padded(member.name, v8 ? 32 : 8) + padded("SASDATA", 8) + release;
  out += (v8 ? "" : padded("", 24)) + created;
  out += modified + padded("", 16) + padded(member.label, 40) + padded("", 8);
  out += header(v8 ? "NAMSTV8" : "NAMESTR", fmt::format("000000{:04}", member.columns.size()));
  int number = 0, position = 0;
  for (const auto& column : member.columns) {
    out += namestr(column, ++number, position, v8);
    position += column.length;
  }
  pad_to_record(out);
  if (v8) out += long_texts(member);
  out += v8 ? xpt8_rows_header(0) : header("OBS", zeros);
  return out;
}

std::string xpt8_rows_header(std::int64_t rows) {
  return text_header("OBSV8", fmt::format("{:>15}", rows));
}

}  // namespace trialmill::formats
