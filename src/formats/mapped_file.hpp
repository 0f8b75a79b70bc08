// A whole file as bytes without reading it into memory: the system brings in the pages that are looked at.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace trialmill::formats {

class MappedFile {
 public:
  /// Error TM1001 (missing, a folder, unreadable). What cannot be mapped (pipes) is read.
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }
  /// Lets the system take back the memory of all bytes before `offset`; they can be read again. For one pass
  /// over a large file.
  void forget(std::size_t offset) const;

 private:
  std::string read_;
  void* mapped_ = nullptr;
  std::string_view bytes_;
};

}  // namespace trialmill::formats
