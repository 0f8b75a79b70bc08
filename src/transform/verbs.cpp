#include <algorithm>

#include "base/text.hpp"
#include "transform/method_text.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::YamlMap;
using base::YamlValue;

namespace {

// NOLINTNEXTLINE(misc-no-recursion): mappings are at most as deep as YAML files may be.
void write_on_one_line(YAML::Node node) {
  if (!node.IsMap() && !node.IsSequence()) return;
  node.SetStyle(YAML::EmitterStyle::Flow);
  for (auto child : node) write_on_one_line(node.IsMap() ? child.second : YAML::Node(child));
}

}  // namespace

std::string rule_text(const YamlValue& node) {
  YAML::Node copy = YAML::Clone(node.node());
  write_on_one_line(copy);
  YAML::Emitter out;
  out << copy;
  std::string text = out.c_str();
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return text;
}

/// In the order in which they are looked for: `from` and `text` are also modifiers of verbs before them.
const std::vector<VariablesBuilder::Verb>& VariablesBuilder::verbs() {
  using B = VariablesBuilder;
  static const std::vector<Verb> all{{"constant", "Assigned", &B::constant},
                                     {"subject", "Assigned", &B::subject},
                                     {"template", "Assigned", &B::fill_template},
                                     {"datetime", "Collected", &B::datetime},
                                     {"study_day", "Derived", &B::study_day},
                                     {"convert", "Derived", &B::convert},
                                     {"sequence", "Derived", &B::sequence},
                                     {"last_before", "Derived", &B::last_before},
                                     {"age", "Derived", &B::age},
                                     {"earliest", "Derived", &B::earliest},
                                     {"latest", "Derived", &B::latest},
                                     {"epoch", "Derived", &B::epoch},
                                     {"choose", "Derived", &B::choose},
                                     {"flag", "Derived", &B::flag},
                                     {"several", "Collected", &B::several},
                                     {"parent", "Derived", &B::parent},
                                     {"sql", "Derived", &B::sql},
                                     {"number", "Collected", &B::number},
                                     {"text", "Derived", &B::text},
                                     {"test", "Collected", &B::test},
                                     {"decode", "Assigned", &B::decode},
                                     {"lookup", "Assigned", &B::lookup},
                                     {"concat", "Collected", &B::concat},
                                     {"from", "Collected", &B::copy},
                                     {"given", "Assigned", &B::given}};
  return all;
}

void VariablesBuilder::compile_verb(Variable& out, YamlMap& map) {
  for (const auto& verb : verbs()) {
    const auto value = map.find(verb.key);
    if (!value) continue;
    out.origin = verb.origin;
    (this->*verb.compile)(out, *value, map);
    return;
  }
  std::vector<std::string> keys, known;
  for (const auto& item : map.value().node()) keys.push_back(item.first.as<std::string>());
  for (const auto& verb : verbs()) known.emplace_back(verb.key);
  std::string hint =
      "for example {from: COLUMN}, {constant: text}, {sql: \"...\"}; see docs/mapping-language.md";
  for (const auto& key : keys) {
    if (const auto nearest = base::did_you_mean(key, known); !nearest.empty()) hint = nearest;
  }
  throw base::usage_error("TM2304", "'" + out.source_name + "' has no verb", map.place(), hint);
}

/// What every verb takes beside its own keys.
void VariablesBuilder::describe(Variable& out, const YamlValue& node, YamlMap& map) {
  out.rule = rule_text(node);
  out.origin = map.text_or("origin", out.origin);
  out.label = map.text_or("label", out.label);
  out.codelist = map.text_or("codelist", out.codelist);
  out.evaluator = map.text_or("evaluator", "");
  out.idvar = map.text_or("idvar", "");
  out.comment = map.text_or("comment", "");
  out.method = map.text_or("method", "");
  out.sentence = method_text(node);
  out.pages = map.text_or("pages", "");
  for (const char* key : {"predecessor", "format", "role"}) {
    if (const auto text = map.find(key)) out.define[key] = text->text();
  }
  const std::string source =
      map.choice_or("origin_source", {"Investigator", "Sponsor", "Subject", "Vendor"}, "");
  if (!source.empty()) out.define["origin_source"] = source;
  if (const auto mandatory = map.find("mandatory"))
    out.define["mandatory"] = mandatory->boolean() ? "true" : "false";
  out.type = map.choice_or("type", {"Num", "Char"}, "");
  if (const auto when = map.find("when")) {
    const std::string condition = "(" + expression(when->text()) + ")";
    out.sql = "CASE WHEN " + condition + " THEN " + out.sql + " END";
    if (!out.input.empty()) out.input = "CASE WHEN " + condition + " THEN " + out.input + " END";
  }
}

Variable VariablesBuilder::compile(const std::string& name, const YamlValue& node) {
  Variable out;
  out.name = name;
  out.source_name = name.starts_with("supp$") ? name.substr(5) : name;
  out.place = place_ = node.place();
  if (node.is_text()) {
    out.sql = copied(node);
    out.trimmed = true;
    out.origin = origin_of_inputs("Collected");
    out.rule = "{from: " + node.text() + "}";
    out.sentence = method_text(node);
  } else {
    YamlMap map = node.map();
    compile_verb(out, map);
    out.origin = origin_of_inputs(out.origin);
    describe(out, node, map);
    map.finish();
  }
  if (!find_name(base_.given, name).empty()) {
    out.sql = "coalesce(" + sql_identifier("set$" + name) + ", " + out.sql + ")";
    out.only.clear();
  }
  settle_type(out);
  std::vector<std::string> inputs;
  for (const auto& input : inputs_) {
    if (std::find(inputs.begin(), inputs.end(), input) == inputs.end()) inputs.push_back(input);
  }
  out.inputs = std::move(inputs);
  for (const auto& read : reads_) {
    if (std::find(out.reads.begin(), out.reads.end(), read) == out.reads.end()) out.reads.push_back(read);
  }
  return out;
}

}  // namespace trialmill::transform
