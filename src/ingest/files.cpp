#include "ingest/files.hpp"

#include <fnmatch.h>

#include <algorithm>

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

std::vector<Delivered> all_files(const fs::path& inbox) {
  std::error_code status;
  if (!fs::is_directory(inbox, status)) {
    throw Error("TM2002", "the inbox folder does not exist", {inbox.string()},
                "study.yaml names it under environments, or it is 'inbox' beside study.yaml");
  }
  std::vector<Delivered> files;
  fs::recursive_directory_iterator at(inbox, status), end;
  for (; !status && at != end; at.increment(status)) {
    if (at->is_regular_file())
      files.push_back({at->path(), fs::relative(at->path(), inbox).generic_string()});
  }
  if (status) throw Error("TM2002", "the inbox cannot be read: " + status.message(), {inbox.string()});
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

}  // namespace

std::vector<Delivered> matched_files(const study::Study& study, const study::Source& source) {
  const auto everything = all_files(study.inbox);
  std::vector<Delivered> found;
  std::vector<std::string> names;
  for (const auto& file : everything) {
    names.push_back(file.name);
    const bool wanted = std::any_of(source.files.begin(), source.files.end(),
                                    [&](const std::string& pattern) { return matches(pattern, file.name); });
    if (wanted) found.push_back(file);
  }
  if (found.empty() && !source.optional) {
    std::string hint = base::did_you_mean(source.files.front(), names);
    if (hint.empty()) hint = "files are looked for below " + study.inbox.string();
    throw Error("TM2001",
                "no file matches '" + base::join(source.files, "', '") + "' of source '" + source.name + "'",
                source.place, hint);
  }
  return found;
}

void keep_object(const study::Layout& layout, const fs::path& file, const std::string& sha256) {
  const fs::path object = layout.objects() / sha256.substr(0, 2) / sha256;
  if (fs::exists(object)) return;
  base::make_folders(object.parent_path());
  fs::path aside = object;
  aside += ".tmp";
  std::error_code status;
  fs::copy_file(file, aside, fs::copy_options::overwrite_existing, status);
  if (!status)
    fs::permissions(aside, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read, status);
  if (!status) fs::rename(aside, object, status);
  if (!status) return;
  fs::remove(aside);
  throw Error("TM1002", "cannot keep the delivered file: " + status.message(), {object.string()},
              "is the disk full? earlier releases are untouched");
}

}  // namespace trialmill::ingest
