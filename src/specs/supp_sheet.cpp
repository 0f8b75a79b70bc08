// A sheet of SUPPAE that describes its columns: QNAM, QLABEL, QVAL …, which is one qualifier in other words.
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {
namespace {

/// The constant of a column, where its line says one.
std::string constant_of(const std::vector<SuppLine>& lines, const std::string& column) {
  const auto found =
      std::ranges::find_if(lines, [&](const SuppLine& one) { return one.line.variable == column; });
  if (found == lines.end()) return "";
  SpecVariable line = found->line;
  line.column.clear();
  if (line.constant.empty()) read_rule_words(line, "");
  return line.rule_type == "constant" || line.rule_type.empty() ? line.constant : "";
}

}  // namespace

bool is_supp_column(const std::string& variable) {
  static const std::set<std::string> made{"STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL",
                                          "QNAM",    "QLABEL",  "QVAL",    "QORIG", "QEVAL"};
  return made.count(variable) != 0;
}

void add_described_qualifier(Spec& spec, const Sheet& sheet, const std::string& supp,
                             const std::vector<SuppLine>& lines) {
  static const RE2 shape("[A-Z][A-Z0-9]{0,7}");
  const std::string name = constant_of(lines, "QNAM");
  const auto value =
      std::ranges::find_if(lines, [](const SuppLine& one) { return one.line.variable == "QVAL"; });
  const bool described = RE2::FullMatch(name, shape) && value != lines.end();
  for (const auto& [row, line] : lines) {
    if (described && line.variable.starts_with("Q")) continue;
    skip(spec, sheet, row, line.variable, "the columns of " + supp + " are made from `supp`");
  }
  if (!described) return;
  SpecVariable one = value->line;
  one.variable = name;
  one.supplemental = true;
  one.label = constant_of(lines, "QLABEL");
  if (const std::string origin = constant_of(lines, "QORIG"); !origin.empty()) one.origin = origin;
  one.evaluator = constant_of(lines, "QEVAL");
  // From the records of the dataset itself: its table needs no join.
  if (base::to_lower(one.source).find("sdtm") != std::string::npos) one.source.clear();
  add_line(spec.dataset(supp.substr(4)), std::move(one));
}

}  // namespace trialmill::specs
