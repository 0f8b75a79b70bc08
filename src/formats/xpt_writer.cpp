#include "formats/xpt_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/xpt_headers.hpp"

namespace trialmill::formats {

namespace {

using Kind = XptProblem::Kind;

/// What a version can hold, in bytes.
struct Limits {
  bool lower_case;
  std::size_t name, dataset_label, label, text, format;
  const char* name_rule;
};

const Limits& limits_of(int version) {
  static constexpr Limits v5{false,
                             xpt_name_bytes_max,
                             xpt_label_bytes_max,
                             xpt_label_bytes_max,
                             xpt_value_bytes_max,
                             8,
                             "a name has 1 to 8 upper-case letters, digits or _, and no digit first"};
  static constexpr Limits v8{true,
                             xpt8_name_bytes_max,
                             xpt_label_bytes_max,
                             xpt8_label_bytes_max,
                             xpt8_value_bytes_max,
                             32,
                             "a name has 1 to 32 letters, digits or _, and no digit first"};
  return version == 8 ? v8 : v5;
}

bool is_sas_name(std::string_view name, const Limits& limits) {
  if (name.empty() || name.size() > limits.name || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (limits.lower_case && c >= 'a' && c <= 'z');
  });
}

std::string label_rule(const std::string& label, std::size_t bytes_max) {
  return fmt::format("the label has {} bytes, {} are possible", label.size(), bytes_max);
}

}  // namespace

std::vector<XptProblem> check_xpt(const XptMember& member, int version) {
  const Limits& limits = limits_of(version);
  std::vector<XptProblem> out;
  const auto add = [&](Kind kind, const std::string& column, const std::string& value, std::string message) {
    out.push_back({kind, column, value, std::move(message), 0});
  };
  if (!is_sas_name(member.name, limits)) add(Kind::name, "", member.name, limits.name_rule);
  if (member.label.size() > limits.dataset_label)
    add(Kind::label, "", member.label, label_rule(member.label, limits.dataset_label));
  if (member.columns.size() > xpt_columns_max)
    add(Kind::length, "", std::to_string(member.columns.size()), "more than 9,999 columns");
  std::set<std::string> seen;
  for (const auto& column : member.columns) {
    if (!is_sas_name(column.name, limits)) add(Kind::name, column.name, column.name, limits.name_rule);
    // SAS does not tell upper from lower case.
    if (!seen.insert(base::to_upper(column.name)).second)
      add(Kind::name, column.name, column.name, "two columns of the same name");
    if (column.label.size() > limits.label)
      add(Kind::label, column.name, column.label, label_rule(column.label, limits.label));
    for (const auto& format : {column.format, column.informat}) {
      if (format.size() > limits.format)
        add(Kind::name, column.name, format, fmt::format("format over {} bytes", limits.format));
    }
    const int longest = column.is_text ? static_cast<int>(limits.text) : 8;
    // Shorter numbers would lose digits silently, so the writer knows full length only.
    if (column.length < (column.is_text ? 1 : 8) || column.length > longest) {
      add(Kind::length, column.name, std::to_string(column.length),
          column.is_text ? fmt::format("a text column has 1 to {} bytes", limits.text)
                         : "a number column has 8 bytes");
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
  std::size_t rows_header = 0;  // version 8: where the number of rows is stated
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
  if (const auto problems = check_xpt(member, options.version); !problems.empty()) {
    throw base::Error("TM1303", problems[0].column + " '" + problems[0].value + "': " + problems[0].message,
                      {target.string()}, "check_xpt() lists all problems before writing");
  }
  const std::string head = xpt_headers(member, options);
  state_ = std::make_unique<State>(target, std::move(member));
  if (options.version == 8) state_->rows_header = head.size() - xpt_record_bytes;
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
  s.last_blank = s.rows_header == 0 && s.row.size() < xpt_record_bytes &&
                 s.row.find_first_not_of(' ') == std::string::npos;
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
  if (s.rows_header > 0) s.file.overwrite(s.rows_header, xpt8_rows_header(s.rows));
  s.file.commit();
  return std::nullopt;
}

}  // namespace trialmill::formats
