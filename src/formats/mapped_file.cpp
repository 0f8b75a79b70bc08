#include "formats/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "base/files.hpp"

namespace trialmill::formats {

MappedFile::MappedFile(const std::filesystem::path& file) {
  base::read_file(file, 1);  // the usual errors for missing and unreadable files
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info{};
  if (descriptor >= 0 && ::fstat(descriptor, &info) == 0 && info.st_size > 0) {
    const auto size = static_cast<std::size_t>(info.st_size);
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapped != MAP_FAILED) {
      mapped_ = mapped;
      bytes_ = {static_cast<const char*>(mapped), size};
    }
  }
  if (descriptor >= 0) ::close(descriptor);
  if (mapped_ == nullptr) {
    read_ = base::read_file(file);
    bytes_ = read_;
  }
}

void MappedFile::forget(const char* position) const {
  constexpr std::size_t step = 16U << 20U;  // each call costs a walk over the pages
  const char* start = bytes_.data();
  if (mapped_ == nullptr || std::less<>{}(position, start) || std::less<>{}(start + bytes_.size(), position))
    return;
  const std::size_t whole = static_cast<std::size_t>(position - start) / step * step;
  if (whole < forgotten_) forgotten_ = 0;  // another pass has begun
  if (whole == forgotten_) return;
  ::madvise(static_cast<char*>(mapped_) + forgotten_, whole - forgotten_, MADV_DONTNEED);
  forgotten_ = whole;
}

MappedFile::~MappedFile() {
  if (mapped_ != nullptr) ::munmap(mapped_, bytes_.size());
}

}  // namespace trialmill::formats
