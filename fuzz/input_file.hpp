// The scanners read files, so an input becomes one: in memory, reachable by path.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace trialmill::fuzz {

class InputFile {
 public:
  /// With `extension`, the path ends so (a link to the file): formats are told by it too.
  InputFile(const std::uint8_t* data, std::size_t size, const std::string& extension = "")
      : descriptor_(::memfd_create("input", 0)), path_("/proc/self/fd/" + std::to_string(descriptor_)) {
    if (descriptor_ < 0 || ::write(descriptor_, data, size) != static_cast<ssize_t>(size)) std::abort();
    if (extension.empty()) return;
    link_ = std::filesystem::temp_directory_path() / ("trialmill-fuzz-" + std::to_string(::getpid()) + extension);
    std::filesystem::remove(link_);
    std::filesystem::create_symlink("/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(descriptor_), link_);
    path_ = link_;
  }
  ~InputFile() {
    ::close(descriptor_);
    std::error_code ignored;
    if (!link_.empty()) std::filesystem::remove(link_, ignored);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  int descriptor_;
  std::filesystem::path path_, link_;
};

}  // namespace trialmill::fuzz
