// CDISC COSMoS: biomedical concepts as they are collected: one line for each item of a form.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "specs/collection_line.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {
namespace {

class CollectionReader {
 public:
  CollectionReader(const Sheet& sheet, Spec& spec) : sheet_(sheet), spec_(spec) {
    for (std::size_t row = 0; row < sheet_.rows.size(); ++row) {
      const CollectionLine line = collection_line(sheet_, row);
      if (is_wide(line)) wide_.insert(line.dataset + " " + line.test);
      if (line.variable == line.dataset + "ORRES" && !test_code(line).empty())
        codes_[line.form] = test_code(line);
      if (line.variable == line.dataset + "TEST" && !line.constant.empty())
        names_[line.dataset + " " + line.test] = line.constant;
    }
  }

  void read() {
    for (std::size_t row = 0; row < sheet_.rows.size(); ++row) {
      if (!sheet_.is_blank(row)) read_row(row);
    }
    for (auto& dataset : spec_.datasets) {
      open_constants(dataset);
      open_shared_columns(dataset);
      restrict_to_tests(dataset, tests_of_);
    }
    for (const auto& [what, rows] : several_) {
      std::string places = (rows.size() > 1 ? "rows " : "row ") + base::join(rows, ", ");
      spec_.dataset(what[0]).open.push_back(what[1] + " (" + places + ") goes to " + what[2] +
                                            ": which, and when?");
    }
  }

 private:
  static bool is_wide(const CollectionLine& line) {
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

  /// One column for two tests is two forms that call it the same: nothing says which rows are whose.
  static void open_shared_columns(SpecDataset& dataset) {
    std::map<std::string, std::vector<std::string>> groups;
    for (const auto& test : dataset.tests) groups[test.column].push_back(test.group);
    for (const auto& [column, names] : groups) {
      if (names.size() > 1)
        dataset.open.push_back(column + " is the result of " + base::join(names, ", ") +
                               ": say which rows belong to which (`keep`), else they count for each");
    }
  }

  /// The same concept once as a wide and once as a long form: the wide one is mapped.
  bool is_twin(const CollectionLine& line) const {
    return !line.option.empty() && !is_wide(line) && wide_.count(line.dataset + " " + line.test) != 0;
  }

  void read_row(std::size_t row) {
    const CollectionLine line = collection_line(sheet_, row);
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
    const std::string said = test_code(line);
    if (const std::string code = said.empty() && form != codes_.end() ? form->second : said; !code.empty()) {
      SpecTest& test = collection_test(dataset, code, line);
      name_test(test, row, line);
      if (read_test_line(row, dataset, static_cast<std::size_t>(&test - dataset.tests.data()), line)) return;
    }
    read_item(row, line, dataset, left_out);
  }

  void name_test(SpecTest& test, std::size_t row, const CollectionLine& line) const {
    if (!test.name.empty()) return;
    const auto said = names_.find(line.dataset + " " + line.test);
    test.name_guessed = said == names_.end();
    test.name = test.name_guessed ? test_name(sheet_.text(row, {"short_name"})) : said->second;
  }

  /// True if the line is a part of the test's entry. Items that a test has for itself (CA_LBSPEC) set their
  /// variable for the test's records; items that all tests of a form share are variables.
  bool read_test_line(std::size_t row, SpecDataset& dataset, std::size_t number, const CollectionLine& line) {
    SpecTest& test = dataset.tests[number];
    const bool own = line.item.starts_with(test.code + "_");
    if (line.variable == line.dataset + "ORRES") {
      test.column = line.item;
      test.guessed = test_code_of(line.annotation, line.dataset).empty();
      if (const std::string terms = sheet_.text(row, {"codelist_submission_value"}); !terms.empty())
        dataset.open.push_back(line.place + ": the result of " + test.code + " is of codelist " + terms +
                               " (`values`)");
      if (line.item.ends_with("_" + line.variable) && !own)
        dataset.open.push_back(line.place + ": " + line.item + " is said to be the result of " + test.code +
                               "; of which test is it?");
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
  void read_item(std::size_t row, const CollectionLine& line, SpecDataset& dataset, const LeftOut& left_out) {
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
    const std::string dose = line.dataset + "DOSE";
    if (line.targets == std::vector<std::string>{dose, dose.substr(0, dose.size() - 1) + "TXT"}) {
      // The guide leaves no choice: --DOSTXT is for doses that are no numbers.
      const std::string number = "try_cast(" + line.item + " AS DOUBLE) IS ";
      add(row, line, line.targets[0], dataset).when = number + "NOT NULL";
      add(row, line, line.targets[1], dataset).when = number + "NULL";
      return;
    }
    if (line.targets.size() > 1 && !date && !time) {
      several_[{line.dataset, line.item, base::join(line.targets, ", ")}].push_back(
          std::to_string(sheet_.number(row)));
      return;
    }
    SpecVariable& one = add(row, line, target, dataset);
    const auto test = codes_.find(line.form);
    tests_of_[{line.dataset, target}].insert(test == codes_.end() ? "" : test->second);
    if (base::to_lower(sheet_.text(row, {"selection_type"})).starts_with("multi"))
      one.also.push_back(line.place + ": several values of " + line.item + " may be selected");
  }

  SpecVariable& add(std::size_t row, const CollectionLine& line, const std::string& target,
                    SpecDataset& dataset) {
    SpecVariable* known = dataset.find(target);
    if (known == nullptr) {
      known = &dataset.variables.emplace_back();
      known->variable = target;
      known->place = line.place;
    }
    SpecVariable& one = *known;
    if (!one.verb.empty()) {  // set by entries of the unpivot
      one.also.push_back(line.place + ": " + line.item);
      return one;
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
    return one;
  }

  const Sheet& sheet_;
  Spec& spec_;
  std::map<std::string, std::set<std::string>> forms_;  ///< by dataset
  std::set<std::string> wide_;                          ///< "EG EGHRMN": concepts with a horizontal form
  std::map<std::string, std::string> codes_;            ///< form → the code of its only test
  std::map<std::string, std::string> names_;            ///< "EG EGHRMN" → what an item of --TEST holds
  std::map<std::pair<std::string, std::string>, std::set<std::string>>
      tests_of_;  ///< dataset, variable → codes
  /// Dataset, item and its several variables → rows.
  std::map<std::array<std::string, 3>, std::vector<std::string>> several_;
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
