// CDISC COSMoS: biomedical concepts as they are collected and as they stand in SDTM, in the spreadsheets that
// CDISC publishes (https://github.com/cdisc-org/COSMoS, folder export).
#include <algorithm>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {
namespace {

SpecTest& test_of(SpecDataset& dataset, const std::string& code, const std::string& place) {
  const auto found = std::ranges::find(dataset.tests, code, &SpecTest::code);
  if (found != dataset.tests.end()) return *found;
  dataset.tests.push_back({code, "", "", "", "", place, false});
  return dataset.tests.back();
}

SpecVariable& variable_of(SpecDataset& dataset, const std::string& name, const std::string& place) {
  if (SpecVariable* found = dataset.find(name)) return *found;
  dataset.variables.emplace_back().variable = name;
  dataset.variables.back().place = place;
  return dataset.variables.back();
}

/// Identifiers and the variables of an unpivot, which the spreadsheets do not list.
void add_usual_variables(SpecDataset& dataset) {
  std::vector<SpecVariable> front;
  for (const std::string& name : {std::string("STUDYID"), std::string("USUBJID"), dataset.name + "SEQ"}) {
    if (dataset.find(name) != nullptr || (dataset.name == "DM" && name == "DMSEQ")) continue;
    SpecVariable one;
    one.variable = name;
    guess_source(one, dataset.name);
    front.push_back(std::move(one));
  }
  dataset.variables.insert(dataset.variables.begin(), front.begin(), front.end());
  take_from_tests(dataset, true);
}

/// Several parts of one date: the column of the date first.
void add_date_part(SpecVariable& date, const std::string& column, bool first) {
  date.rule_type = "datetime";
  if (date.column.empty())
    date.column = column;
  else if (("," + date.column + ",").find("," + column + ",") == std::string::npos)
    date.column = first ? column + "," + date.column : date.column + "," + column;
}

}  // namespace

bool is_cosmos(const std::vector<Sheet>& sheets) {
  return std::ranges::any_of(sheets, [](const Sheet& one) {
    return one.has({"vlm_group_id"}) && one.has({"sdtm_variable"}) && one.has({"domain"});
  });
}

void read_cosmos(const std::vector<Sheet>& sheets, Spec& spec) {
  for (const auto& sheet : sheets) {
    if (!is_cosmos({sheet})) continue;
    // The test code of a group stands in one of its lines.
    std::map<std::string, std::string> codes;
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
      if (sheet.text(row, {"sdtm_variable"}) == sheet.text(row, {"domain"}) + "TESTCD")
        codes[sheet.text(row, {"vlm_group_id"})] = sheet.text(row, {"assigned_value"});
    }
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
      const std::string name = base::to_upper(sheet.text(row, {"domain"})), place = sheet.place(row),
                        variable = base::to_upper(sheet.text(row, {"sdtm_variable"})),
                        assigned = sheet.text(row, {"assigned_value"}),
                        code = codes[sheet.text(row, {"vlm_group_id"})];
      if (name.empty() || variable.empty()) continue;
      SpecDataset& dataset = spec.dataset(name);
      if (!code.empty()) {
        SpecTest& test = test_of(dataset, code, place);
        test.column = code + "_" + name + "ORRES";
        test.guessed = true;
        if (variable == name + "TEST") test.name = assigned;
        if (variable == name + "ORRESU" && test.unit_column.empty()) {
          if (assigned.empty())
            test.unit_column = code + "_" + name + "ORRESU";
          else
            test.unit = assigned;
        }
      }
      const bool known = dataset.find(variable) != nullptr;
      SpecVariable& one = variable_of(dataset, variable, place);
      if (known) continue;
      one.codelist = sheet.text(row, {"codelist_submission_value"});
      one.origin = sheet.text(row, {"origin_type"});
      one.origin_source = sheet.text(row, {"origin_source"});
      one.supplemental = base::to_upper(sheet.text(row, {"nsv_flag"})) == "Y";
      if (code.empty() && !assigned.empty()) one.constant = assigned;
      guess_source(one, name);
      if (one.guessed && base::to_lower(one.origin) != "collected")
        one.column.clear(), one.rule_type = "other";
    }
  }
  for (auto& dataset : spec.datasets) add_usual_variables(dataset);
}

bool is_cosmos_collection(const std::vector<Sheet>& sheets) {
  return std::ranges::any_of(sheets, [](const Sheet& one) {
    return one.has({"sdtm_target_variable"}) && one.has({"variable_name"}) && one.has({"domain"});
  });
}

void read_cosmos_collection(const std::vector<Sheet>& sheets, Spec& spec) {
  for (const auto& sheet : sheets) {
    if (!is_cosmos_collection({sheet})) continue;
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
      const std::string name = base::to_upper(sheet.text(row, {"domain"})), place = sheet.place(row),
                        item = sheet.text(row, {"collection_item", "crf_item"}),
                        variable = base::to_upper(sheet.text(row, {"variable_name"})),
                        annotation = sheet.text(row, {"sdtm_annotation"}),
                        constant = sheet.text(row, {"prepopulated_term"});
      if (name.empty() || variable.empty() || item.empty()) continue;
      // Vertical forms are the same concepts once more; mapped is the horizontal one.
      if (base::to_lower(sheet.text(row, {"implementation_option"})) == "vertical") continue;
      SpecDataset& dataset = spec.dataset(name);
      const std::string code = test_code_of(annotation, name);
      if (!code.empty()) {
        SpecTest& test = test_of(dataset, code, place);
        if (variable == name + "ORRES") test.column = item;
        if (variable == name + "ORRESU")
          (constant.empty() ? test.unit_column : test.unit) = constant.empty() ? item : constant;
        if (test.name.empty()) test.name = sheet.text(row, {"short_name"});
        continue;
      }
      std::string target = base::to_upper(sheet.text(row, {"sdtm_target_variable"}));
      target = target.substr(0, target.find(';'));
      if (target.empty()) target = variable;
      if (target.ends_with("YN") || target.ends_with("PERF") || target.ends_with("ONGO")) continue;
      const bool date = variable.ends_with("DAT"), time = variable.ends_with("TIM");
      if (date || time) target = variable.substr(0, variable.size() - 3) + "DTC";
      SpecVariable& one = variable_of(dataset, target, place);
      if (date || time) {
        add_date_part(one, item, date);
      } else if (one.column.empty()) {
        one.column = item;
        one.constant = constant;
        one.codelist = sheet.text(row, {"codelist_submission_value"});
      }
      one.origin = "Collected";
      one.supplemental = annotation.find("in SUPP") != std::string::npos;
      one.label = one.supplemental ? sheet.text(row, {"prompt", "question_text"}) : "";
    }
  }
  for (auto& dataset : spec.datasets) add_usual_variables(dataset);
}

}  // namespace trialmill::specs
