#include "ingest/pull.hpp"

#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "ingest/http.hpp"

namespace trialmill::ingest {
namespace {

namespace fs = std::filesystem;

constexpr double wait_max = 60;
constexpr const char* failed = ".failed";

fs::path folder_of(const study::Study& study, const study::Source& source) {
  return study.lake / "raw" / "api" / source.name;
}

/// Complete pulls by time.
std::vector<fs::path> pulls_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(folder, status)) {
    if (entry.is_directory() && entry.path().filename().string()[0] != '.') out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<fs::path> files_of(const fs::path& pull, const std::string& prefix) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(pull)) {
    if (entry.path().filename().string().starts_with(prefix)) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string number_text(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

class Pull {
 public:
  Pull(study::Context& context, const study::Source& source)
      : context_(context),
        source_(source),
        api_(source.api),
        folder_(folder_of(context.study, source)),
        aside_(folder_ / (".tmp-" + std::to_string(::getpid()))) {}
  /// Pages of a pull that failed are kept to be looked at, those of the last one only.
  ~Pull() {
    std::error_code ignored;
    if (fs::exists(aside_ / ("page-" + number_text(1) + ".json"), ignored)) {
      fs::remove_all(folder_ / failed, ignored);
      fs::rename(aside_, folder_ / failed, ignored);
    }
    fs::remove_all(aside_, ignored);
  }
  Pull(const Pull&) = delete;
  Pull& operator=(const Pull&) = delete;

  void run() {
    remove_leftovers();
    base::make_folders(aside_);
    const std::string start = expanded(api_.url);
    std::string url = first_url(start);
    std::set<std::string> seen;
    base::Sha256 hash;
    while (!url.empty()) {
      base::check_stop();
      if (!seen.insert(url).second) endless("the same page came again");
      if (seen.size() > static_cast<std::size_t>(api_.pages_max))
        endless("more than " + std::to_string(api_.pages_max) + " pages (pages_max)");
      if (host_of(url) != host_of(start)) endless("the next page is on another host: " + host_of(url));
      const HttpAnswer answer = fetch(url);
      hash.add_part(answer.body);
      url = store(answer, start, seen.size());
    }
    put_in_place(hash.hex());
  }

 private:
  /// Unfinished pulls of processes that are gone.
  void remove_leftovers() const {
    std::error_code status;
    for (const auto& entry : fs::directory_iterator(folder_, status)) {
      if (entry.path().filename().string().starts_with(".tmp-")) fs::remove_all(entry.path(), status);
    }
  }

  std::string expanded(std::string text) const {
    for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos;) {
      const auto close = text.find('}', at);
      const std::string name = text.substr(at + 2, close == std::string::npos ? close : close - at - 2);
      const char* value = std::getenv(name.c_str());
      if (close == std::string::npos || value == nullptr) {
        throw base::usage_error(
            "TM2020", "the environment variable " + name + " of source '" + source_.name + "' is not set",
            api_.place, "set it before the run, or run with --offline");
      }
      text.replace(at, close - at + 1, value);
      at += std::string(value).size();
    }
    return text;
  }

  std::string sized(const std::string& url) const {
    return api_.size_parameter.empty() ? url
                                       : with_parameter(url, api_.size_parameter, std::to_string(api_.size));
  }

  std::string first_url(const std::string& start) const {
    const bool counted = api_.page == "number" || api_.page == "offset";
    return counted ? with_parameter(sized(start), api_.parameter, std::to_string(api_.first)) : sized(start);
  }

  [[noreturn]] void endless(const std::string& what) const {
    throw base::Error(
        "TM2023", "pulling '" + source_.name + "': " + what, api_.place,
        "check `page`, `cursor` and `parameter` of the source; what was pulled before is still used");
  }

  std::vector<std::string> headers() const {
    std::vector<std::string> out{"Accept: application/json"};
    if (!api_.token.empty())
      out.push_back(base::replace_all(expanded(api_.header), "{token}", expanded(api_.token)));
    return out;
  }

  /// Asks until there is an answer: again after no answer, 429 and 5xx, waiting twice as long each time.
  HttpAnswer fetch(const std::string& url) const {
    HttpAnswer answer;
    for (long long attempt = 1;; ++attempt) {
      answer = http_get(url, headers(), api_.timeout);
      if (answer.status >= 200 && answer.status < 300) return answer;
      const bool again = answer.status == 0 || answer.status == 429 || answer.status >= 500;
      if (!again || attempt >= api_.attempts) break;
      pause(attempt, answer);
    }
    std::string what = answer.status == 0 ? answer.problem : "HTTP " + std::to_string(answer.status);
    std::string hint = "what was pulled before is still used with --offline";
    if (answer.status == 401 || answer.status == 403) hint = "is the token right and still valid?";
    if (answer.status >= 300 && answer.status < 400)
      hint = "redirects are not followed; write the final address as url";
    throw base::Error("TM2021", "pulling '" + source_.name + "' from " + without_query(url) + ": " + what,
                      api_.place, hint);
  }

  void pause(long long attempt, const HttpAnswer& answer) const {
    double seconds = api_.wait * static_cast<double>(1LL << std::min<long long>(attempt - 1, 20));
    const auto asked = answer.headers.find("retry-after");
    if (asked != answer.headers.end())
      seconds = std::max(seconds, std::strtod(asked->second.c_str(), nullptr));
    // Some more or less, so that many clients do not come back together.
    static thread_local std::mt19937 random{std::random_device{}()};
    seconds = std::min(seconds, wait_max) * std::uniform_real_distribution<double>(0.8, 1.2)(random);
    for (double waited = 0; waited < seconds; waited += 0.05) {
      base::check_stop();
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(0.05, seconds - waited)));
    }
  }

  /// Writes page and records; returns the URL of the next page, "" at the end.
  std::string store(const HttpAnswer& answer, const std::string& start, std::size_t number) {
    base::write_file_atomically(aside_ / ("page-" + number_text(number) + ".json"), answer.body);
    simdjson::dom::element page;
    if (const auto error = parser_.parse(answer.body).get(page))
      unusable(number, std::string("no valid JSON: ") + simdjson::error_message(error));
    simdjson::dom::array records;
    if (at(page, api_.items).get(records))
      unusable(number, api_.items.empty() ? "it is not an array; name the array's path in `items`"
                                          : "no array at '" + api_.items + "'");
    records_ += records.size();
    // An empty page ends the paging; it is no empty delivery.
    if (records.size() > 0 || number == 1)
      base::write_file_atomically(aside_ / ("records-" + number_text(number) + ".json"),
                                  records_text(answer.body, records));
    if (context_.progress)
      context_.progress(0, source_.name + ": page " + std::to_string(number) + ", " +
                               base::thousands(static_cast<std::int64_t>(records_)) + " records");
    return next_url(page, answer, start, number, records.size());
  }

  /// The records one by one; what the page says beside them is kept in the page only.
  static std::string records_text(const std::string&, const simdjson::dom::array& records) {
    std::string out = "[";
    for (const auto record : records)
      out += (out.size() > 1 ? ",\n" : "\n") + simdjson::minify(simdjson::dom::element(record));
    return out + "\n]\n";
  }

  [[noreturn]] void unusable(std::size_t number, const std::string& what) const {
    throw base::Error("TM2022",
                      "page " + std::to_string(number) + " of '" + source_.name + "' cannot be used: " + what,
                      api_.place,
                      "see what the service sent: " +
                          (folder_ / failed / ("page-" + number_text(number) + ".json")).string());
  }

  static simdjson::simdjson_result<simdjson::dom::element> at(simdjson::dom::element page,
                                                              const std::string& path) {
    if (path.empty()) return page;
    return page.at_pointer("/" + base::replace_all(path, ".", "/"));
  }

  std::string next_url(simdjson::dom::element page, const HttpAnswer& answer, const std::string& start,
                       std::size_t number, std::size_t records) const {
    if (api_.page == "link") {
      const auto link = answer.headers.find("link");
      return link == answer.headers.end() ? "" : absolute(next_of_link(link->second), start);
    }
    if (api_.page == "number" || api_.page == "offset") {
      const bool last =
          records == 0 || (!api_.size_parameter.empty() && static_cast<long long>(records) < api_.size);
      if (last) return "";
      const auto next = api_.page == "number" ? api_.first + static_cast<long long>(number)
                                              : api_.first + static_cast<long long>(records_);
      return with_parameter(sized(start), api_.parameter, std::to_string(next));
    }
    if (api_.page == "none") return "";
    simdjson::dom::element found;
    if (at(page, api_.cursor).get(found) || found.is_null()) return "";
    std::string_view text;
    const std::string next = found.get(text) ? simdjson::minify(found) : std::string(text);
    if (next.empty() || next == "false") return "";
    return api_.page == "next" ? absolute(next, start) : with_parameter(sized(start), api_.parameter, next);
  }

  static std::string absolute(const std::string& url, const std::string& start) {
    return url.starts_with("/") ? host_of(start) + url : url;
  }

  void put_in_place(const std::string& hash) {
    base::write_file_atomically(aside_ / "sha256", hash);
    const auto before = pulls_in(folder_);
    if (!before.empty() && fs::exists(before.back() / "sha256") &&
        base::read_file(before.back() / "sha256") == hash) {
      std::error_code ignored;
      fs::remove_all(aside_, ignored);
      return;
    }
    std::string name = base::utc_now();
    std::erase_if(name, [](char c) { return c == ':' || c == '-'; });
    while (fs::exists(folder_ / name)) name += "a";
    base::sync_path(aside_);
    fs::rename(aside_, folder_ / name);
  }

  study::Context& context_;
  const study::Source& source_;
  const study::ApiSource& api_;
  const fs::path folder_, aside_;
  simdjson::dom::parser parser_;
  std::size_t records_ = 0;
};

}  // namespace

void pull_sources(study::Context& context) {
  if (context.study.offline) return;
  for (const auto& source : context.study.sources) {
    if (source.api) Pull(context, source).run();
  }
}

std::vector<Delivered> pulled_files(const study::Study& study, const study::Source& source) {
  std::vector<Delivered> out;
  auto pulls = pulls_in(folder_of(study, source));
  if (source.api.newest_only && !pulls.empty()) pulls = {pulls.back()};
  for (const auto& pull : pulls) {
    for (const auto& file : files_of(pull, "records-"))
      out.push_back(
          {file, "api/" + source.name + "/" + pull.filename().string() + "/" + file.filename().string()});
  }
  if (out.empty() && !source.optional) {
    throw base::Error("TM2001", "nothing was pulled for source '" + source.name + "' yet", source.place,
                      "run without --offline");
  }
  return out;
}

}  // namespace trialmill::ingest
