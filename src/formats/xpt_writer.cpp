#include "formats/xpt_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"

namespace trialmill::formats {

namespace {

using Kind = XptProblem::Kind;

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

std::string namestr(const XptColumn& column, int number, int position) {
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
  put16(out, 0);         // justification: left
  put16(out, 0);         // filler
  out += padded("", 8);  // informat: never a copy of the format
  put16(out, 0);
  put16(out, 0);
  put32(out, position);
  out.append(52, '\0');
  return out;
}

void pad_to_record(std::string& out) {
  out.append((xpt_record_bytes - out.size() % xpt_record_bytes) % xpt_record_bytes, ' ');
}

std::string headers(const XptMember& member, const XptWriteOptions& options) {
  const std::string created = sas_time(options.created);
  const std::string modified = options.modified.empty() ? created : sas_time(options.modified);
  const std::string zeros(30, '0');
  const std::string system = padded("9.4", 8) + padded("", 8) + padded("", 24) + created;
  std::string out = header("LIBRARY", zeros);
  out += padded("SAS", 8) + padded("SAS", 8) + padded("SASLIB", 8) + system;
  out += padded(modified, xpt_record_bytes);
  out += header("MEMBER", "000000000000000001600000000140");
  out += header("DSCRPTR", zeros);
  out += padded("SAS", 8) + padded(member.name, 8) + padded("SASDATA", 8) + system;
  out += modified + padded("", 16) + padded(member.label, 40) + padded("", 8);
  out += header("NAMESTR", fmt::format("000000{:04}", member.columns.size()));
  int number = 0, position = 0;
  for (const auto& column : member.columns) {
    out += namestr(column, ++number, position);
    position += column.length;
  }
  pad_to_record(out);
  out += header("OBS", zeros);
  return out;
}

bool is_sas_name(std::string_view name) {
  if (name.empty() || name.size() > xpt_name_bytes_max || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

constexpr const char* name_rule = "a name has 1 to 8 upper-case letters, digits or _, and no digit first";

std::string label_rule(const std::string& label) {
  return fmt::format("the label has {} bytes, {} are possible", label.size(), xpt_label_bytes_max);
}

}  // namespace

std::vector<XptProblem> check_xpt(const XptMember& member) {
  std::vector<XptProblem> out;
  const auto add = [&](Kind kind, const std::string& column, const std::string& value, std::string message) {
    out.push_back({kind, column, value, std::move(message), 0});
  };
  if (!is_sas_name(member.name)) add(Kind::name, "", member.name, name_rule);
  if (member.label.size() > xpt_label_bytes_max) add(Kind::label, "", member.label, label_rule(member.label));
  if (member.columns.size() > xpt_columns_max) {
    add(Kind::length, "", std::to_string(member.columns.size()), "more than 9,999 columns");
  }
  std::set<std::string> seen;
  for (const auto& column : member.columns) {
    if (!is_sas_name(column.name)) add(Kind::name, column.name, column.name, name_rule);
    if (!seen.insert(column.name).second)
      add(Kind::name, column.name, column.name, "two columns of the same name");
    if (column.label.size() > xpt_label_bytes_max) {
      add(Kind::label, column.name, column.label, label_rule(column.label));
    }
    if (column.format.size() > xpt_name_bytes_max)
      add(Kind::name, column.name, column.format, "format over 8 bytes");
    const int longest = column.is_text ? static_cast<int>(xpt_value_bytes_max) : 8;
    // Shorter numbers would lose digits silently, so the writer knows full length only.
    if (column.length < (column.is_text ? 1 : 8) || column.length > longest) {
      add(Kind::length, column.name, std::to_string(column.length),
          column.is_text ? "a text column has 1 to 200 bytes" : "a number column has 8 bytes");
    }
  }
  return out;
}

std::size_t xpt_row_bytes(const XptMember& member) {
  std::size_t out = 0;
  for (const auto& column : member.columns) out += static_cast<std::size_t>(column.length);
  return out;
}

struct XptWriter::State {
  base::AtomicFile file;
  XptMember member;
  std::vector<std::size_t> positions;
  std::string blank;  // a row of missing values
  std::string row;
  std::size_t bytes = 0;
  std::int64_t rows = 0;
  bool refused = false;
  bool last_blank = false;

  State(const std::filesystem::path& target, XptMember given) : file(target), member(std::move(given)) {
    for (const auto& column : member.columns) {
      positions.push_back(blank.size());
      blank.append(static_cast<std::size_t>(column.length), column.is_text ? ' ' : '\0');
      if (!column.is_text) blank[positions.back()] = '.';
    }
    row = blank;
  }
  XptProblem refuse(Kind kind, std::size_t column, std::string value, std::string message) {
    refused = true;
    return {kind, member.columns[column].name, std::move(value), std::move(message), rows + 1};
  }
};

XptWriter::XptWriter(const std::filesystem::path& target, XptMember member, const XptWriteOptions& options) {
  if (const auto problems = check_xpt(member); !problems.empty()) {
    throw base::Error("TM1303", problems[0].column + " '" + problems[0].value + "': " + problems[0].message,
                      {target.string()}, "check_xpt() lists all problems before writing");
  }
  const std::string head = headers(member, options);
  state_ = std::make_unique<State>(target, std::move(member));
  state_->file.write(head);
}

XptWriter::~XptWriter() = default;

std::optional<XptProblem> XptWriter::text(std::size_t column, std::string_view value) {
  State& s = *state_;
  const auto length = static_cast<std::size_t>(s.member.columns[column].length);
  if (!s.member.columns[column].is_text)
    return s.refuse(Kind::value, column, std::string(value), "text for a number");
  if (value.size() > length) {
    return s.refuse(Kind::value, column, std::string(value),
                    fmt::format("the value has {} bytes, the column {}", value.size(), length));
  }
  if (value.find('\0') != std::string_view::npos) {
    return s.refuse(Kind::value, column, std::string(value), "the value holds a NUL byte");
  }
  char* at = s.row.data() + s.positions[column];
  if (!value.empty()) std::memcpy(at, value.data(), value.size());
  std::memset(at + value.size(), ' ', length - value.size());
  return std::nullopt;
}

std::optional<XptProblem> XptWriter::number(std::size_t column, double value) {
  State& s = *state_;
  const auto ibm = to_ibm(value);
  if (s.member.columns[column].is_text || !ibm) {
    return s.refuse(
        Kind::number, column, fmt::format("{}", value),
        ibm ? "a number for a text column" : "the number cannot be held (NaN, infinite or out of range)");
  }
  std::memcpy(s.row.data() + s.positions[column], ibm->data(), ibm->size());
  return std::nullopt;
}

void XptWriter::missing(std::size_t column, char code) {
  State& s = *state_;
  const auto length = static_cast<std::size_t>(s.member.columns[column].length);
  s.row.replace(s.positions[column], length, s.blank, s.positions[column], length);
  if (!s.member.columns[column].is_text) s.row[s.positions[column]] = code;
}

void XptWriter::end_row() {
  State& s = *state_;
  s.file.write(s.row);
  s.bytes += s.row.size();
  ++s.rows;
  // Only rows shorter than a record can hide in the padding.
  s.last_blank = s.row.size() < xpt_record_bytes && s.row.find_first_not_of(' ') == std::string::npos;
  s.row = s.blank;
}

std::int64_t XptWriter::rows() const {
  return state_->rows;
}

std::optional<XptProblem> XptWriter::commit() {
  State& s = *state_;
  if (s.refused)
    throw base::Error("TM1303", "values of " + s.member.name + " were refused, the file is not written");
  if (s.last_blank) {
    s.refused = true;
    return XptProblem{Kind::blank_row, "", "", "the last row is blank and cannot be told from padding",
                      s.rows};
  }
  s.file.write(std::string((xpt_record_bytes - s.bytes % xpt_record_bytes) % xpt_record_bytes, ' '));
  s.file.commit();
  return std::nullopt;
}

}  // namespace trialmill::formats
