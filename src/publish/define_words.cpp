#include "publish/define_words.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"

namespace trialmill::publish {

namespace define = formats::define;

namespace {

/// Terms of CDISC's Define-XML terminology (General Observation Class, C103329) in the order in which
/// datasets are listed.
constexpr std::array<std::string_view, 9> classes{"TRIAL DESIGN",   "STUDY REFERENCE", "SPECIAL PURPOSE",
                                                  "INTERVENTIONS",  "EVENTS",          "FINDINGS",
                                                  "FINDINGS ABOUT", "RELATIONSHIP",    "ADAM OTHER"};

/// The term among `terms` that equals `text` but for case; "" if none.
template <std::size_t N>
std::string term(const std::array<std::string_view, N>& terms, const std::string& text) {
  for (const auto one : terms) {
    if (base::to_upper(one) == base::to_upper(text)) return std::string(one);
  }
  return "";
}

constexpr std::array<std::string_view, 7> origin_types{"Assigned", "Collected",   "Derived", "Not Available",
                                                       "Other",    "Predecessor", "Protocol"};
constexpr std::array<std::string_view, 4> origin_sources{"Investigator", "Sponsor", "Subject", "Vendor"};

/// 2.0 has CRF and eDT for what is collected, and no word for the rest.
std::string origin_20(const define::Origin& origin) {
  if (origin.type == "Collected") return origin.source == "Vendor" ? "eDT" : "CRF";
  return origin.type == "Not Available" || origin.type == "Other" ? "" : origin.type;
}

/// What a key variable stands for in a sentence; "" for one that says nothing (STUDYID).
std::string noun(const std::string& key, const std::string& prefix) {
  static const std::map<std::string, std::string> nouns{{"STUDYID", ""},
                                                        {"DOMAIN", ""},
                                                        {"RDOMAIN", ""},
                                                        {"USUBJID", "subject"},
                                                        {"POOLID", "pool"},
                                                        {"--TESTCD", "test"},
                                                        {"--TEST", "test"},
                                                        {"VISITNUM", "visit"},
                                                        {"VISIT", "visit"},
                                                        {"--TPTNUM", "time point"},
                                                        {"--TPT", "time point"},
                                                        {"--DTC", "date"},
                                                        {"--STDTC", "start date"},
                                                        {"--ENDTC", "end date"},
                                                        {"--DECOD", "dictionary term"},
                                                        {"--TERM", "reported term"},
                                                        {"--TRT", "treatment"},
                                                        {"--CAT", "category"},
                                                        {"--SCAT", "subcategory"},
                                                        {"--SEQ", "record"},
                                                        {"--SPID", "sponsor identifier"},
                                                        {"--REFID", "reference identifier"},
                                                        {"--GRPID", "group"},
                                                        {"--LOC", "location"},
                                                        {"--SPEC", "specimen"},
                                                        {"--METHOD", "method"},
                                                        {"--OBJ", "object"},
                                                        {"IDVAR", ""},
                                                        {"IDVARVAL", "related record"},
                                                        {"QNAM", "qualifier"},
                                                        {"ETCD", "element"},
                                                        {"ARMCD", "arm"},
                                                        {"TAETORD", "planned element"},
                                                        {"TSPARMCD", "parameter"},
                                                        {"IETESTCD", "criterion"},
                                                        {"EPOCH", "epoch"},
                                                        {"RELID", "relationship"}};
  if (const auto at = nouns.find(key); at != nouns.end()) return at->second;
  if (prefix.size() == 2 && key.starts_with(prefix)) {
    if (const auto at = nouns.find("--" + key.substr(2)); at != nouns.end()) return at->second;
  }
  return key;
}

}  // namespace

std::string define_class(const std::string& name) {
  const std::string upper = base::to_upper(base::replace_all(name, "-", " "));
  return term(classes, upper);
}

int class_rank(const std::string& name) {
  const auto at = std::find(classes.begin(), classes.end(), name);
  return static_cast<int>(at - classes.begin());
}

define::Origin define_origin(const OriginWords& words, bool v21) {
  define::Origin out;
  if (words.type.empty()) return out;
  out.type = term(origin_types, words.type);
  out.source = term(origin_sources, words.source);
  out.description = words.predecessor;
  const std::string upper = base::to_upper(words.type);
  if (upper == "CRF") out.type = "Collected";
  if (upper == "EDT") {
    out.type = "Collected";
    if (out.source.empty()) out.source = "Vendor";
  }
  if (out.type.empty()) {
    out.type = "Other";
    if (out.description.empty()) out.description = words.type;
  }
  if (out.source.empty() && out.type == "Collected") out.source = "Investigator";
  if (out.source.empty() && (out.type == "Derived" || out.type == "Assigned" || out.type == "Protocol"))
    out.source = "Sponsor";
  if (!v21) {
    out.type = origin_20(out);
    out.source.clear();
  }
  return out;
}

define::PageRef page_ref(const std::string& pages) {
  std::string list = base::replace_all(base::replace_all(pages, ",", " "), ";", " ");
  std::vector<std::string> parts = base::split(list, ' ');
  std::erase(parts, "");
  list = base::join(parts, " ");
  const bool numbers = list.find_first_not_of("0123456789 ") == std::string::npos;
  define::PageRef out;
  out.type = numbers ? "PhysicalRef" : "NamedDestination";
  const std::size_t dash = list.find('-');
  if (!numbers && dash != std::string::npos && list.find_first_not_of("0123456789-") == std::string::npos &&
      list.find('-', dash + 1) == std::string::npos && dash > 0 && dash + 1 < list.size()) {
    out.type = "PhysicalRef";
    out.first_page = list.substr(0, dash);
    out.last_page = list.substr(dash + 1);
    return out;
  }
  out.pages = list;
  return out;
}

std::string structure_from_keys(const std::vector<std::string>& keys, const std::string& prefix) {
  std::vector<std::string> words;
  bool subject = false;
  for (const std::string& key : keys) {
    const std::string word = noun(key, prefix);
    if (word == "subject") subject = true;
    if (word.empty() || word == "subject" || std::find(words.begin(), words.end(), word) != words.end())
      continue;
    words.push_back(word);
  }
  if (subject) words.push_back("subject");
  if (words.empty()) return "One record per row";
  return "One record per " + base::join(words, " per ");
}

}  // namespace trialmill::publish
