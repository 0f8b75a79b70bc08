// Codelists and dictionaries of variables.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "publish/define_build.hpp"

namespace trialmill::publish {

using base::sql_identifier;

namespace {

/// More different values than any list of terms has: free text to which a codelist was given.
constexpr std::size_t terms_max = 10'000;

const std::string domain_list = "C66734", yes_no_list = "C66742";

/// Code variables and the variable that decodes them.
std::string decoding_variable(const std::string& name, const std::string& prefix) {
  static const std::map<std::string, std::string> pairs{
      {"ARMCD", "ARM"},   {"ACTARMCD", "ACTARM"}, {"ETCD", "ELEMENT"},   {"TSPARMCD", "TSPARM"},
      {"QNAM", "QLABEL"}, {"--TESTCD", "--TEST"}, {"--PARMCD", "--PARM"}};
  if (const auto at = pairs.find(name); at != pairs.end()) return at->second;
  if (prefix.size() != 2 || !name.starts_with(prefix)) return "";
  const auto at = pairs.find("--" + name.substr(2));
  return at == pairs.end() ? "" : prefix + at->second.substr(2);
}

/// Declared dictionary of that kind ("MEDDRA", "WHOD", "LOINC"): name and version.
std::optional<std::pair<std::string, std::string>> declared(const study::Study& study,
                                                            std::string_view kind) {
  for (const auto& [name, version] : study.dictionaries) {
    if (base::to_upper(base::replace_all(name, " ", "")).starts_with(kind)) return std::pair(name, version);
  }
  return std::nullopt;
}

/// Which dictionary a variable is coded with; "" if with none. `rest`: the name without the prefix.
std::string_view dictionary_kind(const std::string& define_class, const std::string& domain,
                                 const std::string& rest) {
  static const std::set<std::string> meddra{"LLT",  "LLTCD",  "DECOD",  "PTCD",   "HLT", "HLTCD",
                                            "HLGT", "HLGTCD", "BODSYS", "BDSYCD", "SOC", "SOCCD"};
  static const std::set<std::string> drugs{"DECOD", "CLAS", "CLASCD"};
  // DSDECOD and DVDECOD hold disposition terms, not diagnoses.
  if (define_class == "EVENTS" && domain != "DS" && domain != "DV" && meddra.count(rest) > 0) return "MEDDRA";
  if (define_class == "INTERVENTIONS" && domain == "CM" && drugs.count(rest) > 0) return "WHOD";
  if (define_class == "FINDINGS" && rest == "LOINC") return "LOINC";
  return "";
}

}  // namespace

bool DefineBuilder::add_dictionary(const Current& current, const Column& column, std::size_t item) {
  if (current.prefix.size() != 2 || !column.name.starts_with(current.prefix)) return false;
  const auto known = current.words.variables.find(column.name);
  if (known != current.words.variables.end() && !known->second.codelist.empty()) return false;
  const auto kind = dictionary_kind(current.class_name, current.domain, column.name.substr(2));
  if (kind.empty()) return false;
  const auto dictionary = declared(input_.study, kind);
  if (!dictionary) return false;
  const std::string type = column.is_text ? "text" : "integer";
  codelist_uses_.emplace_back(item, codelists_.add_external(dictionary->first, dictionary->second, type));
  return true;
}

std::string DefineBuilder::list_of(const Current& current, const Column& column,
                                   const ItemWords& words) const {
  if (!words.codelist.empty()) return words.codelist;
  if (column.name == "DOMAIN" || column.name == "RDOMAIN") return domain_list;
  const standards::Variable* model = standard_variable(current, column.name);
  if (model != nullptr && !model->codelist.empty()) return model->codelist;
  // A code that another variable decodes is a list of the study's own.
  const std::string decode = decoding_variable(column.name, current.prefix);
  return !decode.empty() && current.data->find(decode) != nullptr ? column.name : "";
}

DefineBuilder::Terms DefineBuilder::terms_of(const Current& current, const Column& column,
                                             const std::string& condition) {
  const auto id = sql_identifier(column.name);
  const std::string decode = decoding_variable(column.name, current.prefix);
  const bool decoded = !decode.empty() && current.data->find(decode) != nullptr;
  const auto found = session_.query_text(fmt::format(
      "SELECT {0} AS tm_value, {1} FROM {2} WHERE {3} IS NOT NULL AND ({4}) GROUP BY tm_value "
      "ORDER BY tm_value LIMIT {5}",
      column.is_text ? id : number_text(id), decoded ? "min(" + sql_identifier(decode) + ")" : "''",
      current.from, id, condition, terms_max + 1));
  Terms out;
  if (found.rows() > terms_max) {
    remark(current, column.name, fmt::format("a codelist is left out: over {} different values", terms_max));
    return out;
  }
  for (std::size_t r = 0; r < found.rows(); ++r) out[found.text(r, 0)] = found.text(r, 1);
  return out;
}

std::map<std::string, DefineBuilder::Terms> DefineBuilder::terms_by(const Current& current,
                                                                    const Column& column,
                                                                    const std::string& topic) {
  const auto id = sql_identifier(column.name), code = sql_identifier(topic);
  const auto found = session_.query_text(
      fmt::format("SELECT DISTINCT {0}, {1} FROM {2} WHERE {0} IS NOT NULL AND {3} IS NOT NULL LIMIT {4}",
                  code, column.is_text ? id : number_text(id), current.from, id, terms_max + 1));
  std::map<std::string, Terms> out;
  if (found.rows() > terms_max) {
    remark(current, column.name,
           fmt::format("codelists by {} are left out: over {} terms", topic, terms_max));
    return out;
  }
  for (std::size_t r = 0; r < found.rows(); ++r) out[found.text(r, 0)][found.text(r, 1)] = "";
  return out;
}

void DefineBuilder::add_codelist(const Current& current, const Column& column, const ItemWords& words,
                                 const std::string& list, const Terms& terms, const std::string& value,
                                 std::size_t item) {
  if (list.empty() || terms.empty()) return;
  // The guide's lists for results hold what a result may be where it is a word; they say nothing of numbers.
  const bool result = column.name.ends_with("ORRES") || column.name.ends_with("STRESC");
  if (result && words.codelist.empty() && !codelists_.knows_all(list, terms)) return;
  CodelistUse use;
  use.terms = terms;
  use.list = list;
  use.name = !words.label.empty() ? words.label : !column.label.empty() ? column.label : column.name;
  use.place = current.name + "." + column.name + (value.empty() ? "" : "." + value);
  const std::string& type = doc_.items[item].data_type;
  use.data_type = type == "integer" || type == "float" ? type : "text";
  // A flag that can only be Y, a dataset's own abbreviation, the units of one test: lists for one use. Other
  // lists have the terms of the whole study, because which of them a variable happens to have says little.
  const bool flag = list == yes_no_list || base::to_upper(list) == "NY";
  use.own = flag || list == domain_list || !value.empty();
  if (list == domain_list) {
    for (auto& [term, decode] : use.terms) decode = guide_.dataset_label(term);
  }
  codelist_uses_.emplace_back(item, codelists_.add(session_, std::move(use)));
}

}  // namespace trialmill::publish
