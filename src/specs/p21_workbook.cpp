// The workbook from which Pinnacle 21 makes define.xml. It documents a dataset and does not say from which
// raw columns values come, so sources are guessed from the names and marked.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {
namespace {

const Sheet* sheet_named(const std::vector<Sheet>& sheets, const std::string& name) {
  const auto found =
      std::ranges::find_if(sheets, [&](const Sheet& one) { return word_of(one.name) == name; });
  return found == sheets.end() ? nullptr : &*found;
}

/// ID → text of the sheets Methods and Comments.
std::map<std::string, std::string> texts_of(const std::vector<Sheet>& sheets, const std::string& name) {
  std::map<std::string, std::string> all;
  const Sheet* sheet = sheet_named(sheets, name);
  for (std::size_t row = 0; sheet != nullptr && row < sheet->rows.size(); ++row)
    all[sheet->text(row, {"id"})] = sheet->text(row, {"description"});
  return all;
}

/// The text that an ID stands for; itself if there is no such ID.
std::string resolved(const std::map<std::string, std::string>& texts, const std::string& id) {
  const auto found = texts.find(id);
  return found == texts.end() ? id : found->second;
}

void read_datasets(const Sheet& sheet, const std::map<std::string, std::string>& comments, Spec& spec) {
  for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
    const std::string name = base::to_upper(sheet.text(row, {"dataset"}));
    if (name.empty() || name.starts_with("SUPP")) continue;
    SpecDataset& dataset = spec.dataset(name);
    dataset.label = sheet.text(row, {"label", "description"});
    dataset.structure = sheet.text(row, {"structure"});
    dataset.comment = resolved(comments, sheet.text(row, {"comment"}));
    for (const auto& key : base::split(sheet.text(row, {"key_variables", "keys"}), ',')) {
      if (!base::trim(key).empty()) dataset.keys.emplace_back(base::trim(key));
    }
  }
}

void read_codelists(const Sheet& sheet, Spec& spec) {
  for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
    const std::string id = sheet.text(row, {"id"}), term = sheet.text(row, {"term"});
    if (!id.empty() && !term.empty())
      spec.codelists[id].terms.push_back({term, sheet.text(row, {"decoded_value", "decode"})});
  }
}

/// Where clause ID → the test code that it stands for.
std::map<std::string, std::string> tests_by_clause(const std::vector<Sheet>& sheets) {
  std::map<std::string, std::string> all;
  const Sheet* sheet = sheet_named(sheets, "whereclauses");
  for (std::size_t row = 0; sheet != nullptr && row < sheet->rows.size(); ++row) {
    const std::string dataset = base::to_upper(sheet->text(row, {"dataset"}));
    const std::string code =
        test_code_of(sheet->text(row, {"variable"}) + " " + sheet->text(row, {"comparator"}) + " " +
                         sheet->text(row, {"value"}),
                     dataset);
    if (!code.empty()) all[sheet->text(row, {"id"})] = code;
  }
  return all;
}

void read_value_level(const Sheet& sheet, const std::map<std::string, std::string>& clauses, Spec& spec) {
  for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
    const std::string name = base::to_upper(sheet.text(row, {"dataset"})),
                      variable = base::to_upper(sheet.text(row, {"variable"})),
                      clause = sheet.text(row, {"where_clause"});
    const auto known = clauses.find(clause);
    const std::string code = known == clauses.end() ? test_code_of(clause, name) : known->second;
    if (code.empty() || (variable != name + "ORRES" && variable != name + "ORRESU")) continue;
    SpecDataset& dataset = spec.dataset(name);
    auto found = std::ranges::find(dataset.tests, code, &SpecTest::code);
    if (found == dataset.tests.end())
      found = dataset.tests.insert(found, SpecTest{code, "", code, "", "", sheet.place(row), true});
    if (variable == name + "ORRESU") found->unit = sheet.text(row, {"assigned_value"});
  }
}

}  // namespace

bool is_p21_workbook(const std::vector<Sheet>& sheets) {
  const Sheet* variables = sheet_named(sheets, "variables");
  return variables != nullptr && sheet_named(sheets, "datasets") != nullptr && variables->has({"dataset"}) &&
         variables->has({"variable"});
}

void read_p21_workbook(const std::vector<Sheet>& sheets, Spec& spec) {
  const auto methods = texts_of(sheets, "methods"), comments = texts_of(sheets, "comments");
  read_datasets(*sheet_named(sheets, "datasets"), comments, spec);
  if (const Sheet* sheet = sheet_named(sheets, "codelists")) read_codelists(*sheet, spec);
  const Sheet& sheet = *sheet_named(sheets, "variables");
  for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
    const std::string name = base::to_upper(sheet.text(row, {"dataset"}));
    if (name.empty() || name.starts_with("SUPP")) continue;
    SpecVariable one;
    one.place = sheet.place(row);
    one.variable = base::to_upper(sheet.text(row, {"variable"}));
    one.label = sheet.text(row, {"label", "description"});
    one.codelist = sheet.text(row, {"codelist"});
    one.constant = sheet.text(row, {"assigned_value"});
    one.origin = sheet.text(row, {"origin"});
    one.origin_source = sheet.text(row, {"source"});
    one.pages = sheet.text(row, {"pages"});
    one.method = resolved(methods, sheet.text(row, {"method"}));
    one.comment = resolved(comments, sheet.text(row, {"comment"}));
    if (one.variable.empty()) continue;
    // What is derived or assigned has a rule that the workbook puts into words at best.
    const std::string origin = base::to_lower(one.origin);
    guess_source(one, name);
    if (one.guessed && origin != "crf" && origin != "collected" && origin != "edt" && !origin.empty())
      one.column.clear(), one.rule_type = "other", one.rule = one.method;
    spec.dataset(name).variables.push_back(std::move(one));
  }
  if (const Sheet* values = sheet_named(sheets, "valuelevel"))
    read_value_level(*values, tests_by_clause(sheets), spec);
  for (auto& dataset : spec.datasets) take_from_tests(dataset, false);
}

}  // namespace trialmill::specs
