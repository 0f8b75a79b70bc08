// Numbers and texts: what the SDTMIG says a variable is, and numbers written as people write them.
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "standards/sdtmig.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::YamlMap;

namespace {

/// Whether the engine would write whole numbers of the type with a fraction (1.0).
bool is_fractional(const std::string& type) {
  return type == "DOUBLE" || type == "FLOAT" || type.starts_with("DECIMAL");
}

/// Datasets that say what the protocol plans (SDTMIG 3.4, section 7).
constexpr std::array trial_design{"TA", "TD", "TE", "TI", "TM", "TS", "TV"};

}  // namespace

/// Columns of the rows that are numbers, and the types that the standard gives the variables.
void VariablesBuilder::note_types(YamlMap& mapping) {
  if (base_.stored) {
    const auto types = context_.session.types_of(base_.table);
    for (const auto& name : base_.columns) {
      const auto found = types.find(name);
      if (found != types.end() && is_fractional(found->second)) numeric_.insert(raw_name(name));
    }
  }
  const auto& guide = standards::sdtmig(context_.study.sdtmig);
  const auto* known = guide.find_dataset(dataset_);
  const std::string own_class = mapping.text_or("class", "");
  const std::string class_name = own_class.empty() && known != nullptr ? known->class_name : own_class;
  for (const auto& one : guide.guide_variables(dataset_, class_name, dataset_))
    standard_types_[one.name] = one.type;
}

/// The type of the expression over what there is so far; "" if it cannot be run, which is left for whoever
/// runs it.
std::string VariablesBuilder::type_of(const std::string& sql) {
  flush();
  try {
    return context_.session.types_of("(SELECT " + sql + " AS v FROM (" + sql_ + "))").at("v");
  } catch (const base::Error&) {
    return "";
  }
}

/// Whether the expression gives numbers with fractions.
bool VariablesBuilder::gives_fractions(const std::string& sql) {
  return is_fractional(type_of(sql));
}

/// Dates and times of the engine as ISO 8601. Lists, structs and intervals are nothing that a dataset can
/// hold: Error TM2306. Only expressions that may give such types are looked at.
std::string VariablesBuilder::as_value(const std::string& sql, const base::Place& place) {
  static const RE2 suspicious("(?i)time|date|interval|epoch|list|struct|map|array|split|\\[|\\{");
  if (!RE2::PartialMatch(sql, suspicious)) return sql;
  const std::string type = type_of(sql);
  if (type.starts_with("TIMESTAMP")) return "strftime(" + sql + ", '%Y-%m-%dT%H:%M:%S')";
  if (type == "DATE") return "CAST(" + sql + " AS VARCHAR)";
  for (const char* other : {"INTERVAL", "STRUCT", "MAP", "UNION", "BLOB"}) {
    if (type.starts_with(other) || type.ends_with("]"))
      throw base::usage_error("TM2306", "the expression gives " + type.substr(0, 60), place,
                              "a variable is a text or a number: take a part of it, or CAST it");
  }
  return sql;
}

/// The value as text.
std::string VariablesBuilder::as_text(const Variable& one) {
  if (one.trimmed && !one.numeric) return one.sql;
  return one.numeric || gives_fractions(one.sql) ? number_text(one.sql) : clean(one.sql);
}

/// Where values of a verb that copies what was collected (`verb_origin`) really come from: lists of the study
/// are the protocol's or the sponsor's, other variables have an origin of their own, and values of other
/// datasets, or of rows made from them, are derived.
std::string VariablesBuilder::origin_of_inputs(const std::string& verb_origin) const {
  if (verb_origin != "Collected") return verb_origin;
  const auto is_list = [](const base::Json& set) { return set.value("source", "").ends_with(".csv"); };
  const auto is_made = [](const base::Json& set) {
    const std::string rows = set.value("rows", "");
    return rows.starts_with("{visits:") || rows.starts_with("{elements:") || rows.starts_with("{relate:");
  };
  if (!base_.sets.empty() && std::ranges::all_of(base_.sets, is_made)) return "Derived";
  if (inputs_.empty()) return verb_origin;
  if (reads_computed_ && !reads_collected_) return "Derived";
  const bool lists = !base_.sets.empty() && std::ranges::all_of(base_.sets, is_list);
  const bool protocol = std::ranges::find(trial_design, dataset_) != std::end(trial_design);
  std::string origin = "Derived";
  for (const auto& input : inputs_) {
    const auto dot = input.find('.');
    if (input.starts_with("raw.") && lists) return protocol ? "Protocol" : "Assigned";
    if (input.starts_with("raw.") || input.starts_with("test.") || input.starts_with("records."))
      return verb_origin;
    if (dot != std::string::npos) continue;
    const auto own = std::ranges::find(done_, input, &Variable::name);
    if (own == done_.end() || own->origin == "Collected") return verb_origin;
    origin = own->origin;
  }
  return origin;
}

/// Num or Char: as the mapping says, else as the standard does. A text that is no number is not lost without
/// a word.
void VariablesBuilder::settle_type(Variable& out) {
  const auto standard = standard_types_.find(out.name);
  const bool texts = out.trimmed && !out.numeric && !out.windowed;
  std::string type = out.type;
  if (type.empty() && texts && standard != standard_types_.end() && standard->second == "Num") type = "Num";
  if (type == "Num") {
    if (!out.numeric && !out.windowed) {
      const std::string text = clean(out.sql);
      out.input = out.input.empty() ? text : "coalesce(" + out.input + ", " + text + ")";
      if (out.code.empty()) out.code = "TM2352";
    }
    out.sql = "try_cast(" + out.sql + " AS DOUBLE)";
    out.type = type;
    out.trimmed = false;
    return;
  }
  const bool qualifier = is_supplement(out.name) && !out.windowed;
  const bool number = out.numeric && standard != standard_types_.end() && standard->second == "Char";
  if (type != "Char" && !qualifier && !number) return;
  out.sql = as_text(out);
  out.type = "Char";
  out.numeric = false;
  out.trimmed = true;
}

}  // namespace trialmill::transform
