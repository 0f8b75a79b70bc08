#include "demo/demo.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "demo/diaries.hpp"
#include "demo/dirt.hpp"
#include "demo/edc.hpp"
#include "demo/lab.hpp"
#include "demo/output.hpp"
#include "demo/study_text.hpp"
#include "demo/subject.hpp"
#include "demo/wearables.hpp"

namespace trialmill::demo {

namespace {

/// First line of the study.yaml that the example writes: tells its own folders from others.
constexpr std::string_view mark = "# VEXIN-03, the example study of trialmill";

enum class Target { absent, empty, example, foreign };

Target look_at(const fs::path& folder) {
  if (!fs::exists(folder)) return Target::absent;
  if (!fs::is_directory(folder)) return Target::foreign;
  if (fs::is_empty(folder)) return Target::empty;
  const fs::path study = folder / "study.yaml";
  return fs::is_regular_file(study) && base::read_file(study, mark.size()) == mark ? Target::example
                                                                                   : Target::foreign;
}

/// A folder that disappears unless its content was moved out.
class Aside {
 public:
  explicit Aside(fs::path path) : path_(std::move(path)) { base::make_folders(path_); }
  ~Aside() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Result write_inbox(const fs::path& inbox, const Options& options, DirtLog& dirt,
                   const std::function<void(double)>& progress) {
  Edc edc(inbox, dirt);
  Lab lab(inbox, dirt);
  Diaries diaries(inbox, dirt);
  Wearables wearables(inbox);
  for (std::int64_t index = 0; index < options.subjects; ++index) {
    if (index % 256 == 0) {
      base::check_stop();
      if (progress) progress(static_cast<double>(index) / static_cast<double>(options.subjects));
    }
    const Subject subject = make_subject(options.seed, index);
    edc.write(subject);
    lab.write(subject);
    diaries.write(subject);
    wearables.write(subject);
  }
  edc.close();
  lab.close();
  diaries.close();
  return {edc.rows(), lab.rows(), diaries.rows(), wearables.rows()};
}

void write_texts(const fs::path& folder, const Options& options, const Result& result, const DirtLog& dirt) {
  for (const auto& [path, content] : study_texts()) {
    std::string text(content);
    if (path == "README.md") {
      text = base::replace_all(text, "{{SUBJECTS}}", base::thousands(options.subjects));
      text = base::replace_all(text, "{{SEED}}", std::to_string(options.seed));
      text = base::replace_all(text, "{{EDC_ROWS}}", base::thousands(result.edc_rows));
      text = base::replace_all(text, "{{LAB_ROWS}}", base::thousands(result.lab_rows));
      text = base::replace_all(text, "{{DIARY_ROWS}}", base::thousands(result.diary_rows));
      text = base::replace_all(text, "{{WEARABLE_ROWS}}", base::thousands(result.wearable_rows));
      text = base::replace_all(text, "{{DIRT}}", dirt.table());
      text = base::replace_all(text, "{{FINDINGS}}", dirt.expected_findings());
    }
    OutputFile file(folder / path);
    file.write(text);
    file.close();
  }
}

/// Moves every entry of `from` to the same name in `to`; what was there is removed afterwards.
void move_entries(const fs::path& from, const fs::path& to) {
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(from)) names.push_back(entry.path().filename());
  const fs::path old = from / ".old";
  base::make_folders(old);
  for (const auto& name : names) {
    if (fs::exists(to / name)) fs::rename(to / name, old / name);
    fs::rename(from / name, to / name);
  }
}

}  // namespace

Result write_study(const Options& options, const std::function<void(double)>& progress) {
  if (options.subjects < 1 || options.subjects > 1'000'000) {
    throw base::usage_error("TM3103",
                            fmt::format("--subjects is {}, not between 1 and 1,000,000", options.subjects));
  }
  fs::path folder = fs::absolute(options.folder).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // a trailing slash
  const Target target = look_at(folder);
  if (target == Target::foreign && (!options.overwrite || !fs::is_directory(folder))) {
    throw base::usage_error("TM3101", "the folder holds something that is not the example study",
                            {options.folder.string(), 0, 0}, "choose another folder, or give --overwrite");
  }
  // Beside a new folder, so that it appears at once; inside one that is there, which may be a mount point.
  const std::string suffix = fmt::format(".writing-{}", ::getpid());
  const fs::path hidden = "." + folder.filename().string() + suffix;
  try {
    const Aside aside(target == Target::absent ? folder.parent_path() / hidden : folder / hidden);
    DirtLog dirt;
    const Result result = write_inbox(aside.path() / "inbox", options, dirt, progress);
    write_texts(aside.path(), options, result, dirt);
    if (target == Target::absent) {
      fs::rename(aside.path(), folder);
    } else {
      move_entries(aside.path(), folder);
    }
    return result;
  } catch (const fs::filesystem_error& problem) {
    throw base::Error("TM3102", problem.what(), {folder.string(), 0, 0}, "check free space and permissions");
  }
}

}  // namespace trialmill::demo
