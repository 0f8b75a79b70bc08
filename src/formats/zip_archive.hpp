// ZIP archives, read only: the entries of a workbook or an export, unpacked in pieces. Nothing is written to
// disk, so names of entries can do no harm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/mapped_file.hpp"

namespace trialmill::formats {

class ZipArchive {
 public:
  struct Entry {
    std::string name;
    std::uint64_t size = 0, packed_size = 0;
    std::uint32_t crc = 0;
    std::uint16_t method = 0;  ///< 0 stored, 8 deflated
    bool encrypted = false;
    std::uint64_t header = 0;  ///< place of its local header
  };

  /// Reads the central directory (ZIP and ZIP64; APPNOTE 6.3). Errors: TM1001; TM1320: no archive, or a
  /// damaged one.
  explicit ZipArchive(const std::filesystem::path& file);

  const std::vector<Entry>& entries() const { return entries_; }
  /// The entry of that name (case ignored), or nullptr.
  const Entry* find(std::string_view name) const;

  /// Unpacks the entry piece by piece; `take` returns false to stop. Size and checksum are checked at the
  /// end: Error TM1320 names the entry. What was given before must then be thrown away. Error TM1321:
  /// encrypted or packed in another way.
  void read(const Entry& entry, const std::function<bool(std::string_view)>& take) const;
  /// The whole entry; Error TM1320 if it is larger than `bytes_max`.
  std::string read(const Entry& entry, std::size_t bytes_max) const;

 private:
  [[noreturn]] void damaged(const std::string& what, const std::string& entry = "") const;
  std::uint64_t number(std::uint64_t offset, int size) const;
  void read_directory();
  void read_zip64(std::uint64_t extra, std::uint64_t length, Entry& entry) const;
  std::string_view packed(const Entry& entry) const;

  std::string place_;
  MappedFile file_;
  std::string_view bytes_;
  std::vector<Entry> entries_;
};

}  // namespace trialmill::formats
