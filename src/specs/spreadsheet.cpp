// One line for each target variable.
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/spreadsheet_names.hpp"
#include "standards/sdtmig.hpp"

namespace trialmill::specs {
namespace {

/// Two letters, or a name of the guide, or a part of a domain (QSPH): not ALL.
bool is_dataset_name(const std::string& name) {
  static const RE2 shape("[A-Z][A-Z0-9]{1,7}");
  static const standards::SdtmIg& guide = standards::sdtmig("3.4");
  return RE2::FullMatch(name, shape) && (name.size() == 2 || guide.find_dataset(name) != nullptr ||
                                         guide.find_dataset(name.substr(0, 2)) != nullptr);
}

/// AE, sdtm.ae, AE (Adverse Events), AE - Adverse Events → AE; other texts as they are, in upper case.
std::string dataset_in(const std::string& text) {
  static const RE2 named(R"re((?i:SDTM\.)?([A-Z][A-Z0-9]{1,7})(?:\s*[-(:].*)?)re");
  std::string name;
  return RE2::FullMatch(text, named, &name)
             ? name
             : base::to_upper(text.starts_with("sdtm.") ? text.substr(5) : text);
}

/// A sheet of one dataset is called as the dataset is: AE, SUPPAE, ZX.
std::string dataset_of_sheet(const Sheet& sheet) {
  const std::string name = base::to_upper(sheet.name);
  return is_dataset_name(name) ? name : "";
}

bool has_target(const Sheet& header) {
  return !is_side_sheet(header) && header.has(variable_names) &&
         (header.has(dataset_names) || !dataset_of_sheet(header).empty());
}

/// Reads the lines of one sheet.
class SheetReader {
 public:
  SheetReader(const Sheet& sheet, Spec& spec)
      : sheet_(sheet), spec_(spec), of_sheet_(dataset_of_sheet(sheet)) {}

  void read() {
    for (std::size_t row = 0; row < sheet_.rows.size(); ++row) {
      if (!is_heading(row)) line(row);
    }
    leave_pending();
    for (const auto& [name, lines] : qualifiers_) add_described_qualifier(spec_, sheet_, name, lines);
  }

 private:
  /// Blank, a title over a block of lines, or the names once more.
  bool is_heading(std::size_t row) const {
    const auto& cells = sheet_.rows[row];
    const auto filled = std::ranges::count_if(cells, [](const std::string& cell) { return !cell.empty(); });
    return filled == 0 || (filled == 1 && sheet_.text(row, variable_names).empty()) || cells == sheet_.titles;
  }

  void line(std::size_t row) {
    SpecVariable one = read_line(sheet_, row);
    std::string name = dataset_in(sheet_.text(row, dataset_names));
    if (name.empty()) name = of_sheet_.empty() ? dataset_above(one.variable) : of_sheet_;
    const std::string what = described(one);
    const auto left_out = [&](const std::string& why) { skip(spec_, sheet_, row, what, why); };
    if (is_not_submitted(one) || is_yes(sheet_.text(row, {"not_submitted"})))
      return left_out("not submitted");
    if (one.variable.empty()) return left_out("no target variable");
    if (name.empty()) return left_out("no target dataset");
    if (!is_dataset_name(name))
      return left_out("'" + name.substr(0, 40) + "' is not the name of one dataset");
    static const RE2 shape("[A-Z_][A-Z0-9_]*");
    if (!RE2::FullMatch(one.variable, shape)) return left_out("not the name of one variable");
    above_ = name;
    if (name.starts_with("SUPP") && name.size() > 4) {
      if (is_supp_column(one.variable)) return qualifiers_[name].push_back({row, std::move(one)});
      name = name.substr(4);
      one.supplemental = true;
    }
    SpecDataset& dataset = spec_.dataset(name);
    if (!one.supplemental) describe(dataset, row, one.variable);
    read_unique(sheet_, row, dataset);
    if (!go_on(name, one)) return;
    add_line(dataset, std::move(one));
  }

  /// What lists of variables say of the dataset in every line.
  void describe(SpecDataset& dataset, std::size_t row, const std::string& variable) const {
    if (dataset.label.empty()) dataset.label = sheet_.text(row, {"dataset_label", "domain_label"});
    if (dataset.structure.empty()) dataset.structure = sheet_.text(row, {"structure", "dataset_structure"});
    const bool known = std::ranges::find(dataset.keys, variable) != dataset.keys.end();
    if (is_yes(sheet_.text(row, {"is_key"})) && variable != "DOMAIN" && !known)
      dataset.keys.push_back(variable);
  }

  /// Conditions that go on in the next line (AND, OR) are joined there. False if the line waits for it.
  bool go_on(const std::string& dataset, SpecVariable& one) {
    if (!pending_.next.empty()) {
      const bool same = pending_dataset_ == dataset && pending_.variable == one.variable && !one.when.empty();
      const bool mixed = !one.next.empty() && one.next != pending_.next;  // which binds first is not said
      if (!same || mixed) {
        leave_pending();
      } else {
        one.when = pending_.when + " " + pending_.next + " " + one.when;
        pending_.next.clear();
      }
    }
    if (one.next.empty()) return true;
    pending_ = one;
    pending_dataset_ = dataset;
    return false;
  }

  void leave_pending() {
    if (pending_.next.empty()) return;
    pending_.rule = "if " + pending_.when + " " + pending_.next + " what the next line says";
    pending_.rule_type = "other";
    pending_.when.clear();
    pending_.next.clear();
    add_line(spec_.dataset(pending_dataset_), std::move(pending_));
    pending_ = SpecVariable();
  }

  /// Cells of a dataset's name that were merged over its lines leave the lines below without it.
  std::string dataset_above(const std::string& variable) const {
    static const standards::SdtmIg& guide = standards::sdtmig("3.4");
    const std::string prefix = above_.substr(0, 2);
    const auto* known = guide.find_dataset(above_);
    const bool fits =
        !variable.empty() && !above_.empty() &&
        (variable.starts_with(prefix) || (known != nullptr && known->find(variable) != nullptr));
    return fits ? above_ : "";
  }

  static bool is_not_submitted(const SpecVariable& one) {
    static const RE2 words(
        R"re((?is)\s*\[?(?:else )?(?:not[ _]?submitted|not (?:be )?mapped|do not (?:map|submit)|not used|not applicable|n/a)\]?\.?\s*)re"),
        sentence(R"re((?is)\s*\[?not[ _]?submitted\b.*)re"), no_name("\\(.*\\)|");
    return RE2::FullMatch(one.variable, words) ||
           (RE2::FullMatch(one.variable, no_name) && RE2::FullMatch(one.rule, sentence)) ||
           (RE2::FullMatch(one.rule, words) && (one.constant.empty() || one.variable.empty()));
  }

  /// What a line is about, for people who look for it.
  static std::string described(const SpecVariable& one) {
    for (const std::string* text :
         {&one.variable, &one.column, &one.label, &one.rule, &one.comment, &one.source}) {
      if (!text->empty()) return one_line(*text).substr(0, 60);
    }
    return "";
  }

  const Sheet& sheet_;
  Spec& spec_;
  std::string of_sheet_, above_;
  std::map<std::string, std::vector<SuppLine>> qualifiers_;  ///< SUPPAE → its lines for QNAM, QVAL …
  SpecVariable pending_;                                     ///< its condition goes on in the next line
  std::string pending_dataset_;
};

/// Workbooks of define.xml editors: IDs become texts, and lines without a source are guessed.
void complete_lines(std::vector<Sheet>& sheets, Spec& spec) {
  const auto methods = texts_of_sheet(sheets, "methods"), comments = texts_of_sheet(sheets, "comments");
  const auto resolve = [](const std::map<std::string, std::string>& texts, std::string& id) {
    if (const auto found = texts.find(id); found != texts.end()) id = found->second;
  };
  for (auto& dataset : spec.datasets) {
    for (auto& one : dataset.variables) {
      resolve(methods, one.method);
      resolve(comments, one.comment);
      const bool said = !one.column.empty() || !one.rule.empty() || !one.constant.empty();
      guess_source(one, dataset.name);
      derive_by_method(one, dataset.name, !said && spec.kind != "spreadsheet");
    }
  }
}

}  // namespace

void derive_by_method(SpecVariable& one, const std::string& dataset, bool workbook) {
  if (!one.guessed) return;
  const std::string origin = base::to_lower(one.origin);
  const bool collected = origin.empty() || origin == "crf" || origin == "collected" || origin == "edt";
  if (workbook && collected) return;
  one.column.clear(), one.guessed = false, one.rule_type = "other";
  if (!one.rule.empty()) return;
  one.rule = one.method;
  SpecVariable tried = one;
  tried.rule_type.clear();
  read_rule_words(tried, dataset);
  static const std::set<std::string> sure{"constant", "sequence", "baseline", "epoch", "study_day"};
  if (!tried.verb.empty() || sure.count(tried.rule_type) != 0) one = tried;
}

bool is_spreadsheet(const Sheet& header) {
  return has_target(header) &&
         (header.has(column_names) || header.has(rule_names) || header.has(rule_type_names));
}

bool is_variable_list(const Sheet& header) {
  return has_target(header) && header.has({"label", "variable_label", "origin", "data_type", "type", "method",
                                           "comment", "comments", "codelist"});
}

void read_spreadsheet(std::vector<Sheet>& sheets, Spec& spec) {
  const bool workbook =
      std::ranges::any_of(sheets, [](const Sheet& one) { return word_of(one.name) == "variables"; }) &&
      std::ranges::any_of(sheets, [](const Sheet& one) { return word_of(one.name) == "datasets"; });
  if (workbook) spec.kind = "p21";
  for (const auto& sheet : sheets) {
    if (!sheet.columns.empty() && has_target(sheet)) SheetReader(sheet, spec).read();
  }
  read_dataset_sheet(sheets, spec);
  read_codelist_sheet(sheets, spec);
  complete_lines(sheets, spec);
  read_value_level_sheet(sheets, spec);
  read_value_maps(sheets, spec);
  for (auto& dataset : spec.datasets) {
    if (workbook) {
      take_from_tests(dataset, false);
      continue;
    }
    if (!dataset.tests.empty() && dataset.tests[0].guessed) {
      if (SpecVariable* result = dataset.find(dataset.name + "ORRES"))
        result->rule_type = "test_result", result->rule.clear();
    }
    // Codes and names of tests come from the tests.
    for (const auto& [suffix, kind] : {std::pair{"TESTCD", "test_code"}, {"TEST", "test_name"}}) {
      SpecVariable* one = dataset.tests.empty() ? nullptr : dataset.find(dataset.name + suffix);
      const bool free = one != nullptr && one->column.empty() && one->verb.empty();
      if (free && (one->rule.empty() || dataset.tests[0].guessed)) one->rule_type = kind;
    }
  }
}

}  // namespace trialmill::specs
