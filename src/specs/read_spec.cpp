#include "specs/read_spec.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.hpp"
#include "base/text.hpp"
#include "specs/spreadsheet_names.hpp"

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

void skip(Spec& spec, const Sheet& sheet, std::size_t row, const std::string& what, const std::string& why) {
  spec.skipped.push_back({sheet.alone ? "" : sheet.name, sheet.number(row), what.substr(0, 200), why});
}

namespace {

struct Kind {
  const char* name;
  bool (*wanted)(const Sheet& header);
  void (*read)(std::vector<Sheet>&, Spec&);
  void (*rename)(std::vector<std::string>& columns);
};
constexpr std::array<Kind, 4> kinds{
    {{"cosmos-collection", is_cosmos_collection, read_cosmos_collection, nullptr},
     {"cosmos", is_cosmos, read_cosmos, nullptr},
     {"spreadsheet", is_spreadsheet, read_spreadsheet, rename_columns},
     {"variables", is_variable_list, read_spreadsheet, rename_columns}}};

/// Sheets and columns that hold something and were not looked at: their names may be unknown to us.
void note_unread(const std::vector<Sheet>& sheets, Spec& spec) {
  for (const auto& sheet : sheets) {
    if (sheet.rows.empty() || is_side_sheet(sheet)) continue;
    const std::string where = sheet.alone ? "" : "sheet " + sheet.name + ": ";
    if (sheet.columns.empty()) {
      spec.unread.push_back(where + "no line of names that an import knows");
      continue;
    }
    std::vector<std::string> titles;
    for (const auto& title : sheet.unread_columns())
      titles.push_back(title.substr(0, title.find('\n')).substr(0, 60));
    if (titles.size() > 40) {
      titles[39] = "and " + std::to_string(titles.size() - 39) + " more";
      titles.resize(40);
    }
    if (!titles.empty()) spec.unread.push_back(where + "columns " + base::join(titles, ", "));
  }
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::vector<Sheet>& sheets) {
  std::string seen;
  for (const auto& sheet : sheets) {
    std::vector<std::string> names;  // of the line that most likely holds the names
    for (std::size_t row = 0; row < std::min<std::size_t>(sheet.rows.size(), 50); ++row) {
      std::vector<std::string> filled;
      for (const auto& cell : sheet.rows[row]) {
        if (!cell.empty()) filled.push_back(base::replace_all(cell, "\n", " ").substr(0, 40));
      }
      if (filled.size() > names.size()) names = std::move(filled);
    }
    if (names.empty()) continue;
    seen += (seen.empty() ? "" : "; ") + (sheet.alone ? "" : sheet.name + ": ") + base::join(names, ", ");
    if (seen.size() > 300) break;
  }
  if (seen.size() > 300) seen = seen.substr(0, seen.rfind(',', 300)) + " …";
  throw base::usage_error("TM2951", "no columns of a mapping specification", {file.string(), 1, 1},
                          "needed are at least a target domain, a target variable and a source or a rule "
                          "(docs/mapping-import.md); found: " +
                              (seen.empty() ? "nothing" : seen));
}

}  // namespace

Spec read_spec(const std::filesystem::path& file) {
  auto sheets = read_sheets(file);
  Spec spec;
  spec.file = std::filesystem::path(file / "").parent_path().filename();
  for (const Kind& kind : kinds) {
    bool found = false;
    for (auto& sheet : sheets) found = find_header(sheet, kind.wanted, kind.rename) || found;
    if (!found) continue;
    spec.kind = kind.name;
    kind.read(sheets, spec);
    note_unread(sheets, spec);
    return spec;
  }
  refuse(file, sheets);
}

void guess_source(SpecVariable& one, const std::string& dataset) {
  if (!one.column.empty() || !one.constant.empty() || !one.rule_type.empty() || !one.verb.empty()) return;
  const std::string& name = one.variable;
  const auto ends = [&name](std::string_view tail) { return name.ends_with(tail); };
  const std::string prefix = dataset.substr(0, 2);
  if (name == "STUDYID") {
    one.constant = "${study}";
  } else if (name == "DOMAIN" || name == "RDOMAIN") {
    one.constant = dataset;
  } else if (name == prefix + "SEQ") {
    one.rule_type = "sequence";
  } else if (name == prefix + "STDY" || name == prefix + "ENDY" || name == prefix + "DY") {
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

void add_identifiers(SpecDataset& dataset) {
  std::vector<SpecVariable> front;
  for (const std::string& name : {std::string("STUDYID"), std::string("USUBJID"), dataset.name + "SEQ"}) {
    if (dataset.find(name) != nullptr || (dataset.name == "DM" && name == "DMSEQ")) continue;
    SpecVariable one;
    one.variable = name;
    guess_source(one, dataset.name);
    front.push_back(std::move(one));
  }
  dataset.variables.insert(dataset.variables.begin(), front.begin(), front.end());
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
  static const RE2 condition(
      R"re((?i)\b([A-Z]{2})TESTCD\s*(?:==?|EQ|\.|_EQ_|IN)\s*\(?\s*['"]?([A-Z0-9_]{1,8})['"]?\s*\)?\s*$)re");
  std::string prefix, code;
  if (!RE2::PartialMatch(where, condition, &prefix, &code)) return "";
  return base::to_upper(prefix) == dataset.substr(0, 2) ? base::to_upper(code) : "";
}

std::vector<std::string> columns_in(const std::string& cell) {
  static const RE2 remark(R"re(\([^()]*\)|\[[^\[\]]*\])re");
  static const RE2 name(R"re((?:[A-Za-z_][A-Za-z0-9_]*\.)*[A-Za-z_][A-Za-z0-9_$#]*)re");
  std::string text = cell;
  RE2::GlobalReplace(&text, remark, " ");
  const bool listed = text.find_first_of(",;+|&/\n") != std::string::npos;
  std::ranges::replace_if(
      text, [](char c) { return std::string_view(",;+|&/\n\t\r").find(c) != std::string_view::npos; }, ' ');
  std::vector<std::string> all;
  std::size_t words = 0;
  for (const auto& part : base::split(text, ' ')) {
    if (part.empty() || part == "and") continue;
    if (!RE2::FullMatch(part, name)) return {};
    if (std::ranges::all_of(part, [](unsigned char c) { return std::islower(c); })) ++words;
    // The table in front; "IT." and "IG." are parts of the names that some systems export.
    const auto dot = part.rfind('.');
    const bool whole = dot == std::string::npos || part.starts_with("IT.") || part.starts_with("IG.");
    const std::string column = whole ? part : part.substr(dot + 1);
    if (std::ranges::find(all, column) == all.end()) all.push_back(column);
  }
  // A sentence is no list of names.
  return words > 1 && !listed ? std::vector<std::string>() : all;
}

}  // namespace trialmill::specs
