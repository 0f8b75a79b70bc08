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
  /// Lets the system take back the memory of all bytes before `position`, a place in bytes(); they can be
  /// read again. Passes over large files call it as they go, so memory does not grow with the file. Cheap:
  /// the system is asked once in 16 MiB. Places outside of bytes() are ignored.
  void forget(const char* position) const;

 private:
  std::string read_;
  void* mapped_ = nullptr;
  std::string_view bytes_;
  mutable std::size_t forgotten_ = 0;  ///< bytes given back by the pass that goes on
};

}  // namespace trialmill::formats
