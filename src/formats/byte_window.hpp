// A file read forward once, through a window: what is still needed stays in memory, what is done with goes.
// Both scanners of deliveries (CSV, JSON) look ahead in it to judge a record before they take it. Every byte
// that passes is hashed, so the file is read once only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/hash.hpp"

namespace trialmill::formats {

class ByteWindow {
 public:
  /// Error TM1001 (missing, not a regular file, unreadable), shown with `name`. Named pipes are refused:
  /// opening one would wait for a writer for ever.
  ByteWindow(const std::filesystem::path& file, std::string name);
  ~ByteWindow();
  ByteWindow(const ByteWindow&) = delete;
  ByteWindow& operator=(const ByteWindow&) = delete;

  /// The bytes read and not yet consumed. Valid until the next grow().
  std::string_view rest() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  /// Reads on; returns what came in new (the last part of rest()), "" at the end of the file. The memory
  /// taken is at most twice rest() and never under a block. Error TM1001 when reading fails.
  std::string_view grow();
  /// Changes bytes that grow() returned: for files whose lines end with a single CR.
  void replace_fresh(std::string_view fresh, char from, char to);
  bool at_end() const { return at_end_; }

  const std::string& name() const { return name_; }
  std::int64_t bytes() const { return bytes_; }
  /// Of everything read; to be called once, at the end.
  std::string sha256() { return hash_.hex(); }

 private:
  std::string name_;
  int descriptor_ = -1;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
  std::int64_t bytes_ = 0;
  bool at_end_ = false;
  base::Sha256 hash_;
};

}  // namespace trialmill::formats
