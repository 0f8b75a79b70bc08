#include "formats/byte_window.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "base/stop.hpp"

namespace trialmill::formats {

namespace {
constexpr std::size_t block_bytes = 1u << 20;
}

ByteWindow::ByteWindow(const std::filesystem::path& file, std::string name) : name_(std::move(name)) {
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info{};
  if (descriptor_ < 0 || ::fstat(descriptor_, &info) != 0) {
    throw base::Error("TM1001", std::string("cannot read the file: ") + std::strerror(errno), {name_},
                      "check that the user who runs the program may read it");
  }
  if (!S_ISREG(info.st_mode)) {
    ::close(descriptor_);
    throw base::Error("TM1001", "cannot read the file: it is not a regular file", {name_},
                      "deliver a file, not a folder or a pipe");
  }
  // One byte more than a small file has, so that a single read sees its end.
  capacity_ = std::clamp<std::size_t>(static_cast<std::size_t>(info.st_size) + 1, 4096, block_bytes);
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
}

ByteWindow::~ByteWindow() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string_view ByteWindow::grow() {
  base::check_stop();
  const std::size_t kept = end_ - begin_;
  if (kept * 2 > capacity_) {
    const std::size_t wider = std::max(capacity_ * 2, block_bytes);
    auto buffer = std::make_unique_for_overwrite<char[]>(wider);
    std::memcpy(buffer.get(), buffer_.get() + begin_, kept);
    buffer_ = std::move(buffer);
    capacity_ = wider;
  } else if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  }
  begin_ = 0;
  end_ = kept;
  ssize_t got = 0;
  do {
    got = ::read(descriptor_, buffer_.get() + end_, capacity_ - end_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    throw base::Error("TM1001", std::string("cannot read the file: ") + std::strerror(errno), {name_});
  }
  at_end_ = got == 0;
  const std::string_view fresh(buffer_.get() + end_, static_cast<std::size_t>(got));
  hash_.add(fresh);
  bytes_ += got;
  end_ += static_cast<std::size_t>(got);
  return fresh;
}

void ByteWindow::replace_fresh(std::string_view fresh, char from, char to) {
  const auto first = buffer_.get() + (fresh.data() - buffer_.get());
  std::replace(first, first + fresh.size(), from, to);
}

}  // namespace trialmill::formats
