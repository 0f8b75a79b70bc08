// A release folder: written aside, renamed, then made current. Nothing half-done is ever visible.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace trialmill::publish {

struct ReleaseFile {
  std::string path;  ///< below the release, e.g. "xpt/dm.xpt"
  std::string sha256;
  std::uintmax_t bytes = 0;
  std::int64_t rows = 0;
};

/// output/releases/.tmp-PID while it lives; removed by the destructor unless put in place.
class StagingFolder {
 public:
  /// Removes what dead processes left behind, then makes an empty folder.
  explicit StagingFolder(const std::filesystem::path& output);
  ~StagingFolder();
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Hash and size of a finished file.
  ReleaseFile measure(const std::string& file, std::int64_t rows) const;

  /// Makes this folder releases/ID and `current` point to it. A release of that ID whose files still have
  /// their hashes is kept (true); a damaged one is replaced in one step.
  bool put_in_place(const std::string& id, const std::string& manifest,
                    const std::vector<ReleaseFile>& files);

 private:
  std::filesystem::path output_, path_;
};

}  // namespace trialmill::publish
