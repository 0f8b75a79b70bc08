// Files of the example study, written as a stream with a small buffer: a million subjects need no more memory
// than twelve.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::demo {

namespace fs = std::filesystem;

/// How a system writes its CSV.
struct Dialect {
  char delimiter = ',';
  bool crlf = false;
  bool byte_order_mark = false;
  bool windows_1252 = false;  ///< only letters below U+0100 are used then
};

class OutputFile {
 public:
  explicit OutputFile(const fs::path& path);
  void write(std::string_view bytes);
  /// Flushes and closes. Like every other writing member it throws Error TM3102 when the disk is full.
  void close();
  std::int64_t rows = 0;  ///< data rows, counted by the writers

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  fs::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
};

class CsvFile {
 public:
  CsvFile(const fs::path& path, const std::vector<std::string>& header, Dialect dialect = {});
  void row(const std::vector<std::string>& fields);
  /// A line exactly as given: for the malformed ones.
  void raw_line(std::string_view line);
  std::int64_t rows() const { return file_.rows; }
  void close() { file_.close(); }

 private:
  void put(const std::vector<std::string>& fields);
  Dialect dialect_;
  OutputFile file_;
  std::string line_;
};

}  // namespace trialmill::demo
