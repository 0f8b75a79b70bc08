#include "publish/define_description.hpp"

#include "base/text.hpp"
#include "publish/define_sentences.hpp"

namespace trialmill::publish {

using base::Json;

namespace {

const Json& member(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto at = object.find(key);
  return at == object.end() ? none : *at;
}

std::string scalar(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() || value.is_boolean() ? value.dump() : std::string();
}

std::string text(const Json& object, const char* key) {
  return scalar(member(object, key));
}

std::vector<std::string> texts(const Json& value) {
  std::vector<std::string> out;
  if (value.is_array()) {
    for (const Json& one : value) out.push_back(scalar(one));
  } else if (!value.is_null() && !value.is_object()) {
    out.push_back(scalar(value));
  }
  return out;
}

std::optional<bool> flag(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (value.is_boolean()) return value.get<bool>();
  return std::nullopt;
}

/// The author's sentence and expression; what is missing comes from the rule, for derived variables.
std::optional<MethodWords> method(const Json& entry) {
  const Json& given = member(entry, "method");
  MethodWords out = given.is_object() ? MethodWords{text(given, "description"), text(given, "expression"),
                                                    text(given, "context")}
                                      : MethodWords{scalar(given), "", ""};
  const std::string rule = text(entry, "rule");
  const bool derived = base::to_lower(text(entry, "origin")) == "derived";
  const bool described = !out.description.empty() || !out.expression.empty();
  if (!rule.empty() && (described || derived)) {
    std::vector<std::string> inputs = texts(member(entry, "inputs"));
    for (std::string& one : inputs) one = base::replace_all(one, "raw.", "");  // a column as collected
    const MethodWords made = method_from_rule(rule, inputs);
    if (out.description.empty()) out.description = made.description;
    if (out.expression.empty()) {
      out.expression = made.expression;
      out.context = made.context;
    }
    return out;
  }
  return described ? std::optional(out) : std::nullopt;
}

ItemWords item(const Json& entry) {
  ItemWords out;
  out.label = text(entry, "label");
  out.role = text(entry, "role");
  out.codelist = text(entry, "codelist");
  out.format = text(entry, "format");
  out.comment = text(entry, "comment");
  out.mandatory = flag(entry, "mandatory");
  out.origin = {text(entry, "origin"), text(entry, "origin_source"), text(entry, "predecessor"),
                base::join(texts(member(entry, "pages")), " ")};
  out.method = method(entry);
  return out;
}

ValueWords value_words(const Json& entry) {
  ValueWords out;
  out.item = item(entry);
  out.item.name = text(entry, "variable");
  const Json& where = member(entry, "where");
  if (!where.is_array()) return out;
  for (const Json& one : where) {
    Condition condition{text(one, "variable"), base::to_upper(text(one, "comparator")),
                        texts(member(one, "values"))};
    if (condition.comparator.empty()) condition.comparator = condition.values.size() == 1 ? "EQ" : "IN";
    out.where.push_back(std::move(condition));
  }
  return out;
}

}  // namespace

DatasetWords read_words(const Json& entry) {
  DatasetWords out;
  out.label = text(entry, "label");
  out.class_name = text(entry, "class");
  out.structure = text(entry, "structure");
  out.comment = text(entry, "comment");
  out.repeating = flag(entry, "repeating");
  out.reference = flag(entry, "reference");
  out.nonstandard = flag(entry, "nonstandard").value_or(false);
  out.keys = texts(member(entry, "keys"));
  const Json& columns = member(entry, "columns");
  if (columns.is_array()) {
    for (const Json& column : columns) {
      ItemWords words = item(column);
      words.name = text(column, "name");
      out.variables[words.name] = std::move(words);
    }
  }
  const Json& qualifiers = member(entry, "qualifiers");
  if (qualifiers.is_object()) {
    for (const auto& [name, one] : qualifiers.items()) out.qualifiers[name] = item(one);
  }
  const Json& values = member(entry, "values");
  if (values.is_array()) {
    for (const Json& value : values) out.values.push_back(value_words(value));
  }
  return out;
}

}  // namespace trialmill::publish
