#include "specs/spreadsheet_names.hpp"

#include <algorithm>
#include <array>

namespace trialmill::specs {
namespace {

using Words = std::set<std::string>;

/// A column is meant if its name has one word of each of the first two sets, and none that is not listed.
struct Meaning {
  const char* name;
  const Names* others;  ///< the names it goes by otherwise
  Words one_of, and_one_of, further;
};

const Words collected{"source", "raw", "edc", "crf", "ecrf", "input", "collected"};
const Words target{"sdtm", "target", "output", "submission"};
const Words fill{"name", "names", "s",  "data",       "the", "of", "and",
                 "or",   "for",   "if", "applicable", "id",  "oid"};

const std::array<Meaning, 6>& meanings() {
  static const std::array<Meaning, 6> all{
      {{"target_variable", &variable_names, target, {"variable", "var", "variables"}, fill},
       {"target_domain", &dataset_names, target, {"domain", "dataset", "domains"}, {"name", "code"}},
       {"source_variable",
        &column_names,
        collected,
        {"variable", "variables", "var", "vars", "column", "columns", "field", "fields", "item", "items"},
        fill},
       {"source_dataset",
        &source_names,
        collected,
        {"dataset", "datasets", "table", "tables", "form", "forms", "file", "files", "panel", "set"},
        fill},
       {"codelist",
        &codelist_names,
        {"codelist", "codelists", "terminology", "terms", "list", "ct"},
        {"codelist", "codelists", "terminology", "controlled", "code", "ct"},
        {"name", "or", "and", "format", "formats", "nci", "cdisc", "sdtm", "id", "term"}},
       {"derivation",
        &rule_names,
        {"derivation", "derivations", "algorithm", "algorithms", "logic", "rule", "rules", "programming",
         "mapping", "conversion", "transformation", "computation"},
        {"derivation", "derivations", "algorithm", "algorithms", "logic", "rule", "rules", "programming",
         "mapping", "conversion", "transformation", "computation", "notes", "comments", "instructions",
         "description"},
        {"note",
         "comment",
         "instruction",
         "details",
         "detail",
         "method",
         "specification",
         "specifications",
         "spec",
         "source",
         "sdtm",
         "text",
         "sas",
         "code",
         "general",
         "raw",
         "target",
         "imputation",
         "and",
         "or",
         "the",
         "for",
         "of",
         "to",
         "if",
         "applicable",
         "variable",
         "additional"}}}};
  return all;
}

bool is_known(const std::string& word) {
  for (const Names* list : {&dataset_names, &variable_names, &source_names, &column_names, &rule_type_names,
                            &rule_names, &codelist_names}) {
    if (std::ranges::find(*list, word) != list->end()) return true;
  }
  return false;
}

bool means(const Meaning& meaning, const std::string& word) {
  const auto parts = base::split(word, '_');
  const auto some = [&parts](const Words& words) {
    return std::ranges::any_of(parts, [&](const std::string& part) { return words.count(part) != 0; });
  };
  return some(meaning.one_of) && some(meaning.and_one_of) &&
         std::ranges::all_of(parts, [&](const std::string& part) {
           return meaning.one_of.count(part) + meaning.and_one_of.count(part) + meaning.further.count(part) !=
                  0;
         });
}

}  // namespace

void rename_columns(std::vector<std::string>& columns) {
  for (const Meaning& meaning : meanings()) {
    const auto named = [&](const std::string& word) {
      return std::ranges::find(*meaning.others, word) != meaning.others->end();
    };
    if (std::ranges::any_of(columns, named)) continue;
    const auto found = std::ranges::find_if(
        columns, [&](const std::string& word) { return !is_known(word) && means(meaning, word); });
    if (found != columns.end()) *found = meaning.name;
  }
}

}  // namespace trialmill::specs
