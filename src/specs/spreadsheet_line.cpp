// The columns of specification spreadsheets have many names in the field; those that are known are listed
// here, the most telling ones first.
#include <re2/re2.h>

#include <set>
#include <utility>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/rule_vocabulary.hpp"
#include "specs/spreadsheet_names.hpp"

namespace trialmill::specs {
namespace {

/// "NY (C66742)", "(NY)", "C66742", "$SEXF." → the name, else the code; "" for ISO 8601, MedDRA and the like,
/// which are no codelists.
std::string codelist_of(const std::string& text) {
  static const RE2 no_codelist(R"re((?is)\*|ISO\b.*|.*\b(?:ISO ?-?8601|MedDRA|WHO ?-?D(?:RUG|D)).*)re");
  static const RE2 of_library(R"re(/mdr/.*/codelists/(C[0-9]+))re");
  std::string library;
  if (RE2::FullMatch(text, of_library, &library)) return library;
  static const RE2 code("C[0-9]{4,6}"), name("[A-Z][A-Z0-9_]*"),
      sas_format(R"re(\$?([A-Za-z][A-Za-z0-9_]*)\.)re");
  if (is_nothing(text) || RE2::FullMatch(text, no_codelist)) return "";
  std::string format, code_found;
  if (RE2::FullMatch(text, sas_format, &format)) return base::to_upper(format);
  for (const auto& part : base::split(base::replace_all(base::replace_all(text, "(", " "), ")", " "), ' ')) {
    if (RE2::FullMatch(part, code))
      code_found = part;
    else if (part.size() > 1 && RE2::FullMatch(part, name))
      return part;
  }
  return code_found.empty() ? one_line(text) : code_found;
}

/// Words in columns of sources that name none.
bool is_no_source(const std::string& text) {
  static const std::set<std::string> words{
      "derived", "assigned",    "constant",       "metadata",  "protocol",   "crf",
      "ecrf",    "calculated",  "computed",       "hardcoded", "hardcode",   "various",
      "sponsor", "predecessor", "see_derivation", "see_rule",  "see_comment"};
  return is_nothing(text) || words.count(word_of(text)) != 0;
}

/// RAW.AE → AE; SDTM.EX stays, it is another dataset.
std::string without_library(const std::string& table) {
  static const RE2 library(R"re((?i)(?:RAW|RAWDATA|SOURCE|SRC|EDC|WORK|LIB|CRF)\.(.+))re");
  std::string rest;
  return RE2::FullMatch(table, library, &rest) ? rest : table;
}

/// Table and column, which may stand in one cell (AE.AETERM), or be said in words.
void read_source(SpecVariable& one) {
  static const RE2 dotted(R"re(([A-Za-z_][A-Za-z0-9_]*)\.([A-Za-z_][A-Za-z0-9_]*))re"),
      in_front(R"re(([A-Za-z_][A-Za-z0-9_]*)\.[A-Za-z_])re");
  if (is_no_source(one.column)) one.column.clear();
  if (is_no_source(one.source)) one.source.clear();
  for (std::string* cell : {&one.source, &one.column}) *cell = without_library(*cell);
  std::string table, column;
  RE2::FullMatch(one.source, dotted, &table, &column);
  if (one.column.empty() && !table.empty() && base::to_upper(table) != "SDTM" &&
      source_extensions.count(base::to_lower(column)) == 0) {
    one.source = table;
    one.column = column;
  } else if (one.source.empty() && RE2::PartialMatch(one.column, in_front, &table) && table != "IT" &&
             table != "IG") {
    one.source = table;
  }
  // Records of another dataset: EX.EXSTDTC.
  if (base::to_upper(one.source).starts_with("SDTM.")) {
    const auto columns = columns_in(one.column);
    const std::string dataset = base::to_upper(one.source.substr(5));
    if (columns.size() == 1) one.column = dataset + "." + base::to_upper(columns[0]);
    const bool copy = one.rule_type.empty() || one.rule_type == "copy";
    if (columns.size() == 1 && copy && (one.rule.empty() || has_only_words(one.rule, copy_words())))
      one.verb = "from: " + one.column;
    one.source.clear();
  }
  // Remarks in the column of columns are part of the rule.
  if (!one.column.empty() && columns_in(one.column).empty()) {
    one.rule = one.rule.empty() ? one.column : one.column + ": " + one.rule;
    one.column.clear();
  }
}

void read_kind(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  const std::string kind = sheet.text(row, rule_type_names), word = word_of(kind);
  one.rule_type = rule_kind(kind);
  one.conditional = word == "if_then_else" || word == "if_then" || word == "condition_add";
  // {sdtm.oak}: what to do where a condition holds.
  if (const std::string sub = sheet.text(row, {"entity_sub_algorithm"});
      one.rule_type == "other" && !sub.empty())
    one.rule_type = rule_kind(sub);
  one.kind_said = !one.rule_type.empty() && one.rule_type != "other";
  if (one.rule_type != "other") return;
  static const std::set<std::string> origins{"derived",  "assigned",    "crf", "collected",
                                             "protocol", "predecessor", "edt"};
  if (origins.count(word) != 0) {
    if (one.origin.empty()) one.origin = kind;
    one.rule_type.clear();
    if (word == "derived" && one.rule.empty() && !one.column.empty())
      one.question = "it is said to be derived, but not how; is it a copy?";
  } else if (one.rule.empty() && kind.find_first_of(" =(\"'") != std::string::npos) {
    one.rule = kind;  // an "Algorithm" in words
    one.rule_type.clear();
  }
}

/// DM.ARMCD: the variable of another dataset. The subject's records are found by USUBJID, which is none
/// itself.
void read_predecessor(const std::string& text, SpecVariable& one) {
  static const RE2 shape("([A-Z]{2,8})\\.([A-Z][A-Z0-9]+)");
  std::string dataset, variable;
  if (text.empty() || !one.column.empty() || !one.rule.empty()) return;
  if (RE2::FullMatch(text, shape, &dataset, &variable) && variable != "USUBJID")
    one.verb = "from: " + text;
  else
    one.rule = "predecessor " + text;
}

/// Two codelists in one cell leave open which is meant.
void read_codelist(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  static const RE2 several(R"re([A-Z][A-Z0-9]+\s*[/,;]\s*[A-Z][A-Z0-9]+.*)re");
  const std::string codelist = sheet.filled_text(row, codelist_names);
  if (RE2::FullMatch(codelist, several))
    one.also.push_back(one.place + ": codelists " + codelist + ": which?");
  else
    one.codelist = codelist_of(codelist);
}

/// "CRF Pages 7, 22" is origin and pages.
void read_origin(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  static const RE2 with_pages(R"re((?i)(?:e|a)?CRF,?\s+pages?\s*:?\s*([0-9].*))re");
  one.origin = sheet.text(row, {"origin", "origin_type"});
  std::string pages;
  if (RE2::FullMatch(one.origin, with_pages, &pages)) one.origin = "CRF";
  one.origin_source = sheet.text(row, {"origin_source"});
  one.pages = sheet.text(row, {"crf_page", "crf_pages", "pages", "page", "crf_page_number", "acrf_page"});
  if (one.pages.empty()) one.pages = pages;
  if (const std::string origin = sheet.text(row, {"qorig"}); !origin.empty()) one.origin = origin;
  static const std::set<std::string> people{"Investigator", "Sponsor", "Subject", "Vendor"};
  if (people.count(one.source) != 0) one.source.clear();
  if (const std::string who = sheet.text(row, {"source"}); people.count(who) != 0) one.origin_source = who;
}

/// A condition of what makes a record selects records; elsewhere it is the variable's.
void read_conditions_in_words(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  one.filter = sheet.text(
      row, {"filter", "where_condition", "source_filter", "record_filter", "subset", "record_selection"});
  one.where =
      sheet.text(row, {"value_level", "where_clause", "where", "vlm_where", "value_level_where_clause"});
  const std::string condition = sheet.text(row, {"condition"});
  if (is_nothing(condition)) return;
  static const RE2 topic("USUBJID|.*(?:TERM|TRT|TESTCD)");
  std::string& place = RE2::FullMatch(one.variable, topic) ? one.filter : one.where;
  if (place.empty()) place = condition;
}

void read_supplemental(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  const auto text = [&](Names names) { return sheet.text(row, names); };
  const std::string qnam = base::to_upper(text({"qnam"}));
  one.evaluator = text({"qeval", "evaluator"});
  one.supplemental = !qnam.empty() ||
                     is_yes(text({"supp", "supplemental", "is_supp", "suppqual", "to_supp"})) ||
                     base::to_lower(text({"target_sdtm_variable_role", "role"})).starts_with("supplemental");
  if (!qnam.empty()) one.variable = qnam;
  if (const std::string label = text({"qlabel"}); !label.empty()) one.label = label;
}

void read_rule(const Sheet& sheet, std::size_t row, SpecVariable& one) {
  one.rule = sheet.text(row, rule_names);
  // Where there is no column for the rule, people write it as a comment.
  if (!sheet.has(rule_names) && !sheet.has({"method"}) && one.rule.empty()) {
    one.rule = std::exchange(one.comment.empty() ? one.note : one.comment, "");
    one.remark = true;
  }
  // An annotation that only names the target (CM.CMTRT, CMDRG in SUPPCM) is no rule.
  static const RE2 target(R"re((?i)(?:[A-Z][A-Z0-9]+\.)?([A-Z]\w*)(?: in SUPP\w+)?)re");
  std::string named;
  const bool no_rule = RE2::FullMatch(one.rule, target, &named) && base::to_upper(named) == one.variable &&
                       !one.column.empty();
  if (no_rule || is_nothing(one.rule)) one.rule.clear();
  read_kind(sheet, row, one);
  read_predecessor(sheet.text(row, {"predecessor"}), one);
  read_json_rule(one);
}

}  // namespace

SpecVariable read_line(const Sheet& sheet, std::size_t row) {
  SpecVariable one;
  const auto text = [&](Names names) { return sheet.text(row, names); };
  one.place = sheet.place(row);
  one.variable = base::to_upper(text(variable_names));
  one.label = text({"label", "variable_label", "target_label", "target_variable_label", "sdtm_label"});
  one.key_order = text({"key", "key_order", "key_sequence", "keyseq"});
  one.source = text(source_names);
  one.column = text(column_names);
  one.join_table = text({"join_dataset", "right_dataset", "join_table", "join"});
  one.join_on = text({"join_keys", "join_key", "join_on", "merge_keys"});
  one.constant = sheet.filled_text(
      row, {"constant", "constant_value", "hardcoded_value", "target_hardcoded_value", "assigned_value",
            "target_value", "target_term_value", "default_value", "fixed_value", "value"});
  one.format = sheet.filled_text(
      row, {"source_format", "date_format", "raw_data_format", "raw_format", "raw_fmt", "format"});
  one.unknown = text({"raw_unk", "unknown_words"});
  one.unit_from = text({"unit_from", "source_unit", "from_unit", "original_unit"});
  one.unit_to = text({"unit_to", "target_unit", "to_unit", "standard_unit"});
  one.factor = text({"factor", "conversion_factor"});
  one.method = text({"method", "computational_method"});
  one.comment = text({"comment", "comments"});
  one.note = text({"note", "notes", "remark", "remarks", "notes_gotchas", "internal_comment"});
  read_codelist(sheet, row, one);
  read_supplemental(sheet, row, one);
  read_conditions_in_words(sheet, row, one);
  read_origin(sheet, row, one);
  read_rule(sheet, row, one);
  read_source(one);
  read_condition(sheet, row, one);
  read_oak_columns(sheet, row, one);
  return one;
}

std::string rule_kind(const std::string& text) {
  const std::string word = word_of(text);
  const auto has = [&word](std::string_view part) { return word.find(part) != std::string::npos; };
  if (word.empty()) return "";
  if (word.size() > 40) return "other";  // a sentence, no kind
  if (has("study_day") || word == "dy") return "study_day";
  if (has("sequence") || has("derive_seq") || word == "seq") return "sequence";
  if (has("blfl") || has("baseline") || has("last_before")) return "baseline";
  if (has("epoch")) return "epoch";
  if (has("date") || has("iso8601") || has("iso_8601") || word.ends_with("dtc")) return "datetime";
  if (has("hardcode") || has("hard_code") || has("constant") || has("assigned_value") || word == "default")
    return "constant";
  if (has("unit") || has("conver")) return "convert";
  if (has("concat")) return "concat";
  if (has("lookup") || has("look_up")) return "lookup";
  if (word == "sql") return "sql";
  if (has("no_ct") || has("copy") || has("direct") || has("one_to_one") || word == "assign" ||
      word == "rename" || word == "move" || word == "1_1")
    return "copy";
  if (word.starts_with("ct_") || word.ends_with("_ct") || word == "ct" || has("codelist") || has("decode") ||
      has("recode") || has("term"))
    return "codelist";
  return "other";
}

}  // namespace trialmill::specs
