// The sheets of a workbook beside the one of variables, as Pinnacle 21 lays them out for define.xml:
// Datasets, Codelists, Methods, Comments, ValueLevel, WhereClauses.
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/spreadsheet_names.hpp"

namespace trialmill::specs {
namespace {

Sheet* sheet_named(std::vector<Sheet>& sheets, const std::string& name) {
  const auto found = std::ranges::find_if(
      sheets, [&](const Sheet& one) { return base::replace_all(word_of(one.name), "_", "") == name; });
  return found == sheets.end() ? nullptr : &*found;
}

Sheet* sheet_with(std::vector<Sheet>& sheets, const std::string& name, bool (*wanted)(const Sheet&)) {
  Sheet* sheet = sheet_named(sheets, name);
  return sheet != nullptr && find_header(*sheet, wanted) ? sheet : nullptr;
}

bool has_id(const Sheet& header) {
  return header.has({"id"});
}
bool has_dataset(const Sheet& header) {
  return header.has(dataset_names);
}
bool has_value_level(const Sheet& header) {
  return header.has({"dataset"}) && header.has({"variable"}) && header.has({"where_clause"});
}

struct Condition {
  std::vector<std::string> codes;  ///< of tests
  std::string qnam;
  bool more = false;  ///< it also says something else
};

/// EQ SYSBP; IN (HEIGHT, WEIGHT): the codes of tests. Empty for other conditions.
std::vector<std::string> codes_of(const std::string& variable, const std::string& comparator,
                                  const std::string& value, const std::string& dataset) {
  std::vector<std::string> codes;
  for (const auto& part : base::split(comparator == "IN" ? value : base::replace_all(value, ",", " "), ',')) {
    std::string one(base::trim(part));
    std::erase_if(one, [](char c) { return c == '(' || c == ')'; });
    codes.push_back(test_code_of(variable + " " + comparator + " " + one, dataset));
    if (codes.back().empty()) return {};
  }
  return codes;
}

/// Where clause ID → what it stands for.
std::map<std::string, Condition> conditions_of(std::vector<Sheet>& sheets) {
  std::map<std::string, Condition> all;
  const Sheet* sheet = sheet_with(sheets, "whereclauses", has_id);
  for (std::size_t row = 0; sheet != nullptr && row < sheet->rows.size(); ++row) {
    const std::string dataset = base::to_upper(sheet->text(row, {"dataset"})),
                      variable = base::to_upper(sheet->text(row, {"variable"})),
                      value = sheet->text(row, {"value"});
    Condition& one = all[sheet->text(row, {"id"})];
    const std::string comparator = base::to_upper(sheet->text(row, {"comparator"}));
    const auto codes = codes_of(variable, comparator, value, dataset);
    if (codes.empty() && variable != "QNAM") one.more = true;
    if (!codes.empty()) one.codes = codes;
    if (variable == "QNAM") one.qnam = base::to_upper(value);
  }
  return all;
}

Condition condition_in(const std::map<std::string, Condition>& clauses, const std::string& clause,
                       const std::string& dataset) {
  if (const auto known = clauses.find(clause); known != clauses.end()) return known->second;
  static const RE2 qnam(R"re((?i)QNAM\s*(?:EQ|=|\.)\s*['"]?([A-Z0-9_]{1,8})['"]?\s*$)re");
  Condition one;
  if (const std::string code = test_code_of(clause, dataset); !code.empty()) one.codes.push_back(code);
  RE2::PartialMatch(clause, qnam, &one.qnam);
  return one;
}

using Texts = std::map<std::string, std::string>;

void add_qualifier(Spec& spec, const Sheet& sheet, std::size_t row, const std::string& dataset,
                   const std::string& qnam, const Texts& methods, const Texts& comments) {
  SpecVariable one;
  one.variable = base::to_upper(qnam);
  one.supplemental = true;
  one.place = sheet.place(row);
  one.label = sheet.text(row, {"label", "description"});
  one.codelist = sheet.text(row, {"codelist"});
  one.origin = sheet.text(row, {"origin"});
  one.pages = sheet.text(row, {"pages"});
  one.method = sheet.text(row, {"method"});
  one.comment = sheet.text(row, {"comment"});
  if (const auto text = methods.find(one.method); text != methods.end()) one.method = text->second;
  if (const auto text = comments.find(one.comment); text != comments.end()) one.comment = text->second;
  guess_source(one, "");
  derive_by_method(one, dataset, true);
  SpecDataset& parent = spec.dataset(dataset);
  const bool known = std::ranges::any_of(parent.variables, [&](const SpecVariable& other) {
    return other.supplemental && other.variable == one.variable;
  });
  if (!known) parent.variables.push_back(std::move(one));
}

}  // namespace

bool is_side_sheet(const Sheet& sheet) {
  static const std::set<std::string> names{"datasets",  "whereclauses", "codelists", "methods", "comments",
                                           "documents", "dictionaries", "standards", "define"};
  const std::string word = base::replace_all(word_of(sheet.name), "_", "");
  return names.count(word) != 0 || (word == "valuelevel" && !sheet.has(column_names));
}

std::map<std::string, std::string> texts_of_sheet(std::vector<Sheet>& sheets, const std::string& name) {
  std::map<std::string, std::string> all;
  const Sheet* sheet = sheet_with(sheets, name, has_id);
  for (std::size_t row = 0; sheet != nullptr && row < sheet->rows.size(); ++row)
    all[sheet->text(row, {"id"})] = sheet->text(row, {"description"});
  return all;
}

void read_dataset_sheet(std::vector<Sheet>& sheets, Spec& spec) {
  const Sheet* sheet = sheet_with(sheets, "datasets", has_dataset);
  const auto comments = texts_of_sheet(sheets, "comments");
  for (std::size_t row = 0; sheet != nullptr && row < sheet->rows.size(); ++row) {
    const std::string name = base::to_upper(sheet->text(row, dataset_names));
    const auto found = std::ranges::find(spec.datasets, name, &SpecDataset::name);
    if (found == spec.datasets.end()) {
      if (!name.empty() && !name.starts_with("SUPP"))
        skip(spec, *sheet, row, name, "no sheet has variables of this dataset");
      continue;
    }
    found->label = sheet->text(row, {"label", "description", "dataset_label"});
    found->structure = sheet->text(row, {"structure"});
    found->comment = sheet->text(row, {"comment"});
    if (const auto text = comments.find(found->comment); text != comments.end())
      found->comment = text->second;
    found->keys =
        columns_in(base::to_upper(sheet->text(row, {"key_variables", "keys", "key", "sort_order"})));
  }
}

void read_codelist_sheet(std::vector<Sheet>& sheets, Spec& spec) {
  const Sheet* sheet = sheet_with(sheets, "codelists", [](const Sheet& header) {
    return header.has({"id", "codelist", "codelist_name"}) &&
           header.has({"term", "coded_value", "value", "code"});
  });
  for (std::size_t row = 0; sheet != nullptr && row < sheet->rows.size(); ++row) {
    const std::string id = sheet->text(row, {"id", "codelist", "codelist_name"}),
                      term = sheet->text(row, {"term", "coded_value", "value", "code"});
    if (!id.empty() && !term.empty())
      spec.codelists[id].terms.push_back({term, sheet->text(row, {"decoded_value", "decode"})});
  }
}

namespace {

/// A result of a test, or its unit.
void add_value_level(SpecDataset& dataset, const Sheet& sheet, std::size_t row, const std::string& code,
                     bool unit) {
  auto found = std::ranges::find(dataset.tests, code, &SpecTest::code);
  if (found == dataset.tests.end()) {
    SpecTest test;
    test.code = test.column = code;
    test.place = sheet.place(row);
    test.guessed = true;
    found = dataset.tests.insert(found, std::move(test));
  }
  if (unit) found->unit = sheet.text(row, {"assigned_value"});
}

}  // namespace

void read_value_level_sheet(std::vector<Sheet>& sheets, Spec& spec) {
  const auto clauses = conditions_of(sheets);
  const auto methods = texts_of_sheet(sheets, "methods"), comments = texts_of_sheet(sheets, "comments");
  const Sheet* sheet = sheet_with(sheets, "valuelevel", has_value_level);
  for (std::size_t row = 0; sheet != nullptr && row < sheet->rows.size(); ++row) {
    if (sheet->is_blank(row)) continue;
    std::string name = base::to_upper(sheet->text(row, {"dataset"}));
    const std::string variable = base::to_upper(sheet->text(row, {"variable"})),
                      clause = sheet->text(row, {"where_clause"});
    const Condition where = condition_in(clauses, clause, name);
    const std::string what = name + "." + variable + " where " + clause;
    if (name.starts_with("SUPP") && variable == "QVAL" && !where.qnam.empty()) {
      add_qualifier(spec, *sheet, row, name.substr(4), where.qnam, methods, comments);
    } else if (where.codes.empty() || where.more) {
      skip(spec, *sheet, row, what, "value level by something else than the test code");
    } else if (variable == name + "ORRES" || variable == name + "ORRESU") {
      for (const auto& code : where.codes)
        add_value_level(spec.dataset(name), *sheet, row, code, variable == name + "ORRESU");
    } else {
      skip(spec, *sheet, row, what,
           "value level of other variables than --ORRES and --ORRESU; say it in the mapping's `values`");
    }
  }
}

}  // namespace trialmill::specs
