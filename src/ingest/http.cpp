#include "ingest/http.hpp"

#include <curl/curl.h>

#include <memory>
#include <new>

#include "base/text.hpp"

namespace trialmill::ingest {
namespace {

constexpr std::size_t body_bytes_max = 256U << 20U;

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& answer = *static_cast<HttpAnswer*>(self);
  if (answer.body.size() + size * count > body_bytes_max) return 0;  // curl stops with an error
  answer.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& answer = *static_cast<HttpAnswer*>(self);
  const std::string_view line(data, size * count);
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && answer.headers.size() < 200)
    answer.headers[base::to_lower(base::trim(line.substr(0, colon)))] =
        std::string(base::trim(line.substr(colon + 1)));
  return size * count;
}

}  // namespace

HttpAnswer http_get(const std::string& url, const std::vector<std::string>& headers, double timeout_seconds) {
  struct Lists {
    curl_slist* list = nullptr;
    ~Lists() { curl_slist_free_all(list); }
  } lines;
  for (const auto& header : headers) lines.list = curl_slist_append(lines.list, header.c_str());
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) throw std::bad_alloc();
  HttpAnswer answer;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, lines.list);
  curl_easy_setopt(curl.get(), CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_seconds * 1000));
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer);
  const CURLcode status = curl_easy_perform(curl.get());
  if (status != CURLE_OK)
    answer.problem =
        status == CURLE_WRITE_ERROR ? "the answer is larger than 256 MiB" : curl_easy_strerror(status);
  else
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

std::string host_of(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return "";
  const auto end = url.find_first_of("/?#", scheme + 3);
  return base::to_lower(url.substr(0, end));
}

std::string without_query(const std::string& url) {
  return url.substr(0, url.find_first_of("?#"));
}

std::string with_parameter(const std::string& url, const std::string& name, const std::string& value) {
  const std::unique_ptr<char, decltype(&curl_free)> encoded(
      curl_easy_escape(nullptr, value.c_str(), static_cast<int>(value.size())), curl_free);
  if (!encoded) throw std::bad_alloc();
  return url + (url.find('?') == std::string::npos ? "?" : "&") + name + "=" + encoded.get();
}

std::string next_of_link(const std::string& header) {
  for (std::size_t at = 0; (at = header.find('<', at)) != std::string::npos;) {
    const auto close = header.find('>', at);
    if (close == std::string::npos) return "";
    const auto end = header.find(",", close);
    const std::string parameters =
        base::to_lower(header.substr(close + 1, end == std::string::npos ? end : end - close - 1));
    if (parameters.find("rel=\"next\"") != std::string::npos ||
        parameters.find("rel=next") != std::string::npos)
      return header.substr(at + 1, close - at - 1);
    at = close;
  }
  return "";
}

}  // namespace trialmill::ingest
