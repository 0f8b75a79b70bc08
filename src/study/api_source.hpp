// A source that is pulled from a web service instead of being delivered as files.
#pragma once

#include <string>

#include "base/yaml.hpp"

namespace trialmill::study {

struct ApiSource {
  std::string url;            ///< http or https; ${NAME} comes from the environment when it is used
  std::string token;          ///< the same; "" = none
  std::string header;         ///< how the token is sent: "Authorization: Bearer {token}"
  std::string page = "none";  ///< none, cursor, number, offset, link, next
  std::string items;      ///< path of the array of records in a page: "data", "result.rows"; "" = the page
  std::string cursor;     ///< cursor: path of the next cursor; next: path of the next URL
  std::string parameter;  ///< name of the query parameter: cursor, page or offset
  std::string size_parameter;  ///< name of the parameter that asks for `size` records; "" = none
  long long size = 100, first = 1, pages_max = 10000, attempts = 5;
  double timeout = 30, wait = 0.5;  ///< seconds: of one request; before the second attempt
  bool newest_only = true;          ///< delivery snapshot: earlier pulls do not count
  base::Place place;

  explicit operator bool() const { return !url.empty(); }
};

/// Reads `api` of a source. Errors of base/yaml.hpp; TM1505 (an option that the paging mode needs is
/// missing).
ApiSource read_api_source(base::YamlMap map);

}  // namespace trialmill::study
