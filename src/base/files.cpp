#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace trialmill::base {

namespace {

constexpr std::size_t buffer_bytes = 1u << 20;

Error read_error(const fs::path& file, int number) {
  std::string hint;
  if (number == ENOENT) hint = "check the path; the file does not exist";
  if (number == EACCES) hint = "the user who runs the program may not read it";
  if (number == EISDIR) hint = "this is a folder, a file is needed";
  return Error("TM1001", std::string("cannot read the file: ") + std::strerror(number), {file.string()},
               hint);
}

Error write_error(const fs::path& file, int number) {
  std::string hint;
  if (number == ENOSPC || number == EDQUOT) hint = "the disk is full; earlier releases are untouched";
  if (number == EACCES || number == EROFS) hint = "the folder is not writable for this user";
  return Error("TM1002", std::string("cannot write: ") + std::strerror(number), {file.string()}, hint);
}

fs::path temporary_name(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  fs::path name = target;
  name += "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
  return name;
}

void write_all(int descriptor, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw write_error(file, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string read_file(const fs::path& file, std::size_t bytes_max) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw read_error(file, errno);
  struct Closer {
    int descriptor;
    ~Closer() { ::close(descriptor); }
  } closer{descriptor};
  std::string out;
  struct stat info{};
  if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    out.reserve(std::min(bytes_max, static_cast<std::size_t>(info.st_size)));
  }
  std::string chunk(1u << 16, '\0');
  while (out.size() < bytes_max) {
    const ssize_t got = ::read(descriptor, chunk.data(), std::min(chunk.size(), bytes_max - out.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw read_error(file, errno);
    if (got == 0) break;
    out.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return out;
}

void write_file_atomically(const fs::path& file, std::string_view content) {
  AtomicFile out(file);
  out.write(content);
  out.commit();
}

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)), temporary_(temporary_name(target_)) {
  if (target_.has_parent_path()) make_folders(target_.parent_path());
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw write_error(target_, errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!done_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= buffer_bytes) flush();
}

void AtomicFile::overwrite(std::size_t offset, std::string_view bytes) {
  flush();
  if (::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
      static_cast<ssize_t>(bytes.size()))
    throw write_error(target_, errno);
}

void AtomicFile::flush() {
  write_all(descriptor_, buffer_, target_);
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  if (::fsync(descriptor_) != 0 && errno != EINVAL) throw write_error(target_, errno);
  ::close(descriptor_);
  descriptor_ = -1;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) throw write_error(target_, errno);
  done_ = true;
}

void make_folders(const fs::path& folder) {
  std::error_code status;
  fs::create_directories(folder, status);
  if (status) throw write_error(folder, status.value());
}

void sync_path(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw write_error(path, errno);
  const int status = ::fsync(descriptor);
  const int number = errno;
  ::close(descriptor);
  if (status != 0 && number != EINVAL) throw write_error(path, number);
}

void switch_symlink(const fs::path& link, const fs::path& target) {
  const fs::path aside = temporary_name(link);
  if (::symlink(target.c_str(), aside.c_str()) != 0) throw write_error(link, errno);
  if (::rename(aside.c_str(), link.c_str()) != 0) {
    const int number = errno;
    ::unlink(aside.c_str());
    throw write_error(link, number);
  }
  if (link.has_parent_path()) sync_path(link.parent_path());
}

}  // namespace trialmill::base
