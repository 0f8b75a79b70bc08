// Reads SAS transport files, versions 5 and 8: several members, any order of values in a row, short numbers,
// missing codes. Made for files from outside: whatever contradicts itself is Error TM1302, never a shorter
// table.
//
//   XptFile file = XptFile::open("dm.xpt");
//   for (const XptTable& table : file.tables())
//     for (std::size_t row = 0; row < table.rows(); ++row) … table.text(row, 0), table.number(row, 1) …
#pragma once

#include <bit>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/mapped_file.hpp"
#include "formats/xpt.hpp"

namespace trialmill::formats {

/// One member. Views point into the file, so the XptFile must live longer.
class XptTable {
 public:
  const XptMember& member() const { return member_; }
  std::size_t rows() const { return rows_; }
  /// Text value without its padding (trailing blanks and NULs).
  std::string_view text(std::size_t row, std::size_t column) const;
  XptNumber number(std::size_t row, std::size_t column) const;
  /// Values of rows first … first + count - 1 of one column, text and number: `take(i, value)` with i from 0.
  template <class Take>
  void each_text(std::size_t column, std::size_t first, std::size_t count, const Take& take) const;
  template <class Take>
  void each_number(std::size_t column, std::size_t first, std::size_t count, const Take& take) const;
  /// The rows before `row` are not needed soon: the memory of a mapped file is given back.
  void forget(std::size_t row) const;
  /// Rows at the end that are blank and lie within the padding of the last record: the format cannot say
  /// whether they are rows. They are not counted in rows().
  std::size_t blank_rows_dropped() const { return dropped_; }

 private:
  friend class XptFile;
  std::string_view cell(std::size_t row, std::size_t column) const;
  /// `stated`: rows by the header, -1 if it does not say. False if the last row is cut.
  bool count_rows(std::int64_t stated);
  XptMember member_;
  std::string_view data_;
  std::size_t row_bytes_ = 0, rows_ = 0, dropped_ = 0;
  const MappedFile* mapped_ = nullptr;
};

template <class Take>
void XptTable::each_text(std::size_t column, std::size_t first, std::size_t count, const Take& take) const {
  const auto length = static_cast<std::size_t>(member_.columns[column].length);
  const char* at = cell(first, column).data();
  for (std::size_t i = 0; i < count; ++i, at += row_bytes_) {
    std::size_t size = length;
    while (size > 0 && (at[size - 1] == ' ' || at[size - 1] == '\0')) --size;
    take(i, std::string_view(at, size));
  }
}

template <class Take>
void XptTable::each_number(std::size_t column, std::size_t first, std::size_t count, const Take& take) const {
  const std::string_view start = cell(first, column);
  const char* at = start.data();
  for (std::size_t i = 0; i < count; ++i, at += row_bytes_) {
    if (start.size() == 8) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, at, 8);
      take(i, from_ibm_bits(std::endian::native == std::endian::little ? __builtin_bswap64(bits) : bits));
    } else {
      take(i, from_ibm({at, start.size()}));
    }
  }
}

class XptFile {
 public:
  /// Maps the file into memory. Errors: TM1001 unreadable, TM1301 not a transport file, TM1302 damaged.
  static XptFile open(const std::filesystem::path& file);
  /// The same for bytes at hand; `name` is shown in errors.
  static XptFile parse(std::string bytes, const std::string& name);

  ~XptFile();
  XptFile(XptFile&&) noexcept;
  XptFile& operator=(XptFile&&) noexcept;

  int version() const { return version_; }  ///< 5 or 8
  const std::vector<XptTable>& tables() const { return tables_; }

 private:
  struct Storage;
  XptFile();
  void read(std::string_view bytes, const std::string& name, const MappedFile* mapped);
  std::unique_ptr<Storage> storage_;
  std::vector<XptTable> tables_;
  int version_ = 5;
};

}  // namespace trialmill::formats
