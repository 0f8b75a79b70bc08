#include "ingest/files.hpp"
#include "ingest/pull.hpp"

#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace trialmill::ingest {

namespace fs = std::filesystem;
using base::Error;

namespace {

/// ** crosses folders, * and ? do not.
bool matches(const std::string& pattern, const std::string& name) {
  const int flags = pattern.find("**") == std::string::npos ? FNM_PATHNAME | FNM_PERIOD : 0;
  return fnmatch(base::replace_all(pattern, "**", "*").c_str(), name.c_str(), flags) == 0;
}

}  // namespace

std::vector<Delivered> inbox_files(const study::Study& study) {
  const fs::path& inbox = study.inbox;
  std::error_code status;
  if (!fs::is_directory(inbox, status)) {
    throw Error("TM2002",
                status && status != std::errc::no_such_file_or_directory
                    ? "the inbox cannot be read: " + status.message()
                    : "the inbox folder does not exist",
                {inbox.string()},
                "study.yaml names it under environments, or it is 'inbox' beside study.yaml");
  }
  const std::size_t prefix = (inbox / "").native().size();
  std::vector<Delivered> files;
  fs::path at_folder = inbox;
  fs::recursive_directory_iterator at(inbox, status), end;
  for (; !status && at != end; at.increment(status)) {
    at_folder = at->path();
    std::error_code unknown;  // a link to nowhere or to itself: not a file
    if (at->is_regular_file(unknown)) files.push_back({at->path(), at->path().native().substr(prefix)});
  }
  if (status) {
    throw Error("TM2002", "a folder of the inbox cannot be read: " + status.message(), {at_folder.string()},
                "the user who runs the program needs the right to list it");
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

std::vector<Delivered> matched_files(const study::Study& study, const study::Source& source,
                                     const std::vector<Delivered>& everything) {
  if (source.api) return pulled_files(study, source);
  std::vector<Delivered> found;
  for (const auto& file : everything) {
    if (std::any_of(source.files.begin(), source.files.end(),
                    [&](const std::string& pattern) { return matches(pattern, file.name); })) {
      found.push_back(file);
    }
  }
  if (found.empty() && !source.optional) {
    std::vector<std::string> names;
    for (const auto& file : everything) names.push_back(file.name);
    std::string hint = base::did_you_mean(source.files.front(), names);
    if (hint.empty()) hint = "files are looked for below " + study.inbox.string();
    throw Error("TM2001",
                "no file matches '" + base::join(source.files, "', '") + "' of source '" + source.name + "'",
                source.place, hint);
  }
  return found;
}

std::string file_state(const fs::path& file) {
  struct stat info{};
  ::stat(file.c_str(), &info);
  return std::to_string(info.st_size) + " " + std::to_string(info.st_ino) + " " +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

bool is_reserved_column(const std::string& name) {
  const std::string lower = base::to_lower(name);
  return lower == "_file" || lower == "_row" || lower == "_part" || lower == "_path" || lower == "_gone" ||
         lower == "_reason";
}

void keep_object(const study::Layout& layout, const fs::path& file, const std::string& sha256) {
  const fs::path object = layout.objects() / sha256.substr(0, 2) / sha256;
  if (fs::exists(object)) return;
  static std::atomic<unsigned> counter{0};
  base::make_folders(object.parent_path());
  fs::path aside = object;
  aside += "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
  std::error_code status;
  fs::copy_file(file, aside, fs::copy_options::overwrite_existing, status);
  if (!status)
    fs::permissions(aside, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read, status);
  if (!status) fs::rename(aside, object, status);
  if (!status) return;
  std::error_code ignored;
  fs::remove(aside, ignored);
  throw Error("TM1002", "cannot keep the delivered file: " + status.message(), {object.string()},
              "is the disk full? earlier releases are untouched");
}

}  // namespace trialmill::ingest
