#include "specs/verb.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {

bool is_iso_format(const std::string& text) {
  const std::string upper = base::to_upper(text);
  return upper.find("8601") != std::string::npos || upper.starts_with("YYYY-") ||
         upper.starts_with("YYMMDD") || upper.starts_with("E8601") || upper.starts_with("IS8601");
}

std::string date_format(const std::string& text) {
  std::string out = base::to_upper(text);
  if (out.starts_with("DATETIME") || out.starts_with("DATE")) return "DMONY";
  if (out.starts_with("MMDDYY") && out.find("YYYY") == std::string::npos) return "M/D/Y";
  if (out.starts_with("DDMMYY") && out.find("YYYY") == std::string::npos) return "D/M/Y";
  if (is_iso_format(text)) return "";
  out = base::replace_all(out, "MMM", "MON");
  out = base::replace_all(out, "YYYY", "Y");
  if (out.find("YY") != std::string::npos) return "";  // two digits need a rule for the century
  out = base::replace_all(out, "DD", "D");
  if (out.find("MON") == std::string::npos) out = base::replace_all(out, "MM", "M");
  // "dd- MMM- yyyy" means no blanks; "dd MMM yyyy" does. What follows (the time) is read without a format.
  static const RE2 tokens(
      R"re((D|MON|M|Y)(\s*[-/.]?\s*)(D|MON|M|Y)(\s*[-/.]?\s*)(D|MON|M|Y)(?:[\s:T].*)?)re");
  std::string first, second, third, sign1, sign2;
  if (!RE2::FullMatch(out, tokens, &first, &sign1, &second, &sign2, &third)) return "";
  const auto between = [](const std::string& sign) {
    const std::string_view mark = base::trim(sign);
    return mark.empty() && !sign.empty() ? std::string(" ") : std::string(mark);
  };
  return first + between(sign1) + second + between(sign2) + third;
}

namespace {

bool has(const SpecDataset& dataset, const std::string& name) {
  return std::ranges::any_of(dataset.variables, [&](const auto& v) { return v.variable == name; });
}

/// The date of a record: --DTC, or --STDTC of events and treatments.
std::string record_date(const SpecDataset& dataset) {
  const std::string& d = dataset.name;
  const bool starts = has(dataset, d + "STDTC") || has(dataset, d + "TRT") || has(dataset, d + "TERM");
  return d + (has(dataset, d + "DTC") || !starts ? "DTC" : "STDTC");
}

std::string convert_verb(const SpecVariable& one, const SpecDataset& dataset,
                         const std::vector<std::string>& columns) {
  const std::string first = scalar(columns[0]);
  // From Fahrenheit there is an offset, which columns of factors do not say.
  if (base::to_upper(one.unit_from).starts_with("F") && base::to_upper(one.unit_to).starts_with("C")) {
    return "convert: " + first + ", from: " + dataset.name + "ORRESU, to: " + scalar(one.unit_to) +
           ", factors: {" + scalar(one.unit_from) + ": {factor: 5/9, offset: -32}}";
  }
  const std::string unit = columns.size() > 1 ? scalar(columns[1]) : dataset.name + "ORRESU";
  static const RE2 factor(R"re([0-9]+(?:\.[0-9]+)?|[0-9]+/[0-9]+)re");
  const bool usable = RE2::FullMatch(one.factor, factor) && !one.unit_from.empty();
  return "convert: " + first + ", from: " + unit + ", to: " + scalar(one.unit_to) +
         (usable ? ", factors: {" + scalar(one.unit_from) + ": " + one.factor + "}" : "");
}

std::string datetime_verb(const SpecVariable& one, const std::vector<std::string>& columns) {
  if (columns.size() > 2) return "";
  std::vector<std::string> formats;
  const auto add = [&formats](const std::string& text) {
    const std::string format = date_format(text);
    if (!format.empty() && std::ranges::find(formats, format) == formats.end()) formats.push_back(format);
  };
  add(one.format);
  for (const auto& other : one.others) add(other.format);
  const bool step = !date_columns_by_table(one).empty();
  const bool timed = !date_columns_by_table(one, true).empty();
  const std::string from = step && timed         ? "[_" + one.variable + ", _" + one.variable + "_TIME]"
                           : step                ? "_" + one.variable
                           : columns.size() == 1 ? scalar(columns[0])
                                                 : flow_list(columns);
  const auto unknown = columns_in(one.unknown);
  return "datetime: " + from + (formats.empty() ? "" : ", formats: " + flow_list(formats)) +
         (unknown.empty() ? "" : ", unknown: " + flow_list(unknown));
}

/// Of all tables, each name once.
std::vector<std::string> all_columns(const SpecVariable& one) {
  auto columns = columns_in(one.column);
  for (const auto& other : one.others) {
    for (const auto& name : columns_in(other.column)) {
      if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
    }
  }
  return columns;
}

/// Verbs that need no column.
std::string derived_verb(const SpecVariable& one, const SpecDataset& dataset,
                         const std::vector<std::string>& columns) {
  const std::string& kind = one.rule_type;
  if (kind.starts_with("test_")) return "test: " + kind.substr(5);
  if (kind == "sequence") return "sequence: keys";
  if (kind == "constant" || (kind.empty() && !one.constant.empty() && columns.empty())) {
    const std::string text = one.constant.empty() ? one.rule : one.constant;
    return text.empty() ? "" : "constant: " + scalar(one_line(text));
  }
  if (kind == "study_day")
    return "study_day: " +
           one.variable.substr(0, one.variable.size() - (one.variable.ends_with("DY") ? 2 : 0)) + "DTC";
  if (kind == "epoch")
    return "epoch: " + (!columns.empty() && has(dataset, columns[0]) ? columns[0] : record_date(dataset));
  if (kind == "baseline")
    return "last_before: DM.RFXSTDTC, of: " + record_date(dataset) + ", by: [" + dataset.name +
           "TESTCD], result: " + dataset.name + "ORRES";
  if (kind == "sql" && !one.rule.empty()) return "sql: " + scalar(one_line(one.rule));
  return "";
}

}  // namespace

bool is_given_by_table(const SpecVariable& one) {
  return one.rule_type == "constant" && one.when.empty() && one.choices.empty() &&
         std::ranges::any_of(
             one.others, [&](const SpecVariable::Other& other) { return other.constant != one.constant; });
}

std::vector<std::string> date_columns_by_table(const SpecVariable& one, bool of_time) {
  const bool date = one.rule_type == "datetime" || one.variable.ends_with("DTC");
  if (!date || !one.verb.empty() || all_columns(one).size() <= columns_in(one.column).size()) return {};
  std::vector<std::string> names;
  const auto add = [&](const std::string& cell) {
    const auto columns = columns_in(cell);
    const std::size_t part = of_time ? 1 : 0;
    if (columns.size() > part && std::ranges::find(names, columns[part]) == names.end())
      names.push_back(columns[part]);
  };
  add(one.column);
  for (const auto& other : one.others) add(other.column);
  return names;
}

namespace {

/// The verb without the condition.
std::string plain_verb(const SpecVariable& one, const SpecDataset& dataset) {
  if (!one.verb.empty()) return one.verb;
  if (is_given_by_table(one)) return dataset.tables.empty() ? "" : "given: records";
  const auto columns = columns_in(one.column);
  const std::string& kind = one.rule_type;
  if (std::string verb = derived_verb(one, dataset, columns); !verb.empty()) return verb;
  if (one.variable == "USUBJID" && columns.size() > 1 && (one.rule.empty() || one.remark)) {
    // The study's id is in front already where a column holds it.
    const bool study = base::to_upper(columns[0]).starts_with("STUDY");
    return study ? "concat: " + flow_list(columns) + ", separator: \"-\"" : "subject: " + flow_list(columns);
  }
  // A copy is not what a rule with conditions means.
  static const RE2 conditional(R"re((?is).*\b(?:if|when|case|else|otherwise|unless)\b.*)re");
  if (kind != "datetime" && (!one.proposal.empty() || RE2::FullMatch(one.rule, conditional))) return "";
  // Nor what a rule means that nobody understood, unless another column says what kind it is.
  if (!one.rule.empty() && !one.remark && !one.kind_said) return "";
  if (columns.empty() || kind == "lookup" || kind == "other" || kind == "sql" || kind == "constant")
    return "";
  if (kind == "datetime" || one.variable.ends_with("DTC")) return datetime_verb(one, columns);
  if (kind == "concat") return columns.size() < 2 ? "" : "concat: " + flow_list(columns);
  if (kind == "convert" && !one.unit_to.empty()) return convert_verb(one, dataset, columns);
  const auto all = all_columns(one);
  const std::string from = "from: " + (all.size() == 1 ? scalar(all[0]) : flow_list(all));
  const bool coded = !one.codelist.empty() && (kind == "codelist" || kind.empty());
  std::vector<std::string> pairs;
  for (const auto& [raw, term] : one.map) pairs.push_back(scalar(raw) + ": " + scalar(term));
  return from + (coded ? ", terms: " + scalar(one.codelist) : "") +
         (pairs.empty() ? "" : ", map: {" + base::join(pairs, ", ") + "}");
}

}  // namespace

std::string verb_of(const SpecVariable& one, const SpecDataset& dataset) {
  if (one.choices.empty()) {
    const std::string verb = plain_verb(one, dataset);
    return verb.empty() || one.when.empty() ? verb : verb + ", when: " + scalar(one.when);
  }
  std::vector<std::string> parts;
  for (const auto& choice : one.choices)
    parts.push_back("{" + (choice.when.empty() ? "" : "when: " + scalar(choice.when) + ", ") + choice.verb +
                    "}");
  return "choose: [" + base::join(parts, ", ") + "]";
}

}  // namespace trialmill::specs
