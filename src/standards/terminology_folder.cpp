#include "standards/terminology_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <tuple>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "standards/terminology_import.hpp"
#include "standards/terminology_text.hpp"

namespace trialmill::standards {

namespace fs = std::filesystem;

namespace {

constexpr const char* extension = ".ct";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) == 8;
}

bool is_file(const fs::path& path) {
  std::error_code problem;
  return fs::is_regular_file(path, problem);
}

/// An installed file or a published one.
std::shared_ptr<const Package> read_any(const fs::path& file) {
  const std::string start = base::read_file(file, ct_text::signature.size());
  if (start == ct_text::signature) return Package::from_text(base::read_file(file), file.string());
  return read_published_terminology(file, {.standard = {}, .name = {}, .only_read = true}).package;
}

}  // namespace

fs::path default_terminology_folder() {
  if (const std::string own = environment("TRIALMILL_CT"); !own.empty()) return own;
  if (const std::string data = environment("XDG_DATA_HOME"); !data.empty())
    return fs::path(data) / "trialmill" / "ct";
  const std::string home = environment("HOME");
  return fs::path(home.empty() ? "." : home) / ".local" / "share" / "trialmill" / "ct";
}

PackageFolder::PackageFolder(fs::path folder) : folder_(std::move(folder)) {}

fs::path PackageFolder::file_of(const std::string& name) const {
  return folder_ / (name + extension);
}

std::vector<std::string> PackageFolder::names() const {
  std::vector<std::string> out;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder_, problem)) {
    if (entry.path().extension() == extension) out.push_back(entry.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<PackageInfo> PackageFolder::list() const {
  std::vector<PackageInfo> out;
  for (const std::string& name : names()) out.push_back(read_package_info(file_of(name)));
  std::sort(out.begin(), out.end(), [](const PackageInfo& a, const PackageInfo& b) {
    return std::tie(a.standard, a.date, a.name) < std::tie(b.standard, b.date, b.name);
  });
  return out;
}

base::Error PackageFolder::unknown(const std::string& choice) const {
  const std::vector<std::string> known = names();
  std::string hint = base::did_you_mean(choice, known);
  if (!hint.empty()) hint += " ";
  hint += known.empty() ? "nothing is installed in " + folder_.string() + "; see: trialmill ct import --help"
                        : "installed in " + folder_.string() + ": " + base::join(known, ", ");
  return base::usage_error("TM1434", "no terminology package '" + choice + "'", {}, hint);
}

std::shared_ptr<const Package> PackageFolder::load(const std::string& name) const {
  const std::vector<std::string> known = names();
  if (std::find(known.begin(), known.end(), name) == known.end()) throw unknown(name);
  return Package::from_text(base::read_file(file_of(name)), file_of(name).string());
}

void PackageFolder::install(const Package& package) const {
  base::make_folders(folder_);
  base::write_file_atomically(file_of(package.info().name), package.text());
}

void PackageFolder::remove(const std::string& name) const {
  const std::vector<std::string> known = names();
  if (std::find(known.begin(), known.end(), name) == known.end()) throw unknown(name);
  std::error_code problem;
  fs::remove(file_of(name), problem);
  if (problem) throw base::Error("TM1002", problem.message(), {file_of(name).string()});
}

Terminology PackageFolder::choose(const std::vector<std::string>& choices) const {
  std::vector<std::shared_ptr<const Package>> chosen;
  const std::vector<std::string> known = names();
  for (const std::string& choice : choices) {
    const std::size_t before = chosen.size();
    if (std::find(known.begin(), known.end(), choice) != known.end()) {
      chosen.push_back(load(choice));
    } else if (is_date(choice)) {
      for (const PackageInfo& info : list()) {
        if (info.date == choice) chosen.push_back(load(info.name));
      }
    } else if (is_file(choice)) {
      chosen.push_back(read_any(choice));
    }
    if (chosen.size() == before) throw unknown(choice);
  }
  return Terminology(std::move(chosen));
}

}  // namespace trialmill::standards
