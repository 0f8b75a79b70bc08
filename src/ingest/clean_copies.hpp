// Scratch CSV files for records that the engine cannot read from the delivered file itself: because the file
// is not CSV, or holds something irregular. Files with the same columns share one copy, each record with its
// part and number in front; so ten thousand small deliveries become one file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::ingest {

struct CleanCopy {
  std::string source;
  std::vector<std::string> columns;
  char delimiter = ',';
  std::filesystem::path path;
  int first_part = 0, last_part = -1;
  int parts = 0;  ///< how many files have records here
  bool multiline = false;
  std::size_t longest = 0;  ///< bytes of the longest record
};

/// Not for use by several threads at once: each worker has its own.
class CleanCopies {
 public:
  /// Copies are written to `folder` (which must be there) under names that begin with `prefix`.
  CleanCopies(std::filesystem::path folder, std::string prefix)
      : folder_(std::move(folder)), prefix_(std::move(prefix)) {}

  /// Chooses where the records that follow belong.
  void select(const std::string& source, int part, char delimiter, const std::vector<std::string>& columns);
  /// A record that is proper CSV already, without line end.
  void add_line(std::int64_t row, std::string_view line, bool multiline);
  /// A record as fields; quoted as needed. Its number of fields must be that of the columns.
  void add_fields(std::int64_t row, const std::vector<std::string>& fields);

  /// Writes what is still in memory. Error TM1002.
  void flush();
  std::vector<CleanCopy> copies() const;
  const std::filesystem::path& folder() const { return folder_; }
  const std::string& prefix() const { return prefix_; }

 private:
  struct Open {
    CleanCopy copy;
    std::string buffer;
  };
  void added(std::size_t bytes, bool multiline);

  std::filesystem::path folder_;
  std::string prefix_;
  std::map<std::string, Open> open_;
  Open* at_ = nullptr;
  int part_ = 0;
  std::size_t buffered_ = 0;
};

}  // namespace trialmill::ingest
