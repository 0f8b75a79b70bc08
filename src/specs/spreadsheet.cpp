// One line for each target variable. The columns have many names in the field; those that are known are
// listed here.
#include <algorithm>
#include <cctype>
#include <optional>
#include <regex>

#include "base/text.hpp"
#include "specs/read_spec.hpp"

namespace trialmill::specs {
namespace {

using Names = std::initializer_list<const char*>;

const Names dataset_names{"target_domain", "target_dataset", "target_sdtm_domain",
                          "sdtm_domain",   "sdtm_dataset",   "domain",
                          "dataset",       "target_table"};
const Names variable_names{"target_variable", "target_sdtm_variable", "sdtm_variable",
                           "variable",        "variable_name",        "target_column"};
const Names source_names{"source_dataset", "source_table", "raw_dataset", "source_data_set", "source_domain",
                         "input_dataset",  "source_file",  "source",      "raw_table",       "form"};
const Names column_names{"source_variable", "source_variables", "source_column",
                         "source_columns",  "raw_variable",     "raw_column",
                         "input_variable",  "source_field",     "item"};
const Names rule_type_names{"rule_type",       "mapping_type",        "algorithm",      "mapping_algorithm",
                            "derivation_type", "transformation_type", "type_of_mapping"};
const Names rule_names{"rule",
                       "rule_text",
                       "rule_expression",
                       "rule_text_expression",
                       "expression",
                       "mapping_rule",
                       "derivation",
                       "transformation",
                       "mapping",
                       "conversion_definition",
                       "programming_notes",
                       "mapping_logic",
                       "algorithm_text",
                       "comments_derivation"};

bool has_usual_columns(const Sheet& sheet) {
  return sheet.has(dataset_names) && sheet.has(variable_names) &&
         (sheet.has(column_names) || sheet.has(rule_names) || sheet.has(rule_type_names));
}

/// The sheet from its line of names on: titles and remarks may stand above it.
std::optional<Sheet> from_header(const Sheet& sheet) {
  if (has_usual_columns(sheet)) return sheet;
  for (std::size_t row = 0; row < std::min<std::size_t>(sheet.rows.size(), 15); ++row) {
    Sheet below = sheet;
    std::ranges::transform(sheet.rows[row], below.columns.begin(), word_of);
    if (!has_usual_columns(below)) continue;
    below.rows.erase(below.rows.begin(), below.rows.begin() + static_cast<std::ptrdiff_t>(row) + 1);
    below.first_row = sheet.first_row + row + 1;
    return below;
  }
  return std::nullopt;
}

/// What a kind of rule means, whatever it is called.
std::string rule_kind(const std::string& text) {
  const std::string word = word_of(text);
  const auto has = [&word](std::string_view part) { return word.find(part) != std::string::npos; };
  if (word.empty()) return "";
  if (has("study_day") || word == "dy") return "study_day";
  if (has("sequence") || has("derive_seq") || word == "seq") return "sequence";
  if (has("blfl") || has("baseline") || has("last_before")) return "baseline";
  if (has("epoch")) return "epoch";
  if (has("date") || has("iso8601") || has("iso_8601")) return "datetime";
  if (has("hardcode") || has("constant") || has("assigned_value") || word == "default") return "constant";
  if (has("unit") || has("conver")) return "convert";
  if (has("concat")) return "concat";
  if (has("lookup") || has("look_up")) return "lookup";
  if (word == "sql") return "sql";
  if (has("no_ct") || has("copy") || has("direct") || has("one_to_one") || word == "assign" ||
      word == "rename")
    return "copy";
  if (has("ct") || has("codelist") || has("decode") || has("term")) return "codelist";
  return "other";
}

bool is_yes(const std::string& text) {
  const std::string word = base::to_upper(text);
  return word == "Y" || word == "YES" || word == "1" || word == "X" || word == "TRUE";
}

/// Sheets without a kind of rule: what the rule's words say beyond doubt.
void read_rule_text(SpecVariable& one) {
  using std::regex;
  static const auto flags = regex::icase | regex::ECMAScript;
  static const regex constant(
      "^\\s*(?:(?:set|hard-?\\s?coded?|assign(?:ed)?|default|constant|=)\\s*(?:to|as|:|=)?\\s*)?[\"'](.+)[\"'"
      "]\\s*$",
      flags);
  static const regex copy(
      "^\\s*(?:direct(?:ly)?(?: (?:copy|move|mapping|mapped))?|copy|copied|move|moved|as[- ]is|as "
      "collected|one[- ]to[- ]one|1:1)\\b.*$",
      flags);
  static const regex date("\\biso ?-?8601\\b", flags), sequence("\\bsequen(?:ce|tial) number", flags);
  std::smatch found;
  if (std::regex_match(one.rule, found, constant)) {
    one.rule_type = "constant";
    one.constant = found[1];
  } else if (std::regex_match(one.rule, copy)) {
    if (one.codelist.empty()) one.rule_type = "copy";
    one.rule.clear();
  } else if (one.variable.ends_with("SEQ") && (one.rule.empty() || std::regex_search(one.rule, sequence))) {
    one.rule_type = "sequence";
  } else if (one.variable.ends_with("DY") && !one.variable.ends_with("VISITDY") && one.column.empty()) {
    one.rule_type = "study_day";
  } else if (one.variable == "EPOCH" && one.column.empty()) {
    one.rule_type = "epoch";
  } else if (std::regex_search(one.rule, date)) {
    one.rule_type = "datetime";
  } else if (one.variable == "STUDYID" && one.column.empty() && one.rule.empty()) {
    one.rule_type = "constant";
    one.constant = "${study}";
  }
}

SpecVariable read_line(const Sheet& sheet, std::size_t row) {
  SpecVariable one;
  const auto text = [&](Names names) { return sheet.text(row, names); };
  one.place = sheet.place(row);
  one.variable = base::to_upper(text(variable_names));
  one.label = text({"label", "variable_label", "target_label", "target_variable_label"});
  one.codelist = text({"codelist", "code_list", "controlled_terminology", "ct", "controlled_terms",
                       "target_sdtm_variable_codelist_code", "codelist_code", "controlled_terms_or_format"});
  one.key_order = text({"key", "key_order", "key_sequence", "keyseq"});
  one.source = text(source_names);
  one.column = text(column_names);
  one.filter = text({"filter", "condition", "where_condition", "source_filter", "record_filter", "subset"});
  one.join_table = text({"join_dataset", "right_dataset", "join_table", "join"});
  one.join_on = text({"join_keys", "join_key", "join_on", "merge_keys"});
  one.rule_type = rule_kind(text(rule_type_names));
  one.rule = text(rule_names);
  one.constant = text({"constant", "constant_value", "hardcoded_value", "target_hardcoded_value",
                       "assigned_value", "target_term_value", "value"});
  one.format = text({"source_format", "date_format", "raw_data_format", "raw_format", "format"});
  one.unit_from = text({"unit_from", "source_unit", "from_unit", "original_unit"});
  one.unit_to = text({"unit_to", "target_unit", "to_unit", "standard_unit"});
  one.factor = text({"factor", "conversion_factor"});
  one.origin = text({"origin"});
  one.origin_source = text({"origin_source"});
  one.pages = text({"crf_page", "crf_pages", "pages", "page"});
  one.method = text({"method", "computational_method"});
  one.comment = text({"comment", "comments"});
  one.where = text({"value_level", "where_clause", "where", "vlm_where", "value_level_where_clause"});
  one.evaluator = text({"qeval", "evaluator"});
  const std::string qnam = base::to_upper(text({"qnam"}));
  one.supplemental = !qnam.empty() || is_yes(text({"supp", "supplemental", "is_supp", "suppqual"}));
  if (!qnam.empty()) one.variable = qnam;
  if (const std::string label = text({"qlabel"}); !label.empty()) one.label = label;
  if (const std::string origin = text({"qorig"}); !origin.empty()) one.origin = origin;
  if (one.rule_type.empty() && !one.constant.empty() && one.column.empty()) one.rule_type = "constant";
  if (one.rule_type.empty()) read_rule_text(one);
  return one;
}

bool is_dataset_name(const std::string& name) {
  return name.size() >= 2 && name.size() <= 8 && std::isalpha(static_cast<unsigned char>(name[0])) &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c); });
}

}  // namespace

bool is_spreadsheet(const std::vector<Sheet>& sheets) {
  return std::ranges::any_of(sheets, [](const Sheet& sheet) { return from_header(sheet).has_value(); });
}

void read_spreadsheet(const std::vector<Sheet>& sheets, Spec& spec) {
  for (const auto& one_sheet : sheets) {
    const auto found_sheet = from_header(one_sheet);
    if (!found_sheet) continue;
    const Sheet& sheet = *found_sheet;
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
      std::string name = base::to_upper(sheet.text(row, dataset_names));
      SpecVariable one = read_line(sheet, row);
      if (name.empty() && one.variable.empty()) continue;
      if (name.starts_with("SUPP") && name.size() > 4) name = name.substr(4), one.supplemental = true;
      if (!is_dataset_name(name) || one.variable.empty()) continue;
      SpecDataset& dataset = spec.dataset(name);
      const std::string code = test_code_of(one.where, name);
      if (!code.empty() && (one.variable == name + "ORRES" || one.variable == name + "ORRESU")) {
        auto found = std::ranges::find(dataset.tests, code, &SpecTest::code);
        if (found == dataset.tests.end())
          found = dataset.tests.insert(found, SpecTest{code, "", "", "", "", one.place, false});
        if (one.variable == name + "ORRES")
          found->column = one.column;
        else if (one.column.empty())
          found->unit = one.constant.empty() ? one.unit_from : one.constant;
        else
          found->unit_column = one.column;
        if (SpecVariable* whole = dataset.find(one.variable)) {
          if (whole->source.empty()) whole->source = one.source;
          continue;
        }
        one.rule_type = one.variable == name + "ORRES" ? "test_result" : "test_unit";
      }
      // The same variable from several sources: the first that has a value.
      if (SpecVariable* before = dataset.find(one.variable);
          before != nullptr && before->supplemental == one.supplemental && !one.column.empty()) {
        if (before->rule_type.empty() || before->rule_type == "copy") before->column += "," + one.column;
        continue;
      }
      dataset.variables.push_back(std::move(one));
    }
  }
  // Codes and names of tests come from the tests.
  for (auto& dataset : spec.datasets) {
    for (const auto& [suffix, kind] : {std::pair{"TESTCD", "test_code"}, {"TEST", "test_name"}}) {
      SpecVariable* one = dataset.tests.empty() ? nullptr : dataset.find(dataset.name + suffix);
      if (one != nullptr && one->column.empty() && one->rule.empty()) one->rule_type = kind;
    }
  }
}

}  // namespace trialmill::specs
