// Rules that are parameters in JSON: {"dataset": "ae_raw", "column": "aeterm", "transform": "toupper"}.
#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "specs/read_spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {
namespace {

using base::Json;
using Keys = std::set<std::string>;

const Keys tables{"dataset", "table", "source", "source_dataset"},
    columns{"column", "variable", "source_column", "source_variable"};

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : base::dump_json(value, -1);
}

std::vector<std::string> list_of(const Json& value) {
  std::vector<std::string> all;
  if (value.is_array()) {
    for (const auto& one : value) all.push_back(base::to_upper(text_of(one)));
  } else if (!value.is_null()) {
    all.push_back(base::to_upper(text_of(value)));
  }
  return all;
}

void add_column(SpecVariable& one, const std::string& name) {
  if (!name.empty()) one.column += (one.column.empty() ? "" : ",") + name;
}

/// {"dataset": "ae_raw", "column": "aestdat"}, or the column alone.
bool read_part(SpecVariable& one, const Json& part) {
  if (part.is_null()) return true;
  if (part.is_string()) return add_column(one, part.get<std::string>()), true;
  if (!part.is_object()) return false;
  return std::ranges::all_of(part.items(), [&](const auto& item) {
    if (tables.count(item.key()) != 0) return one.source = text_of(item.value()), true;
    return columns.count(item.key()) != 0 && (add_column(one, text_of(item.value())), true);
  });
}

/// The order of the numbers; those within a subject are what `sequence` makes.
bool read_order(SpecVariable& one, const std::string& key, const Json& value) {
  static const Keys subject{"STUDYID", "USUBJID"};
  const auto names = list_of(value);
  if (key == "by")
    return std::ranges::all_of(names, [](const std::string& name) { return subject.count(name) != 0; });
  one.verb = "sequence: " + flow_list(names);
  return !names.empty();
}

/// True if nothing is left to say of the parameter.
bool read_parameter(SpecVariable& one, const std::string& key, const Json& value) {
  const std::string& kind = one.rule_type;
  const std::string text = base::to_upper(text_of(value));
  if (tables.count(key) != 0) return one.source = text_of(value), true;
  if (columns.count(key) != 0) return add_column(one, text_of(value)), true;
  if (key == "value" && kind == "constant") return one.constant = text_of(value), true;
  if (key == "codelist_id" || key == "codelist") return one.codelist = text_of(value), true;
  if (key == "date_col" || key == "time_col") return read_part(one, value);
  if (kind == "sequence" && key == "ties") return true;
  if (kind == "sequence" && (key == "by" || key == "order_by")) return read_order(one, key, value);
  if (key == "dtc_var" && kind == "study_day") return one.verb = "study_day: " + text, true;
  if (key == "dtc_var" && kind == "epoch") return one.verb = "epoch: " + text, true;
  if (key == "ref_var" && kind == "study_day" && text != "RFSTDTC" && !one.verb.empty())
    return one.verb += ", reference: DM." + text, true;
  if (key == "ref_var" && (kind == "study_day" || kind == "epoch")) return text == "RFSTDTC";
  if (key == "ref_dataset" || key == "ref_column") return kind == "study_day";
  if (key == "partial_allowed") return value.is_boolean() && value.get<bool>();
  return value.is_null();
}

}  // namespace

void read_json_rule(SpecVariable& one) {
  if (!one.rule.starts_with("{") || !one.rule.ends_with("}")) return;
  Json parameters;
  try {
    parameters = base::parse_json(one.rule, one.place);
  } catch (const base::Error&) {
    return;  // braces of another language
  }
  if (!parameters.is_object()) return;
  std::vector<std::string> rest;
  std::string letters;
  for (const auto& [key, value] : parameters.items()) {
    static const Keys upper{"toupper", "upper", "upcase", "uppercase"};
    if (key == "transform" && upper.count(base::to_lower(text_of(value))) != 0)
      letters = ", case: upper";
    else if (!read_parameter(one, key, value))
      rest.push_back(key + " " + text_of(value));
  }
  if (!letters.empty() && one.rule_type == "copy" && columns_in(one.column).size() == 1)
    one.verb = "from: " + scalar(columns_in(one.column)[0]) + letters;
  one.rule = base::join(rest, ", ");
  // Parameters of a derivation that nobody understood make another derivation of it.
  static const Keys derived{"baseline", "epoch", "study_day", "sequence"};
  if (!rest.empty() && derived.count(one.rule_type) != 0) one.verb.clear(), one.rule_type = "other";
  if (!rest.empty() && !one.verb.empty()) one.also.push_back(one.place + ": " + one.rule);
}

}  // namespace trialmill::specs
