#include "workflow/alert.hpp"

#include <curl/curl.h>

#include <cstdlib>
#include <fstream>
#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace trialmill::workflow {

namespace {

namespace fs = std::filesystem;

/// ${NAME} from the environment; a name that is not set is an error, not an empty text.
std::string expanded(const std::string& target) {
  std::string out;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const std::size_t end = target.compare(i, 2, "${") == 0 ? target.find('}', i) : std::string::npos;
    if (end == std::string::npos) {
      out += target[i];
      continue;
    }
    const std::string name = target.substr(i + 2, end - i - 2);
    const char* value = std::getenv(name.c_str());
    if (!value) throw base::Error("TM2820", "the environment variable " + name + " is not set");
    out += value;
    i = end;
  }
  return out;
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

void post(const std::string& url, const std::string& body) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"), curl_slist_free_all);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, drop);
  const CURLcode status = curl_easy_perform(curl.get());
  if (status != CURLE_OK) throw base::Error("TM2820", curl_easy_strerror(status));
  long code = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  if (code >= 300) throw base::Error("TM2820", "the server answered " + std::to_string(code));
}

void append_line(const fs::path& file, const std::string& line) {
  if (file.has_parent_path()) base::make_folders(file.parent_path());
  std::ofstream out(file, std::ios::app | std::ios::binary);
  out << line << "\n";
  if (!out.flush()) throw base::Error("TM2820", "cannot write " + file.string());
}

std::string one_line(const std::string& text) {
  return base::replace_all(base::replace_all(text, "\r", " "), "\n", " ");
}

void send(const study::Study& study, const study::Alert& alert, const base::Json& message,
          const fs::path& mail_file) {
  const std::string target = expanded(alert.target);
  if (alert.kind == "file") {
    const fs::path file = fs::path(target).is_absolute() ? fs::path(target) : study.root / target;
    append_line(file, base::dump_json(message, -1));
  } else if (alert.kind == "webhook") {
    post(target, base::dump_json(message, -1));
  } else {
    const std::string subject = "[" + study.id + "] " + message.at("subject").get<std::string>();
    base::make_folders(mail_file.parent_path());
    base::write_file_atomically(mail_file, "To: " + one_line(target) + "\r\nSubject: " + one_line(subject) +
                                               "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
                                               message.at("text").get<std::string>() + "\r\n\r\nRun " +
                                               message.at("run").get<std::string>() + "\r\n");
  }
}

}  // namespace

std::vector<findings::Finding> send_alerts(const study::Study& study, const std::string& run,
                                           const std::string& subject, const std::string& text,
                                           const fs::path& run_folder) {
  const base::Json message = {
      {"time", base::utc_now()}, {"study", study.id}, {"run", run}, {"subject", subject}, {"text", text}};
  std::vector<findings::Finding> out;
  std::size_t number = 0;
  for (const auto& alert : study.alerts) {
    fs::path mail_file;
    do mail_file = run_folder / "alerts" / (std::to_string(++number) + ".eml");
    while (fs::exists(mail_file));
    try {
      send(study, alert, message, mail_file);
    } catch (const std::exception& problem) {
      const auto* known = dynamic_cast<const base::Error*>(&problem);
      findings::Finding finding;
      finding.rule = "TM2820";
      finding.severity = findings::Severity::warning;
      finding.stage = "alert";
      finding.message =
          "The alert by " + alert.kind + " was not delivered: " + (known ? known->message() : problem.what());
      out.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace trialmill::workflow
