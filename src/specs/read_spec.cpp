#include "specs/read_spec.hpp"

#include <algorithm>
#include <regex>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::specs {

SpecVariable* SpecDataset::find(const std::string& variable) {
  const auto found = std::ranges::find(variables, variable, &SpecVariable::variable);
  return found == variables.end() ? nullptr : &*found;
}

SpecDataset& Spec::dataset(const std::string& name) {
  const auto found = std::ranges::find(datasets, name, &SpecDataset::name);
  if (found != datasets.end()) return *found;
  datasets.emplace_back().name = name;
  return datasets.back();
}

Spec read_spec(const std::filesystem::path& file) {
  const auto sheets = read_sheets(file);
  Spec spec;
  spec.file = file.filename();
  struct Kind {
    const char* name;
    bool (*fits)(const std::vector<Sheet>&);
    void (*read)(const std::vector<Sheet>&, Spec&);
  };
  for (const Kind& kind :
       {Kind{"p21", is_p21_workbook, read_p21_workbook},
        Kind{"cosmos-collection", is_cosmos_collection, read_cosmos_collection},
        Kind{"cosmos", is_cosmos, read_cosmos}, Kind{"spreadsheet", is_spreadsheet, read_spreadsheet}}) {
    if (!kind.fits(sheets)) continue;
    spec.kind = kind.name;
    kind.read(sheets, spec);
    return spec;
  }
  std::string seen;
  for (const auto& sheet : sheets) {
    if (!seen.empty()) seen += "; ";
    seen += base::join(sheet.columns, ", ");
    if (seen.size() > 300) break;
  }
  throw base::usage_error("TM2951", "no columns of a mapping specification", {file.string(), 1, 1},
                          "needed are at least a target domain, a target variable and a source or a rule "
                          "(docs/mapping-import.md); found: " +
                              seen.substr(0, 300));
}

void guess_source(SpecVariable& one, const std::string& dataset) {
  if (!one.column.empty() || !one.constant.empty() || !one.rule_type.empty()) return;
  const std::string& name = one.variable;
  const auto ends = [&name](std::string_view tail) { return name.ends_with(tail); };
  const std::string prefix = dataset.substr(0, 2);
  if (name == "STUDYID") {
    one.constant = "${study}";
  } else if (name == "DOMAIN" || name == "RDOMAIN") {
    one.constant = dataset;
  } else if (name == prefix + "SEQ") {
    one.rule_type = "sequence";
  } else if (ends("STDY") || ends("ENDY") || name == prefix + "DY") {
    one.rule_type = "study_day";
    one.column = name.substr(0, name.size() - 1) + "TC";
  } else if (name == "EPOCH") {
    one.rule_type = "epoch";
    one.column =
        prefix + (dataset == "AE" || dataset == "CM" || dataset == "EX" || dataset == "MH" ? "STDTC" : "DTC");
  } else if (ends("DTC")) {
    one.rule_type = "datetime";
    one.column = name.substr(0, name.size() - 3) + "DAT";
    one.guessed = true;
  } else {
    one.column = name;
    one.guessed = true;
  }
}

void take_from_tests(SpecDataset& dataset, bool add) {
  if (dataset.tests.empty()) return;
  for (const auto& [suffix, kind] : {std::pair{"TESTCD", "test_code"},
                                     {"TEST", "test_name"},
                                     {"ORRES", "test_result"},
                                     {"ORRESU", "test_unit"}}) {
    const std::string name = dataset.name + suffix;
    if (add && dataset.find(name) == nullptr) dataset.variables.emplace_back().variable = name;
    SpecVariable* one = dataset.find(name);
    if (one == nullptr) continue;
    one->rule_type = kind;
    one->guessed = false;
  }
}

std::string test_code_of(const std::string& where, const std::string& dataset) {
  static const std::regex condition(
      "\\b([A-Z]{2})TESTCD\\s*(?:=|==|EQ|\\.|_EQ_|IN)\\s*\\(?\\s*['\"]?([A-Z0-9_]{1,8})['\"]?\\s*\\)?\\s*$",
      std::regex::icase);
  std::smatch found;
  if (!std::regex_search(where, found, condition)) return "";
  return base::to_upper(std::string(found[1])) == dataset.substr(0, 2) ? base::to_upper(std::string(found[2]))
                                                                       : "";
}

}  // namespace trialmill::specs
