// Reading whole files, and writing so that nothing half-written is ever visible.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace trialmill::base {

namespace fs = std::filesystem;

/// Whole content. Errors: TM1001 (missing, unreadable, a folder); at most bytes_max bytes are read.
std::string read_file(const fs::path& file, std::size_t bytes_max = SIZE_MAX);

/// Writes aside, syncs to disk, renames. Error TM1002; the target is then as it was before.
void write_file_atomically(const fs::path& file, std::string_view content);

/// A file being written aside: visible under its real name only after commit(). The destructor of an
/// uncommitted one removes what was written.
class AtomicFile {
 public:
  explicit AtomicFile(fs::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);  ///< buffered; Error TM1002 when the disk is full
  void overwrite(std::size_t offset, std::string_view bytes);  ///< of what has been written; Error TM1002
  const fs::path& temporary() const { return temporary_; }     ///< for libraries that write by path
  void commit();                                               ///< flush, fsync, rename

 private:
  void flush();
  fs::path target_, temporary_;
  std::string buffer_;
  int descriptor_ = -1;
  bool done_ = false;
};

void make_folders(const fs::path& folder);  ///< Error TM1002
/// fsync of a file or folder that was written by path (libraries). Error TM1002.
void sync_path(const fs::path& path);
/// Points symlink `link` at `target` (relative path text) in one atomic step. Error TM1002.
void switch_symlink(const fs::path& link, const fs::path& target);

}  // namespace trialmill::base
