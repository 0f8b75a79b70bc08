// CDISC COSMoS: biomedical concepts as they stand in SDTM, in the spreadsheets that CDISC publishes
// (https://github.com/cdisc-org/COSMoS, folder export). A group of lines is one test, or one way to record an
// event or a treatment.
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {
namespace {

struct Line {
  std::string dataset, variable, group, assigned, place;
};

Line line_of(const Sheet& sheet, std::size_t row) {
  return {base::to_upper(sheet.text(row, {"domain"})), base::to_upper(sheet.text(row, {"sdtm_variable"})),
          sheet.text(row, {"vlm_group_id"}), sheet.text(row, {"assigned_value"}), sheet.place(row)};
}

struct Groups {
  std::map<std::string, std::set<std::string>> of_dataset;
  std::map<std::array<std::string, 3>, std::set<std::string>> with_value;   ///< dataset, variable, value
  std::map<std::array<std::string, 2>, std::set<std::string>> of_variable;  ///< dataset, variable
  /// Dataset, variable, codelist → the groups that have it there.
  std::map<std::array<std::string, 3>, std::set<std::string>> with_codelist;
  std::map<std::array<std::string, 2>, std::string> codes;  ///< dataset, group
};

/// Parts of the result that conversions make, not the raw data.
bool is_standard_result(const Line& line) {
  return line.variable.starts_with(line.dataset + "STRES") ||
         line.variable.starts_with(line.dataset + "STNR");
}

SpecTest& test_of(SpecDataset& dataset, const std::string& code, const Line& line) {
  const auto found = std::ranges::find(dataset.tests, line.group, &SpecTest::group);
  if (found != dataset.tests.end()) return *found;
  SpecTest& test = dataset.tests.emplace_back();
  test.code = code;
  test.group = line.group;
  test.place = line.place;
  test.guessed = true;
  test.column = line.group + "_" + line.dataset + "ORRES";
  return test;
}

void read_test_line(SpecTest& test, const Line& line) {
  if (line.variable == line.dataset + "TESTCD") return;
  if (line.variable == line.dataset + "TEST") {
    test.name = line.assigned;
  } else if (line.variable == line.dataset + "ORRESU") {
    (line.assigned.empty() ? test.unit_column : test.unit) =
        line.assigned.empty() ? line.group + "_" + line.dataset + "ORRESU" : line.assigned;
  } else if (!line.assigned.empty() && !is_standard_result(line)) {
    test.given.push_back({line.variable, line.assigned, false});
  }
}

/// The first line of a variable says what it is; later ones may only say another value.
void read_variable_line(const Sheet& sheet, std::size_t row, const Line& line, bool of_test,
                        SpecDataset& dataset) {
  if (SpecVariable* known = dataset.find(line.variable)) {
    if (of_test || known->constant == line.assigned || line.assigned.empty()) return;
    known->also.push_back(line.place + ": " + line.assigned + " in " + line.group);
    return;
  }
  SpecVariable& one = dataset.variables.emplace_back();
  one.variable = line.variable;
  one.place = line.place;
  one.codelist = sheet.text(row, {"codelist_submission_value"});
  one.origin = sheet.text(row, {"origin_type"});
  one.origin_source = sheet.text(row, {"origin_source"});
  one.supplemental = base::to_upper(sheet.text(row, {"nsv_flag"})) == "Y";
  if (!of_test) one.constant = line.assigned;
  const std::string values = sheet.text(row, {"value_list"});
  guess_source(one, line.dataset);
  if ((one.guessed && base::to_lower(one.origin) != "collected" && !one.origin.empty()) ||
      is_standard_result(line))
    one.column.clear(), one.guessed = false, one.rule_type = "other";
  if (one.rule_type == "other" && !values.empty()) one.rule = "one of the values " + values;
}

/// What only some tests have is not to be filled for the others: a column of that name may stand beside them.
void restrict_to_tests(SpecDataset& dataset, const Groups& groups) {
  const auto& all = groups.of_dataset.at(dataset.name);
  for (auto& one : dataset.variables) {
    const auto found = groups.of_variable.find({dataset.name, one.variable});
    if (dataset.tests.empty() || found == groups.of_variable.end() || found->second.size() == all.size())
      continue;
    // What the tests say themselves needs no condition.
    static const std::set<std::string> of_tests{"TESTCD", "TEST", "ORRES", "ORRESU"};
    if (!one.guessed ||
        of_tests.count(one.variable.substr(std::min<std::size_t>(2, one.variable.size()))) != 0)
      continue;
    std::set<std::string> codes, others;
    for (const auto& group : all)
      (found->second.count(group) != 0 ? codes : others).insert(groups.codes.at({dataset.name, group}));
    std::vector<std::string> literals, both;
    for (const auto& code : codes) literals.push_back(base::sql_literal(code));
    std::ranges::set_intersection(codes, others, std::back_inserter(both));
    one.when = dataset.name + "TESTCD IN (" + base::join(literals, ", ") + ")";
    if (!both.empty()) one.also.push_back("only in some groups of " + base::join(both, ", "));
  }
}

/// Codelists of results belong to single tests, not to the variable.
void open_codelists(SpecDataset& dataset, const Groups& groups) {
  for (const auto& suffix : {"ORRES", "STRESC"}) {
    SpecVariable* one = dataset.find(dataset.name + suffix);
    if (one == nullptr || dataset.tests.empty()) continue;
    for (const auto& [key, names] : groups.with_codelist) {
      const auto& [name, variable, codelist] = key;
      if (name != dataset.name || variable != one->variable || codelist.empty()) continue;
      if (names.size() == dataset.tests.size()) continue;
      const std::vector<std::string> some(names.begin(), names.end());
      one->also.push_back("codelist " + codelist + " for " + base::join(some, ", ") + " only (`values`)");
      if (one->codelist == codelist) one->codelist.clear();
    }
  }
}

/// Units that results are to be brought to, for the person who says how.
void name_standard_units(SpecDataset& dataset, const Groups& groups) {
  SpecVariable* one = dataset.find(dataset.name + "STRESU");
  if (one == nullptr || one->rule_type != "other") return;
  std::vector<std::string> units;
  for (const auto& [key, names] : groups.with_value) {
    if (key[0] == dataset.name && key[1] == one->variable && !key[2].empty())
      units.push_back("'" + key[2] + "' for " + base::join({names.begin(), names.end()}, ", "));
  }
  if (!units.empty()) one->rule = base::join(units, "; ");
}

/// Values that all tests set stand in `where`, and the variable is given by the records.
void give_constants(SpecDataset& dataset) {
  std::set<std::string> given;
  for (const auto& test : dataset.tests) {
    for (const auto& one : test.given) given.insert(one.variable);
  }
  for (auto& one : dataset.variables) {
    if (given.count(one.variable) == 0) continue;
    one.rule_type.clear();
    one.verb = "given: records";
    one.guessed = false;
  }
}

/// An event or treatment has one value in one group and another, or none, in the next: no value for all
/// records.
void open_constants(SpecDataset& dataset, const Groups& groups) {
  for (auto& one : dataset.variables) {
    const auto same = groups.with_value.find({dataset.name, one.variable, one.constant});
    if (one.constant.empty() || same == groups.with_value.end() ||
        same->second.size() == groups.of_dataset.at(dataset.name).size())
      continue;
    one.also.insert(one.also.begin(), one.place + ": " + one.constant + " in " + *same->second.begin());
    one.constant.clear();
    one.rule_type = "other";
    one.rule = "the value depends on the group (a row set with `constant` for each)";
  }
}

}  // namespace

bool is_cosmos(const Sheet& header) {
  return header.has({"vlm_group_id"}) && header.has({"sdtm_variable"}) && header.has({"domain"});
}

void read_cosmos(std::vector<Sheet>& sheets, Spec& spec) {
  Groups groups;
  for (const auto& sheet : sheets) {
    if (sheet.columns.empty() || !is_cosmos(sheet)) continue;
    // The test code of a group stands in one of its lines.
    std::map<std::string, std::string> codes;
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
      const Line line = line_of(sheet, row);
      if (line.variable == line.dataset + "TESTCD") codes[line.group] = line.assigned;
      groups.of_dataset[line.dataset].insert(line.group);
      groups.with_value[{line.dataset, line.variable, line.assigned}].insert(line.group);
      groups.of_variable[{line.dataset, line.variable}].insert(line.group);
      const std::string codelist = sheet.text(row, {"codelist_submission_value"});
      groups.with_codelist[{line.dataset, line.variable, codelist}].insert(line.group);
    }
    for (const auto& [dataset, names] : groups.of_dataset) {
      for (const auto& group : names) groups.codes[{dataset, group}] = codes[group];
    }
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
      if (sheet.is_blank(row)) continue;
      const Line line = line_of(sheet, row);
      if (line.dataset.empty() || line.variable.empty()) {
        skip(spec, sheet, row, line.group, "no target variable");
        continue;
      }
      SpecDataset& dataset = spec.dataset(line.dataset);
      const std::string code = codes[line.group];
      if (!code.empty()) read_test_line(test_of(dataset, code, line), line);
      read_variable_line(sheet, row, line, !code.empty(), dataset);
    }
    for (const auto& column : sheet.columns)
      sheet.find({column.c_str()});  // what is left says nothing to a mapping
  }
  for (auto& dataset : spec.datasets) {
    give_constants(dataset);
    open_constants(dataset, groups);
    open_codelists(dataset, groups);
    name_standard_units(dataset, groups);
    restrict_to_tests(dataset, groups);
    add_identifiers(dataset);
    take_from_tests(dataset, true);
  }
}

}  // namespace trialmill::specs
