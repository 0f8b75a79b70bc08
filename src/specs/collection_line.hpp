// One line of COSMoS's collection specializations: an item of a form.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "specs/sheet.hpp"
#include "specs/spec.hpp"

namespace trialmill::specs {

/// `option`: horizontal or vertical; `test`: the concept; `targets`: SDTM variables.
struct CollectionLine {
  std::string dataset, item, variable, annotation, constant, form, option, test, place;
  std::vector<std::string> targets;
};

CollectionLine collection_line(const Sheet& sheet, std::size_t row);
bool is_date(const CollectionLine& line);
bool is_time(const CollectionLine& line);
/// The code that the annotation says, else the one before the variable in the item's name: EGINTP_EGORRES.
std::string test_code(const CollectionLine& line);
/// Items that only forms of some tests have: variables for these tests. "" stands for forms without a test.
void restrict_to_tests(SpecDataset& dataset,
                       const std::map<std::pair<std::string, std::string>, std::set<std::string>>& tests);
/// Several parts of one date: the column of the date first.
void add_date_part(SpecVariable& date, const std::string& column, bool first);
/// The test of that code and concept; made when it is not there.
SpecTest& collection_test(SpecDataset& dataset, const std::string& code, const CollectionLine& line);
/// "Mean Heart Rate (Horizontal)" without the kind of the form.
std::string test_name(std::string text);

}  // namespace trialmill::specs
