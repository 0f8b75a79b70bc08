// One HTTP GET (libcurl), with the limits that a pull needs.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace trialmill::ingest {

struct HttpAnswer {
  long status = 0;  ///< 0: no answer; then `problem` says why
  std::string problem;
  std::string body;
  std::map<std::string, std::string> headers;  ///< names in lower case
};

/// http and https only, certificates are checked, redirects are not followed (the token would go along), at
/// most 256 MiB.
HttpAnswer http_get(const std::string& url, const std::vector<std::string>& headers, double timeout_seconds);

/// "https://api.example.org:8443" of a URL; "" if it is none.
std::string host_of(const std::string& url);
/// The URL without its query, for messages: queries may hold what is secret.
std::string without_query(const std::string& url);
/// The URL with one more query parameter, percent-encoded.
std::string with_parameter(const std::string& url, const std::string& name, const std::string& value);
/// The target of rel="next" in a Link header (RFC 8288); "" if there is none.
std::string next_of_link(const std::string& header);

}  // namespace trialmill::ingest
