#include "formats/xpt_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace trialmill::formats {

namespace {

constexpr std::string_view header_start = "HEADER RECORD*******";
constexpr std::string_view header_middle = "HEADER RECORD!!!!!!!";

std::string_view trimmed(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\0')) --end;
  return text.substr(0, end);
}

int get16(std::string_view bytes, std::size_t at) {
  const int value = static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]);
  return value >= 0x8000 ? value - 0x10000 : value;
}

std::int64_t get32(std::string_view bytes, std::size_t at) {
  return static_cast<std::int64_t>(get16(bytes, at)) * 0x10000 + (get16(bytes, at + 2) & 0xFFFF);
}

/// The names of the header records differ between the versions.
struct Headers {
  std::string_view member, description, variables, rows;
};
constexpr Headers version5{"MEMBER  ", "DSCRPTR ", "NAMESTR ", "OBS     "};
constexpr Headers version8{"MEMBV8  ", "DSCPTV8 ", "NAMSTV8 ", "OBSV8   "};

/// Walks over the records of a file; knows where it is for messages.
class Cursor {
 public:
  Cursor(std::string_view bytes, std::string name, int version, const MappedFile* mapped)
      : bytes_(bytes), name_(std::move(name)), version_(version), mapped_(mapped) {}

  int version() const { return version_; }
  const Headers& headers() const { return version_ == 8 ? version8 : version5; }

  bool at_end() const { return at_ >= bytes_.size(); }
  std::size_t position() const { return at_; }

  base::Error damaged(const std::string& what) const {
    return base::Error("TM1302", fmt::format("damaged SAS transport file, near byte {}: {}", at_, what),
                       {name_}, "ask for the file again; nothing of it was read");
  }
  bool is_header(std::string_view kind) const {
    const auto record = bytes_.substr(at_, xpt_record_bytes);
    return record.size() == xpt_record_bytes && record.starts_with(header_start) &&
           record.substr(20, 8) == kind && record.substr(28, 20) == header_middle;
  }
  std::string_view take(std::size_t count, const char* what) {
    if (count > bytes_.size() - at_) throw damaged(std::string("the file ends within ") + what);
    const auto out = bytes_.substr(at_, count);
    at_ += count;
    return out;
  }
  std::string_view take_header(std::string_view kind) {
    if (!is_header(kind))
      throw damaged(fmt::format("the {} header is not where it should be", trimmed(kind)));
    return take(xpt_record_bytes, "a header");
  }
  /// A count in a header; blanks around it are padding.
  std::int64_t digits(std::string_view text) const {
    const auto from = text.find_first_not_of(' ');
    text = from == std::string_view::npos ? std::string_view{} : trimmed(text.substr(from));
    std::int64_t out = 0;
    if (text.empty() || text.size() > 15) throw damaged("a count in a header is not a number");
    for (const char c : text) {
      if (c < '0' || c > '9') throw damaged("a count in a header is not a number");
      out = out * 10 + (c - '0');
    }
    return out;
  }
  /// Skips to the next record: `used` bytes of the last one are taken.
  void pad(std::size_t used, const char* what) {
    take((xpt_record_bytes - used % xpt_record_bytes) % xpt_record_bytes, what);
  }
  /// The rows: everything up to the next MEMBER header or the end. The first `at_least` bytes are rows
  /// whatever they look like.
  std::string_view take_data(std::size_t at_least) {
    const std::size_t start = at_;
    at_ = std::min(bytes_.size(),
                   at_ + (at_least + xpt_record_bytes - 1) / xpt_record_bytes * xpt_record_bytes);
    for (; at_ < bytes_.size() && !is_header(headers().member); at_ += xpt_record_bytes) {
      if (mapped_ != nullptr && at_ % (xpt_record_bytes << 14U) == 0) mapped_->forget(bytes_.data() + at_);
    }
    return bytes_.substr(start, at_ - start);
  }

 private:
  std::string_view bytes_;
  std::string name_;
  int version_;
  const MappedFile* mapped_;
  std::size_t at_ = 0;
};

XptColumn read_namestr(std::string_view bytes, const Cursor& cursor) {
  XptColumn out;
  const int type = get16(bytes, 0);
  out.is_text = type == 2;
  out.length = get16(bytes, 4);
  out.name = trimmed(bytes.substr(8, 8));
  out.label = trimmed(bytes.substr(16, 40));
  out.format = trimmed(bytes.substr(56, 8));
  out.width = get16(bytes, 64);
  out.decimals = get16(bytes, 66);
  out.informat = trimmed(bytes.substr(72, 8));
  out.informat_width = get16(bytes, 80);
  out.informat_decimals = get16(bytes, 82);
  if (cursor.version() == 8) out.name = trimmed(bytes.substr(88, 32));
  const auto position = get32(bytes, 84);
  if (type != 1 && type != 2)
    throw cursor.damaged(fmt::format("variable '{}' has the unknown type {}", out.name, type));
  const int text_max = static_cast<int>(cursor.version() == 8 ? xpt8_value_bytes_max : xpt_value_bytes_max);
  const int longest = out.is_text ? text_max : 8;
  if (out.length < (out.is_text ? 1 : 2) || out.length > longest) {
    throw cursor.damaged(fmt::format("variable '{}' has the impossible length {}", out.name, out.length));
  }
  if (position < 0 || position > static_cast<std::int64_t>(xpt_columns_max) * text_max) {
    throw cursor.damaged(fmt::format("variable '{}' has the impossible position {}", out.name, position));
  }
  out.position = static_cast<int>(position);
  return out;
}

/// Files that SAS writes in version 8 state positions as in its memory, numbers first, but store the values
/// in the order of the variables.
void lay_out_in_order(XptMember& member) {
  int position = 0;
  for (auto& column : member.columns) {
    column.position = position;
    position += column.length;
  }
}

/// Values must tile the row: no gap, no overlap. Gives the bytes of a row.
std::size_t check_layout(const XptMember& member, const Cursor& cursor) {
  std::vector<const XptColumn*> order;
  for (const auto& column : member.columns) order.push_back(&column);
  std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->position < b->position; });
  std::int64_t end = 0;
  for (const auto* column : order) {
    if (column->position != end) {
      throw cursor.damaged(
          fmt::format("variable '{}' is at {} of a row, expected {}", column->name, column->position, end));
    }
    end += column->length;
  }
  return static_cast<std::size_t>(end);
}

/// LABELV8 and LABELV9: labels over 40 bytes, and format names over 8, as texts of their own length.
void read_long_texts(Cursor& cursor, XptMember& member, bool with_formats) {
  const auto count = cursor.digits(cursor.take(xpt_record_bytes, "the label header").substr(48, 32));
  const std::size_t start = cursor.position();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto head = cursor.take(with_formats ? 10 : 6, "the long labels");
    const int number = get16(head, 0), name = get16(head, 2), label = get16(head, 4);
    const int format = with_formats ? get16(head, 6) : 0, informat = with_formats ? get16(head, 8) : 0;
    if (number < 1 || static_cast<std::size_t>(number) > member.columns.size() || name < 0 || label < 0 ||
        format < 0 || informat < 0)
      throw cursor.damaged("a long label belongs to no variable");
    XptColumn& column = member.columns[static_cast<std::size_t>(number - 1)];
    column.name = trimmed(cursor.take(static_cast<std::size_t>(name), "the long labels"));
    column.label = trimmed(cursor.take(static_cast<std::size_t>(label), "the long labels"));
    const auto long_format = trimmed(cursor.take(static_cast<std::size_t>(format), "the long labels"));
    const auto long_informat = trimmed(cursor.take(static_cast<std::size_t>(informat), "the long labels"));
    if (!long_format.empty()) column.format = long_format;
    if (!long_informat.empty()) column.informat = long_informat;
  }
  cursor.pad(cursor.position() - start, "the long labels");
}

XptMember read_member_head(Cursor& cursor) {
  XptMember out;
  const bool v8 = cursor.version() == 8;
  const auto head = cursor.take_header(cursor.headers().member);
  const auto namestr_bytes = static_cast<std::size_t>(cursor.digits(head.substr(74, 4)));
  if (namestr_bytes != 140 && namestr_bytes != 136) {  // 136: VAX/VMS
    throw cursor.damaged(fmt::format("descriptors of {} bytes are unknown", namestr_bytes));
  }
  cursor.take_header(cursor.headers().description);
  const auto first = cursor.take(xpt_record_bytes, "the member description");
  const auto second = cursor.take(xpt_record_bytes, "the member description");
  out.name = trimmed(first.substr(8, v8 ? 32 : 8));
  out.created = trimmed(first.substr(64, 16));
  out.modified = trimmed(second.substr(0, 16));
  out.label = trimmed(second.substr(32, 40));
  const auto count = cursor.digits(cursor.take_header(cursor.headers().variables).substr(48, 10));
  const std::size_t start = cursor.position();
  for (std::int64_t c = 0; c < count; ++c) {
    out.columns.push_back(read_namestr(cursor.take(namestr_bytes, "the variable descriptions"), cursor));
  }
  cursor.pad(cursor.position() - start, "the variable descriptions");
  if (v8 && cursor.is_header("LABELV8 ")) read_long_texts(cursor, out, false);
  if (v8 && cursor.is_header("LABELV9 ")) read_long_texts(cursor, out, true);
  return out;
}

/// The row count that version 8 states; -1 = not stated (version 5; zeros of writers that do not know it).
std::int64_t read_rows_header(Cursor& cursor) {
  const auto header = cursor.take_header(cursor.headers().rows);
  if (cursor.version() != 8) return -1;
  const auto count = cursor.digits(header.substr(48, 15));
  return count == 0 ? -1 : count;
}

/// The version, 5 or 8.
int check_start(std::string_view bytes, const std::string& name) {
  const auto not_xpt = [&](const char* what) {
    return base::Error("TM1301", std::string("not a SAS transport file: ") + what, {name},
                       "make it with the XPORT engine (libname out xport 'dm.xpt';)");
  };
  if (bytes.empty()) throw not_xpt("the file is empty");
  if (bytes.starts_with("**COMPRESSED**")) throw not_xpt("it was made by PROC CPORT");
  if (bytes.size() < xpt_record_bytes || !bytes.starts_with(header_start))
    throw not_xpt("it has no LIBRARY header");
  if (bytes.substr(20, 8) == "LIBV8   ") return 8;
  if (bytes.substr(20, 8) != "LIBRARY ") throw not_xpt("it has no LIBRARY header");
  return 5;
}

}  // namespace

std::string_view XptTable::cell(std::size_t row, std::size_t column) const {
  const auto& info = member_.columns[column];
  return data_.substr(row * row_bytes_ + static_cast<std::size_t>(info.position),
                      static_cast<std::size_t>(info.length));
}

void XptTable::forget(std::size_t row) const {
  if (mapped_ != nullptr) mapped_->forget(data_.data() + row * row_bytes_);
}

std::string_view XptTable::text(std::size_t row, std::size_t column) const {
  return trimmed(cell(row, column));
}

XptNumber XptTable::number(std::size_t row, std::size_t column) const {
  return from_ibm(cell(row, column));
}

bool XptTable::count_rows(std::int64_t stated) {
  rows_ = data_.size() / row_bytes_;
  const auto rest = data_.substr(rows_ * row_bytes_);
  if (stated >= 0) {
    // What follows the stated rows can be padding only.
    rows_ = static_cast<std::size_t>(stated);
    const auto after = data_.substr(rows_ * row_bytes_);
    return after.size() < xpt_record_bytes && trimmed(after).empty();
  }
  if (rest.size() >= xpt_record_bytes || !trimmed(rest).empty()) return false;
  // Rows that fit into the padding of the last record and are blank: taken as padding, as SAS does.
  std::size_t padding = rest.size();
  while (rows_ > 0 && padding + row_bytes_ < xpt_record_bytes) {
    const auto row = data_.substr((rows_ - 1) * row_bytes_, row_bytes_);
    if (row.find_first_not_of(' ') != std::string_view::npos) break;
    padding += row_bytes_;
    --rows_;
    ++dropped_;
  }
  return true;
}

struct XptFile::Storage {
  std::string bytes;
  std::unique_ptr<MappedFile> mapped;
};

XptFile::XptFile() : storage_(std::make_unique<Storage>()) {}
XptFile::~XptFile() = default;
XptFile::XptFile(XptFile&&) noexcept = default;
XptFile& XptFile::operator=(XptFile&&) noexcept = default;

XptFile XptFile::open(const std::filesystem::path& file) {
  XptFile out;
  out.storage_->mapped = std::make_unique<MappedFile>(file);
  out.read(out.storage_->mapped->bytes(), file.string(), out.storage_->mapped.get());
  return out;
}

XptFile XptFile::parse(std::string bytes, const std::string& name) {
  XptFile out;
  out.storage_->bytes = std::move(bytes);
  out.read(out.storage_->bytes, name, nullptr);
  return out;
}

void XptFile::read(std::string_view bytes, const std::string& name, const MappedFile* mapped) {
  version_ = check_start(bytes, name);
  Cursor cursor(bytes, name, version_, mapped);
  if (bytes.size() % xpt_record_bytes != 0) {
    throw cursor.damaged(fmt::format("{} bytes are not a whole number of 80-byte records", bytes.size()));
  }
  cursor.take(3 * xpt_record_bytes, "the library headers");
  while (!cursor.at_end()) {
    XptTable table;
    table.mapped_ = mapped;
    table.member_ = read_member_head(cursor);
    if (version_ == 8) lay_out_in_order(table.member_);
    table.row_bytes_ = check_layout(table.member_, cursor);
    const std::int64_t stated = read_rows_header(cursor);
    const auto room = static_cast<std::int64_t>(bytes.size() - cursor.position());
    const auto row_bytes = static_cast<std::int64_t>(std::max<std::size_t>(1, table.row_bytes_));
    if (stated > room / row_bytes && table.row_bytes_ > 0)
      throw cursor.damaged(fmt::format("{} states {} rows, but there is room for {} only", table.member_.name,
                                       stated, room / row_bytes));
    table.data_ = cursor.take_data(stated > 0 ? static_cast<std::size_t>(stated) * table.row_bytes_ : 0);
    if (table.row_bytes_ == 0 && trimmed(table.data_).size() != 0)
      throw cursor.damaged("rows without variables");
    if (table.row_bytes_ != 0 && !table.count_rows(stated))
      throw cursor.damaged(fmt::format("the last row of {} is cut", table.member_.name));
    tables_.push_back(std::move(table));
  }
}

}  // namespace trialmill::formats
