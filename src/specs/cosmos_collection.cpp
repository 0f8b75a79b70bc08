// CDISC COSMoS: biomedical concepts as they are collected: one line for each item of a form.
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {
namespace {

struct Line {
  std::string dataset, item, variable, annotation, constant, form, option, test, place;
  std::vector<std::string> targets;
};

Line line_of(const Sheet& sheet, std::size_t row) {
  Line line{base::to_upper(sheet.text(row, {"domain"})),
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

/// The item of a date or time.
bool is_date(const Line& line) {
  return line.item.ends_with("DAT") || line.variable.ends_with("DAT");
}
bool is_time(const Line& line) {
  return line.item.ends_with("TIM") || line.variable.ends_with("TIM");
}

/// Several parts of one date: the column of the date first.
void add_date_part(SpecVariable& date, const std::string& column, bool first) {
  date.rule_type = "datetime";
  if (date.column.empty())
    date.column = column;
  else if (("," + date.column + ",").find("," + column + ",") == std::string::npos)
    date.column = first ? column + "," + date.column : date.column + "," + column;
}

SpecTest& test_of(SpecDataset& dataset, const std::string& code, const Line& line) {
  const auto found = std::ranges::find_if(
      dataset.tests, [&](const SpecTest& one) { return one.code == code && one.group == line.test; });
  if (found != dataset.tests.end()) return *found;
  SpecTest& test = dataset.tests.emplace_back();
  test.code = code;
  test.group = line.test;
  test.place = line.place;
  return test;
}

/// "Mean Heart Rate (Horizontal)" without the kind of the form.
std::string test_name(std::string text) {
  static const RE2 kind(R"re((?i)\s*\((?:horizontal|vertical|normalized|denormalized)[^()]*\)\s*$)re");
  RE2::Replace(&text, kind, "");
  return text;
}

class CollectionReader {
 public:
  CollectionReader(const Sheet& sheet, Spec& spec) : sheet_(sheet), spec_(spec) {
    for (std::size_t row = 0; row < sheet_.rows.size(); ++row) {
      const Line line = line_of(sheet_, row);
      if (is_wide(line)) wide_.insert(line.dataset + " " + line.test);
      if (const std::string code = test_code_of(line.annotation, line.dataset);
          !code.empty() && line.variable == line.dataset + "ORRES")
        codes_[line.form] = code;
    }
  }

  void read() {
    for (std::size_t row = 0; row < sheet_.rows.size(); ++row) {
      if (!sheet_.is_blank(row)) read_row(row);
    }
    for (auto& dataset : spec_.datasets) open_constants(dataset);
  }

 private:
  static bool is_wide(const Line& line) {
    return line.option == "horizontal" || line.option == "denormalized";
  }

  /// What one form of several fills in is not the value of all records.
  void open_constants(SpecDataset& dataset) {
    for (auto& one : dataset.variables) {
      if (one.constant.empty() || forms_[dataset.name].size() < 2) continue;
      one.rule_type = "other";
      one.rule = "'" + one.constant + "' on one form of several (a row set with `constant` for it)";
      one.constant.clear();
    }
  }

  /// The same concept once as a wide and once as a long form: the wide one is mapped.
  bool is_twin(const Line& line) const {
    return !line.option.empty() && !is_wide(line) && wide_.count(line.dataset + " " + line.test) != 0;
  }

  void read_row(std::size_t row) {
    const Line line = line_of(sheet_, row);
    const auto left_out = [&](const std::string& why) {
      skip(spec_, sheet_, row, line.item.empty() ? line.variable : line.item, why);
    };
    if (line.dataset.empty() || line.variable.empty() || line.item.empty())
      return left_out("no dataset, variable or item");
    if (is_twin(line))
      return left_out(line.option + " form of a concept that is mapped from its horizontal form");
    SpecDataset& dataset = spec_.dataset(line.dataset);
    forms_[line.dataset].insert(line.form);
    const auto form = codes_.find(line.form);
    const std::string said = test_code_of(line.annotation, line.dataset);
    if (const std::string code = said.empty() && form != codes_.end() ? form->second : said; !code.empty()) {
      SpecTest& test = test_of(dataset, code, line);
      if (test.name.empty()) test.name = test_name(sheet_.text(row, {"short_name"}));
      if (read_test_line(row, dataset, static_cast<std::size_t>(&test - dataset.tests.data()), line)) return;
    }
    read_item(row, line, dataset, left_out);
  }

  /// True if the line is a part of the test's entry. Items that a test has for itself (CA_LBSPEC) set their
  /// variable for the test's records; items that all tests of a form share are variables.
  bool read_test_line(std::size_t row, SpecDataset& dataset, std::size_t number, const Line& line) {
    SpecTest& test = dataset.tests[number];
    const bool own = line.item.starts_with(test.code + "_");
    if (line.variable == line.dataset + "ORRES") {
      test.column = line.item;
    } else if (line.variable == line.dataset + "ORRESU") {
      (line.constant.empty() ? test.unit_column : test.unit) =
          line.constant.empty() ? line.item : line.constant;
    } else if (!line.constant.empty()) {
      test.given.push_back({line.variable, line.constant, false});
      give(dataset, line.variable, line.place);
    } else if (own && is_date(line)) {
      const std::string step = "_" + line.variable,
                        target = line.variable.substr(0, line.variable.size() - 3) + "DTC";
      test.given.push_back({step, line.item, true});
      give(dataset, step, line.place);
      give(dataset, target, line.place).verb = "datetime: " + step;
    } else if (own && line.targets.size() < 2) {
      const std::string codelist = sheet_.text(row, {"codelist_submission_value"}),
                        target = line.targets.empty() ? line.variable : line.targets[0];
      const std::string name = codelist.empty() ? target : "_" + target;
      test.given.push_back({name, line.item, true});
      give(dataset, name, line.place);
      if (!codelist.empty())
        give(dataset, target, line.place).verb = "from: " + name + ", terms: " + codelist;
    } else {
      return false;
    }
    return true;
  }

  /// The variable that entries of the unpivot set.
  static SpecVariable& give(SpecDataset& dataset, const std::string& variable, const std::string& place) {
    if (SpecVariable* known = dataset.find(variable)) return *known;
    SpecVariable& one = dataset.variables.emplace_back();
    one.variable = variable;
    one.place = place;
    one.verb = "given: records";
    return one;
  }

  template <typename LeftOut>
  void read_item(std::size_t row, const Line& line, SpecDataset& dataset, const LeftOut& left_out) {
    const bool date = is_date(line), time = is_time(line);
    std::string target = line.targets.empty() ? line.variable : line.targets[0];
    if ((date || time) && !target.ends_with("DTC")) {
      const std::string& from =
          line.variable.ends_with("DAT") || line.variable.ends_with("TIM") ? line.variable : line.item;
      target = from.substr(0, from.size() - 3) + "DTC";
    }
    if (line.annotation.find("NOT SUBMITTED") != std::string::npos && line.targets.empty())
      return left_out("not submitted");
    if (line.targets.empty() &&
        (target.ends_with("YN") || target.ends_with("PERF") || target.ends_with("ONGO")))
      return left_out("no SDTM variable: use it in `keep`, or for --STAT or --ENRTPT");
    if (line.targets.size() > 1 && !date && !time) {
      dataset.open.push_back(line.item + " (" + line.place + ") goes to " + base::join(line.targets, ", ") +
                             ": which, and when?");
      return;
    }
    add(row, line, target, dataset);
  }

  void add(std::size_t row, const Line& line, const std::string& target, SpecDataset& dataset) {
    SpecVariable* known = dataset.find(target);
    if (known == nullptr) {
      known = &dataset.variables.emplace_back();
      known->variable = target;
      known->place = line.place;
    }
    SpecVariable& one = *known;
    if (!one.verb.empty()) {  // set by entries of the unpivot
      one.also.push_back(line.place + ": " + line.item);
      return;
    }
    if (is_date(line) || is_time(line)) {
      add_date_part(one, line.item, is_date(line));
    } else if (one.column.empty()) {
      one.column = line.item;
      one.constant = line.constant;
      one.codelist = sheet_.text(row, {"codelist_submission_value"});
    } else if (one.column != line.item || one.constant != line.constant) {
      one.also.push_back(line.place + ": " + line.item +
                         (line.constant.empty() ? "" : " = " + line.constant));
    }
    one.origin = "Collected";
    one.supplemental = line.annotation.find("in SUPP") != std::string::npos;
    one.label = one.supplemental ? sheet_.text(row, {"prompt", "question_text"}) : "";
    if (!one.constant.empty()) one.rule_type = "constant";
  }

  const Sheet& sheet_;
  Spec& spec_;
  std::map<std::string, std::set<std::string>> forms_;  ///< by dataset
  std::set<std::string> wide_;                          ///< "EG EGHRMN": concepts with a horizontal form
  std::map<std::string, std::string> codes_;            ///< form → the code of its only test
};

}  // namespace

bool is_cosmos_collection(const Sheet& header) {
  return header.has({"sdtm_target_variable"}) && header.has({"variable_name"}) && header.has({"domain"}) &&
         header.has({"collection_item", "crf_item"});
}

void read_cosmos_collection(std::vector<Sheet>& sheets, Spec& spec) {
  for (const auto& sheet : sheets) {
    if (sheet.columns.empty() || !is_cosmos_collection(sheet)) continue;
    CollectionReader(sheet, spec).read();
    for (const auto& column : sheet.columns) sheet.find({column.c_str()});
  }
  for (auto& dataset : spec.datasets) {
    add_identifiers(dataset);
    take_from_tests(dataset, true);
  }
}

}  // namespace trialmill::specs
