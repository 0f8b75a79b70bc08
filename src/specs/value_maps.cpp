// Sheets that list, for each variable, raw values and the terms that they become.
#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/verb.hpp"

namespace trialmill::specs {
namespace {

constexpr Names targets{"applies_to", "target_variable", "sdtm_variable", "variable"};
constexpr Names raw_values{"raw_value",    "raw_values",  "collected_value",
                           "source_value", "source_term", "raw_term"};
constexpr Names terms{"sdtm_value",       "target_value", "mapped_value", "sdtm_term",
                      "submission_value", "ct_term",      "mapped_term"};

bool is_value_map(const Sheet& header) {
  return header.has(targets) && header.has(raw_values) && header.has(terms);
}

/// "mild / Mild", "'White '": the values one by one, without quotes. Empty if a value is described, not said.
std::vector<std::string> values_in(const std::string& cell) {
  static const RE2 remark(R"re(\s*\((?:trailing|leading|with)[^()]*\)\s*)re"), slash("\\s+/\\s+"),
      words("[(=]");
  std::string text = cell;
  RE2::GlobalReplace(&text, remark, " ");
  if (RE2::PartialMatch(text, words)) return {};
  RE2::GlobalReplace(&text, slash, "\n");
  std::vector<std::string> values;
  for (const auto& part : base::split(text, '\n')) {
    std::string value(base::trim(part));
    if (value.size() > 1 && (value.front() == '\'' || value.front() == '"') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    value = base::trim(value);
    if (!value.empty() && std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  return values;
}

/// DM.SEX, or SEX where one dataset has it.
SpecVariable* variable_of(Spec& spec, const std::string& target) {
  const auto dot = target.find('.');
  const std::string name = dot == std::string::npos ? target : target.substr(dot + 1);
  SpecVariable* found = nullptr;
  for (auto& dataset : spec.datasets) {
    if (dot != std::string::npos && dataset.name != target.substr(0, dot)) continue;
    SpecVariable* one = dataset.find(name);
    if (one != nullptr && found != nullptr) return nullptr;
    if (one != nullptr) found = one;
  }
  return found;
}

/// Values are looked up in one column; other verbs say themselves what becomes of them.
std::string why_not(Spec& spec, const SpecVariable* one, const std::vector<std::string>& values) {
  if (one == nullptr) return "value of a variable that no line maps";
  if (values.empty()) return "no raw value, but words about it";
  const auto owner =
      std::ranges::find_if(spec.datasets, [&](SpecDataset& d) { return d.find(one->variable) == one; });
  const std::string verb = verb_of(*one, *owner);
  // A rule that nobody understood may well mean the list ("decode the number").
  const bool open = verb.empty() && one->proposal.empty() && one->when.empty() &&
                    columns_in(one->column).size() == 1 &&
                    (one->rule_type.empty() || one->rule_type == "other" || one->rule_type == "codelist");
  if (open) return "";
  if (!verb.starts_with("from: ") || verb.starts_with("from: ["))
    return "the variable is not taken from one column";
  if (verb.find(", map: ") != std::string::npos && one->map.empty())
    return "the rule of the variable says its terms";
  return "";
}

void read_row(const Sheet& sheet, std::size_t row, Spec& spec) {
  const std::string target = base::to_upper(sheet.text(row, targets)), cell = sheet.text(row, raw_values),
                    term = sheet.text(row, terms);
  const auto values = values_in(cell);
  SpecVariable* one = variable_of(spec, target);
  std::string why = why_not(spec, one, values);
  if (why.empty() && (term.empty() || term.front() == '(')) why = "no term";
  if (!why.empty()) return skip(spec, sheet, row, target + " " + cell, why);
  for (const auto& value : values) {
    const auto known = std::ranges::find_if(
        one->map, [&](const auto& pair) { return base::to_upper(pair.first) == base::to_upper(value); });
    if (known == one->map.end())
      one->map.emplace_back(value, term);
    else if (known->second != term)
      one->also.push_back(sheet.place(row) + ": " + value + " = " + term);
  }
  // A verb of the rule's words ("upper case") does not know of the list.
  if (!one->verb.empty()) one->verb.clear(), one->rule.clear();
  one->rule_type = "codelist";
  one->kind_said = true;
}

}  // namespace

void read_value_maps(std::vector<Sheet>& sheets, Spec& spec) {
  for (auto& sheet : sheets) {
    if (!sheet.columns.empty() || !find_header(sheet, is_value_map)) continue;
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
      if (!sheet.is_blank(row)) read_row(sheet, row, spec);
    }
    sheet.find({"codelist"}), sheet.find({"notes"});
  }
}

}  // namespace trialmill::specs
