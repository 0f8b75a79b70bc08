// Specifications like those of {sdtm.oak} say in columns of their own under which condition a line holds:
// what is compared (a raw variable or one of the dataset), how, and with what.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/spreadsheet_names.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

using Words = std::set<std::string>;

/// A raw column in SQL: variables of the dataset with the same name would hide it.
std::string raw_name(const std::string& column, const std::string& dataset) {
  if (column.empty()) return "";
  return (!dataset.empty() && column.starts_with(dataset.substr(0, 2)) ? "raw." : "") + column;
}

/// What a condition compares, as SQL.
struct Sides {
  std::string left, right;
  bool names = false;  ///< both are columns or variables
};

Sides sides_of(const Sheet& sheet, std::size_t row) {
  const auto text = [&](const char* name) { return sheet.text(row, {name}); };
  const std::string dataset = base::to_upper(sheet.text(row, dataset_names));
  // A variable of another dataset bears its name: DM.RFSTDTC.
  const auto variable_in = [&](const char* domain, const char* name) {
    const std::string of = base::to_upper(text(domain)), variable = base::to_upper(text(name));
    return variable.empty() || of.empty() || of == dataset ? variable : of + "." + variable;
  };
  Sides sides;
  sides.left = raw_name(text("condition_left_raw_variable"), dataset);
  if (sides.left.empty())
    sides.left = variable_in("condition_left_sdtm_domain", "condition_left_sdtm_variable");
  const std::string value = text("condition_right_text_value");
  const std::string variable = variable_in("condition_right_sdtm_domain", "condition_right_sdtm_variable");
  sides.right = variable.empty() ? raw_name(text("condition_right_raw_variable"), dataset) : variable;
  sides.names = value.empty() && !sides.right.empty();
  if (!value.empty()) sides.right = base::sql_literal(value);
  return sides;
}

/// Conditions that need nothing on the right.
std::string one_sided(const std::string& word, const std::string& left) {
  static const Words missing{"is_missing", "missing", "is_null", "is_na", "is_blank", "is_empty"},
      there{"is_not_missing", "not_missing", "is_not_null",  "not_null",
            "is_not_na",      "not_blank",   "is_populated", "not_empty"};
  if (word == "checked" || word == "is_checked") return left + " = '1'";
  if (word == "not_checked" || word == "unchecked") return "coalesce(" + left + ", '') <> '1'";
  if (word == "is_numeric") return "try_cast(" + left + " AS DOUBLE) IS NOT NULL";
  if (word == "is_character" || word == "is_not_numeric") return "try_cast(" + left + " AS DOUBLE) IS NULL";
  if (missing.count(word) != 0) return "coalesce(trim(" + left + "), '') = ''";
  if (there.count(word) != 0) return "coalesce(trim(" + left + "), '') <> ''";
  return "";
}

std::string listed(const std::string& left, const char* sign, const std::string& values) {
  std::vector<std::string> all;
  for (const auto& part : base::split(base::replace_all(values, ";", ","), ',')) {
    const std::string value(base::trim(part));
    if (!value.empty()) all.push_back(base::sql_literal(value));
  }
  return all.empty() ? "" : left + sign + "(" + base::join(all, ", ") + ")";
}

/// Conditions with something on the right.
std::string two_sided(const std::string& operation, const Sides& sides, const std::string& value) {
  static const Words same{"equals", "equal", "equal_to", "is_equal_to", "eq", "is"},
      other{"different_to", "different_from",  "not_equal", "not_equals",
            "not_equal_to", "is_not_equal_to", "ne"};
  static constexpr std::array<std::array<const char*, 4>, 4> orders{
      {{"greater_than", "gt", ">", " > "},
       {"less_than", "lt", "<", " < "},
       {"greater_than_or_equal_to", "ge", ">=", " >= "},
       {"less_than_or_equal_to", "le", "<=", " <= "}}};
  if (sides.right.empty()) return "";
  const std::string word = word_of(operation);
  // Texts of two columns may differ in blanks only.
  const std::string left = sides.names ? "trim(" + sides.left + ")" : sides.left;
  if (same.count(word) != 0 || operation == "=" || operation == "==") return left + " = " + sides.right;
  if (other.count(word) != 0 || operation == "!=" || operation == "<>") return left + " <> " + sides.right;
  if (word == "in" || word == "is_in") return listed(sides.left, " IN ", value);
  if (word == "not_in") return listed(sides.left, " NOT IN ", value);
  for (const auto& [longer, shorter, sign, sql] : orders) {
    if (word == longer || word == shorter || operation == sign)
      return "try_cast(" + sides.left + " AS DOUBLE)" + sql + "try_cast(" + sides.right + " AS DOUBLE)";
  }
  return "";
}

/// The condition of a line as people read it, for the TODO.
std::string described(const Sheet& sheet, std::size_t row) {
  std::vector<std::string> parts;
  for (const char* name : {"condition_add_raw_dat", "condition_left_raw_variable",
                           "condition_left_sdtm_variable", "condition_operator", "condition_right_text_value",
                           "condition_right_sdtm_variable", "condition_right_raw_variable"}) {
    if (const std::string text = sheet.text(row, {name}); !text.empty()) parts.push_back(one_line(text));
  }
  return base::join(parts, " ");
}

/// What a checked box holds: the column's format says that it is a 1, or nobody does.
bool holds_one(const Sheet& sheet, std::size_t row) {
  return sheet.text(row, {"raw_data_format"}) == "1" &&
         sheet.text(row, {"raw_variable"}) == sheet.text(row, {"condition_left_raw_variable"});
}

void leave_open(SpecVariable& one, const std::string& condition, const std::string& sql) {
  if (one.rule.empty())
    one.rule = condition.empty() ? "under a condition that is not said" : "if " + condition;
  const std::string what =
      one.constant.empty() ? "from: " + scalar(one.column) : "constant: " + scalar(one.constant);
  const bool something = !one.constant.empty() || !one.column.empty();
  if (!condition.empty() && something)
    one.proposal = "{" + what + ", when: " + scalar(sql.empty() ? "…" : sql) + "}";
  one.rule_type = "other";
}

}  // namespace

void read_condition(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  const std::string operation = sheet.text(row, {"condition_operator"}), word = word_of(operation),
                    other = sheet.text(row, {"condition_left_raw_dataset"}),
                    added = sheet.text(row, {"condition_add_raw_dat"});
  if (operation.empty() && added.empty() && !one.conditional) return;
  const Sides sides = sides_of(sheet, row);
  std::string sql = sides.left.empty() ? "" : one_sided(word, sides.left);
  if (sql.empty() && !sides.left.empty())
    sql = two_sided(operation, sides, sheet.text(row, {"condition_right_text_value"}));
  const bool elsewhere = !other.empty() && !one.source.empty() && other != one.source;
  const bool box = word.ends_with("checked");
  static const Words known{"copy", "constant", "codelist", "datetime"};
  const std::string next = base::to_upper(sheet.text(row, {"condition_next_logical_operator"}));
  const bool usable = known.count(one.rule_type) != 0 && (!box || holds_one(sheet, row)) &&
                      (next.empty() || next == "AND" || next == "OR");
  if (sql.empty() || elsewhere || !added.empty() || !usable) {
    const std::string table = elsewhere ? other + "." : "";
    return leave_open(one, table + described(sheet, row), elsewhere ? "" : sql);
  }
  one.when = sql;
  if (box) one.question = "a checked " + sides.left + " is taken to hold 1; does it?";
  one.next = next;
  one.rule.clear();  // the columns say it
}

}  // namespace trialmill::specs
