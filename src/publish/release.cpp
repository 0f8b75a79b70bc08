#include "publish/release.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"

namespace trialmill::publish {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view staging_prefix = ".tmp-";

bool process_is_dead(std::string_view text) {
  int process = 0;
  std::from_chars(text.data(), text.data() + text.size(), process);
  if (process <= 0) return true;
  return process == ::getpid() || (::kill(process, 0) != 0 && errno == ESRCH);
}

/// Folders .tmp-PID and links current.PID-n.tmp of processes that no longer run.
void remove_leftovers(const fs::path& output) {
  std::vector<fs::path> dead;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(output / "releases", ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(staging_prefix) &&
        process_is_dead(std::string_view(name).substr(staging_prefix.size()))) {
      dead.push_back(entry.path());
    }
  }
  for (const auto& entry : fs::directory_iterator(output, ignored)) {
    const std::string name = entry.path().filename();
    constexpr std::string_view link = "current.";
    if (name.starts_with(link) && name.ends_with(".tmp") &&
        process_is_dead(std::string_view(name).substr(link.size()))) {
      dead.push_back(entry.path());
    }
  }
  for (const auto& path : dead) fs::remove_all(path, ignored);
}

bool is_intact(const fs::path& folder, const std::string& manifest, const std::vector<ReleaseFile>& files) {
  try {
    if (base::read_file(folder / "manifest.json") != manifest) return false;
    for (const auto& file : files) {
      if (base::sha256_of_file(folder / file.path) != file.sha256) return false;
    }
    return true;
  } catch (const base::Error&) {
    return false;
  }
}

base::Error rename_error(const fs::path& path) {
  return base::Error("TM1002", std::string("cannot put the release in place: ") + std::strerror(errno),
                     {path.string()});
}

}  // namespace

StagingFolder::StagingFolder(const fs::path& output)
    : output_(output),
      path_(output / "releases" / (std::string(staging_prefix) + std::to_string(::getpid()))) {
  base::make_folders(output_ / "releases");
  remove_leftovers(output_);
  base::make_folders(path_);
}

StagingFolder::~StagingFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

ReleaseFile StagingFolder::measure(const std::string& file, std::int64_t rows) const {
  const fs::path full = path_ / file;
  return {file, base::sha256_of_file(full), fs::file_size(full), rows};
}

bool StagingFolder::put_in_place(const std::string& id, const std::string& manifest,
                                 const std::vector<ReleaseFile>& files) {
  const fs::path target = output_ / "releases" / id;
  base::write_file_atomically(path_ / "manifest.json", manifest);
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.is_directory()) base::sync_path(entry.path());
  }
  base::sync_path(path_);
  const bool exists = fs::symlink_status(target).type() != fs::file_type::not_found;
  const bool reused = exists && is_intact(target, manifest, files);
  if (exists && !reused) {
    // Exchange in one step: `current` may point here, and readers must not find a gap. The damaged one is
    // then under the staging name and goes with it.
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) != 0) {
      throw rename_error(target);
    }
  } else if (!exists && ::rename(path_.c_str(), target.c_str()) != 0) {
    throw rename_error(target);
  }
  base::sync_path(target.parent_path());
  std::error_code status;
  const fs::path current = output_ / "current", wanted = fs::path("releases") / id;
  if (fs::read_symlink(current, status) != wanted) base::switch_symlink(current, wanted);
  return reused;
}

}  // namespace trialmill::publish
