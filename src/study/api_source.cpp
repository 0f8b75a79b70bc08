#include "study/api_source.hpp"

namespace trialmill::study {

ApiSource read_api_source(base::YamlMap map) {
  ApiSource api;
  api.place = map.place();
  api.url = map.text("url");
  api.token = map.text_or("token", "");
  api.header = map.text_or("header", "Authorization: Bearer {token}");
  api.page = map.choice_or("page", {"none", "cursor", "number", "offset", "link", "next"}, "none");
  api.items = map.text_or("items", "");
  api.cursor = map.text_or(api.page == "next" ? "next" : "cursor", "");
  api.parameter = map.text_or("parameter", api.page == "number"   ? "page"
                                           : api.page == "offset" ? "offset"
                                                                  : "cursor");
  api.size_parameter = map.text_or("size_parameter", "");
  api.size = map.integer_or("size", api.size);
  api.first = map.integer_or("first", api.page == "offset" ? 0 : 1);
  api.pages_max = map.integer_or("pages_max", api.pages_max);
  api.attempts = map.integer_or("attempts", api.attempts);
  if (const auto seconds = map.find("timeout")) api.timeout = seconds->number();
  if (const auto seconds = map.find("wait")) api.wait = seconds->number();
  map.finish();
  if ((api.page == "cursor" || api.page == "next") && api.cursor.empty()) {
    throw base::usage_error(
        "TM1505", "page: " + api.page + " needs the path of the next one", api.place,
        api.page == "cursor" ? "for example cursor: meta.next_cursor" : "for example next: links.next");
  }
  if (api.size < 1 || api.pages_max < 1 || api.attempts < 1 || api.timeout <= 0 || api.wait < 0)
    throw base::usage_error("TM1505", "size, pages_max, attempts and timeout are over 0", api.place);
  return api;
}

}  // namespace trialmill::study
