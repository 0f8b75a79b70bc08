#include "specs/collection_line.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {

CollectionLine collection_line(const Sheet& sheet, std::size_t row) {
  CollectionLine line{base::to_upper(sheet.text(row, {"domain"})),
                      sheet.text(row, {"collection_item", "crf_item"}),
                      base::to_upper(sheet.text(row, {"variable_name"})),
                      sheet.text(row, {"sdtm_annotation"}),
                      sheet.text(row, {"prepopulated_term"}),
                      sheet.text(row, {"collection_group_id", "crf_group_id"}),
                      base::to_lower(sheet.text(row, {"implementation_option"})),
                      sheet.text(row, {"vlm_group_id"}),
                      sheet.place(row),
                      {}};
  for (const auto& target : base::split(base::to_upper(sheet.text(row, {"sdtm_target_variable"})), ';')) {
    if (!base::trim(target).empty()) line.targets.emplace_back(base::trim(target));
  }
  return line;
}

bool is_date(const CollectionLine& line) {
  return line.item.ends_with("DAT") || line.variable.ends_with("DAT");
}
bool is_time(const CollectionLine& line) {
  return line.item.ends_with("TIM") || line.variable.ends_with("TIM");
}

void add_date_part(SpecVariable& date, const std::string& column, bool first) {
  date.rule_type = "datetime";
  if (date.column.empty())
    date.column = column;
  else if (("," + date.column + ",").find("," + column + ",") == std::string::npos)
    date.column = first ? column + "," + date.column : date.column + "," + column;
}

SpecTest& collection_test(SpecDataset& dataset, const std::string& code, const CollectionLine& line) {
  const auto found = std::ranges::find_if(
      dataset.tests, [&](const SpecTest& one) { return one.code == code && one.group == line.test; });
  if (found != dataset.tests.end()) return *found;
  SpecTest& test = dataset.tests.emplace_back();
  test.code = code;
  test.group = line.test;
  test.place = line.place;
  return test;
}

std::string test_code(const CollectionLine& line) {
  std::string said = test_code_of(line.annotation, line.dataset);
  const std::string end = "_" + line.variable;
  if (said.empty() && line.variable == line.dataset + "ORRES" && line.item.ends_with(end))
    said = base::to_upper(line.item.substr(0, line.item.size() - end.size()));
  return said.size() > 8 ? "" : said;
}

void restrict_to_tests(SpecDataset& dataset,
                       const std::map<std::pair<std::string, std::string>, std::set<std::string>>& tests) {
  std::set<std::string> all;
  for (const auto& test : dataset.tests) all.insert(test.code);
  for (auto& one : dataset.variables) {
    const auto found = tests.find({dataset.name, one.variable});
    if (all.empty() || found == tests.end() || !one.verb.empty() || !one.when.empty()) continue;
    const auto& codes = found->second;
    if (codes.count("") != 0 || codes == all) continue;
    std::vector<std::string> literals;
    for (const auto& code : codes) literals.push_back(base::sql_literal(code));
    one.when = dataset.name + "TESTCD IN (" + base::join(literals, ", ") + ")";
  }
}

std::string test_name(std::string text) {
  static const RE2 kind(R"re((?i)\s*\((?:horizontal|vertical|normalized|denormalized)[^()]*\)\s*$)re");
  RE2::Replace(&text, kind, "");
  return text;
}

}  // namespace trialmill::specs
