#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "standards/iso8601.hpp"
#include "standards/sdtmig.hpp"
#include "transform/check_mapping.hpp"
#include "transform/check_schema.hpp"
#include "transform/codelist.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

using base::YamlValue;

namespace {

/// Keys of each verb that name columns or variables.
const std::map<std::string, std::vector<std::string>>& operand_keys() {
  static const std::map<std::string, std::vector<std::string>> keys{
      {"subject", {"subject"}},
      {"datetime", {"datetime"}},
      {"study_day", {"study_day", "reference"}},
      {"convert", {"convert", "from", "test"}},
      {"last_before", {"last_before", "of", "by", "result"}},
      {"age", {"age"}},
      {"earliest", {"earliest"}},
      {"latest", {"latest"}},
      {"epoch", {"epoch"}},
      {"several", {"several"}},
      {"number", {"number"}},
      {"text", {"text", "else"}},
      {"decode", {"decode"}},
      {"lookup", {"key"}},
      {"concat", {"concat"}},
      {"from", {"from"}}};
  return keys;
}

}  // namespace

void MappingCheck::variable(const YamlValue& node) {
  if (node.is_text()) return operand(node.text(), node.place());
  const std::string verb = verb_of(node);
  if (!verb.empty()) rule(verb, node);
}

void MappingCheck::rule(const std::string& verb, const YamlValue& map) {
  operands(verb, map);
  texts(verb, map);
  for (const char* key : {"sql", "flag", "when", "only"}) {
    if (const auto sql = entry_of(map, key)) expression(*sql);
  }
  const YamlValue main = *entry_of(map, verb);
  if (verb == "choose") {
    for (const auto& branch : items_of(main)) {
      const std::string inner = verb_of(branch);
      if (!inner.empty()) rule(inner, branch);
      // What describes the variable stands beside `choose`.
      for (const char* key : {"type", "label", "origin", "comment", "method"}) {
        if (entry_of(branch, key))
          add("TM1004", "unknown key '" + std::string(key) + "' in '" + branch.path() + "'",
              place_of_key(branch, key), "write it beside `choose`");
      }
    }
  } else if (verb == "datetime") {
    dates(map);
  } else if (verb == "lookup") {
    lookup(map);
  } else if (verb == "given" && !given_.contains(base::to_lower(current_))) {
    add("TM2301", "no row set fills '" + current_ + "'", main.place(),
        "`constant: {" + current_ + ": …}` of a row set does, or `where` of an entry of unpivot");
  } else if (verb == "test" && !unpivots_) {
    add("TM2301", "no row set has the tests that '" + current_ + "' takes a part of", main.place(),
        "`unpivot` of a row set makes them");
  } else if (verb == "convert") {
    if (!entry_of(map, "to") && !entry_of(map, "units"))
      add("TM1006", "required key 'to' is missing in '" + map.path() + "'", main.place(),
          "the unit of the result, or `units` with a table");
    if (const auto units = entry_of(map, "units")) {
      table(*units, {});
      table_columns(*units, {"from", "to", "factor"});
    }
  } else if (verb == "decode" && !entry_of(map, "map") && !entry_of(map, "terms")) {
    if (const auto list = entry_of(map, "codelist")) {
      table(*list, {});
      table_columns(*list, {"code", "decode"});
    }
  } else if (verb == "parent" && main.is_text()) {
    const std::string text = main.text(), dataset = text.substr(0, text.find('.'));
    if (!tables_.makes(dataset)) return add(tables_.lacks_dataset(main, dataset));
    needs_all(dataset);
    if (text.size() > dataset.size()) reference(dataset, text.substr(dataset.size() + 1), main.place());
  } else if (verb == "epoch") {
    if (!tables_.makes("SE"))
      add("TM2302", "an epoch needs the dataset SE", main.place(), "write mappings/se.yaml");
    needs_all("SE");
  } else if (verb == "study_day" && !entry_of(map, "reference") && model_.dataset != "DM") {
    if (!tables_.makes("DM"))
      return add("TM2302", "a study day needs DM.RFSTDTC", main.place(),
                 "no mapping makes DM.RFSTDTC; another date can be named with `reference`");
    reference("DM", "RFSTDTC", main.place());
  }
}

void MappingCheck::operands(const std::string& verb, const YamlValue& map) {
  if (const auto keys = operand_keys().find(verb); keys != operand_keys().end()) {
    for (const auto& key : keys->second) {
      const auto names = entry_of(map, key);
      for (const auto& one : names ? items_of(*names) : std::vector<YamlValue>{}) {
        if (one.is_text()) operand(one.text(), one.place());
        if (const auto of = entry_of(one, "of")) operand(text_of(*of), of->place());
      }
    }
  }
  if (verb == "template") {
    const YamlValue node = *entry_of(map, verb);
    std::string rest = base::replace_all(text_of(node), "${study}", "");
    for (auto open = rest.find('{'); open != std::string::npos; open = rest.find('{')) {
      const auto close = rest.find('}', open);
      if (close == std::string::npos) return add(node.wrong_type("text with names in {braces}"));
      operand(rest.substr(open + 1, close - open - 1), node.place());
      rest = rest.substr(close + 1);
    }
  }
  if (verb != "sequence") return;
  if (const YamlValue order = *entry_of(map, verb); order.is_list()) {
    for (const auto& one : order.list()) operand(text_of(one), one.place());
  }
  for (const char* key : {"by", "identity"}) {
    const auto names = entry_of(map, key);
    for (const auto& one : names ? items_of(*names) : std::vector<YamlValue>{}) own_variable(one);
  }
}

bool MappingCheck::declares(const std::string& name) const {
  return !model_.variables || !find_name(*model_.variables, name).empty();
}

bool MappingCheck::names_column_or_variable(const std::string& name) const {
  const bool itself = base::to_lower(name) == base::to_lower(current_);
  return !columns_ || !find_name(*columns_, name).empty() || (!itself && declares(name));
}

void MappingCheck::own_variable(const YamlValue& name) {
  if (!name.is_text() || declares(name.text())) return;
  add("TM2301", "no variable '" + name.text() + "'", name.place(),
      base::did_you_mean(name.text(), *model_.variables));
}

/// DATASET.VARIABLE of a dataset that a mapping makes.
void MappingCheck::reference(const std::string& dataset, const std::string& name, const base::Place& place) {
  if (!tables_.makes(dataset)) return;
  if (dataset != model_.dataset && !current_.empty())
    needs_[model_.dataset + "." + current_].insert(dataset + "." + name);
  if (tables_.has_variable(dataset, name)) return;
  add("TM2301", dataset + " has no variable '" + name + "'", place,
      base::did_you_mean(name, *tables_.dataset(dataset)));
}

void MappingCheck::needs_all(const std::string& dataset) {
  if (dataset != model_.dataset) needs_[model_.dataset + "." + current_].insert(dataset);
}

/// DM.VAR, a column or a variable of this mapping.
void MappingCheck::operand(const std::string& name, const base::Place& place) {
  if (name.empty()) return;
  const auto dot = name.find('.');
  const std::string first = name.substr(0, dot),
                    second = dot == std::string::npos ? "" : name.substr(dot + 1);
  if (!second.empty() && base::to_lower(first) == "raw") {
    if (!columns_ || !find_name(*columns_, second).empty()) return;
  } else if (!second.empty() && first == model_.dataset) {
    if (declares(second)) return;
  } else if (!second.empty() && tables_.makes(first)) {
    return reference(first, second, place);
  }
  if (names_column_or_variable(name)) {
    // Only the guide can tell that a name with a dot is no column while columns are not known.
    const auto* known = columns_ ? nullptr : standards::sdtmig(tables_.study().sdtmig).find_dataset(first);
    if (second.empty() || known == nullptr || first == model_.dataset || known->find(second) == nullptr)
      return;
    return add("TM2302", "no dataset '" + first + "'", place, base::did_you_mean(first, tables_.datasets()));
  }
  std::vector<std::string> known = *columns_;
  if (model_.variables) known.insert(known.end(), model_.variables->begin(), model_.variables->end());
  std::erase_if(known, [&](const std::string& one) { return base::to_lower(one) == base::to_lower(name); });
  add("TM2301", "no column or variable '" + name + "'", place, base::did_you_mean(name, known));
}

/// A CSV file, a dataset or a source, and columns that it must have.
void MappingCheck::table(const YamlValue& where, const std::vector<YamlValue>& columns) {
  const std::string text = text_of(where);
  if (text.empty()) return;
  Names known;
  if (text.ends_with(".csv")) {
    add(tables_.lacks_file(where));
    add(tables_.broken_list(text));
    known = tables_.file(text);
  } else if (tables_.makes(text)) {
    needs_all(text);
    known = text == "CO" || text == "TS" ? std::nullopt : tables_.dataset(text);
  } else if (tables_.is_source(text)) {
    known = tables_.source(text);
  } else {
    std::vector<std::string> all = tables_.sources();
    all.insert(all.end(), tables_.datasets().begin(), tables_.datasets().end());
    add("TM2302", "no dataset, source or .csv file '" + text + "'", where.place(),
        base::did_you_mean(text, all));
  }
  for (const auto& name : columns) column(name, known, text);
}

/// Columns that a file must have.
void MappingCheck::table_columns(const YamlValue& where, const std::vector<std::string>& names) {
  const Names known = tables_.file(text_of(where));
  for (const auto& name : names) {
    if (known && find_name(*known, name).empty())
      add("TM2301", where.text() + " has no column '" + name + "'", where.place(),
          "its columns are " + base::join(*known, ", "));
  }
}

void MappingCheck::lookup(const YamlValue& map) {
  const auto key = entry_of(map, "key"), on = entry_of(map, "on"), between = entry_of(map, "between");
  // In a window the last key is the number that lies between two columns.
  std::vector<YamlValue> columns = key ? items_of(*key) : std::vector<YamlValue>{};
  if (between && !columns.empty()) columns.pop_back();
  if (on && key && items_of(*on).size() != columns.size())
    add("TM2304", "`key` and `on` differ in length", key->place());
  if (on) columns = items_of(*on);
  if (between) std::ranges::copy(items_of(*between), std::back_inserter(columns));
  if (const auto value = entry_of(map, "value")) columns.push_back(*value);
  if (const auto rule = entry_of(map, "unscheduled");
      rule && rule->is_text() && rule->text().find("{n}") == std::string::npos)
    add(rule->wrong_type("text with {n} in place of the number"));
  table(*entry_of(map, "lookup"), columns);
  for (const char* needed : {"key", "value"}) {
    if (!entry_of(map, needed))
      add("TM1006", "required key '" + std::string(needed) + "' is missing in '" + map.path() + "'",
          map.place());
  }
}

/// What may follow a text: expressions and codelists.
void MappingCheck::texts(const std::string& verb, const YamlValue& map) {
  if (const auto pattern = entry_of(map, "match"); pattern && pattern->is_text()) {
    const RE2 expression(pattern->text(), RE2::Quiet);
    if (!expression.ok())
      add("TM2306", "`match` is no regular expression: " + expression.error(), pattern->place());
  }
  if (const auto codelist = entry_of(map, "terms"); codelist && codelist->is_text()) {
    const std::string file = "codelists/" + codelist->text() + ".csv";
    if (const Names known = tables_.file(file)) {
      if (find_name(*known, "term").empty())
        add("TM2310", file + " has no column 'term'", codelist->place(),
            "columns are term, and if wanted synonyms (split by ;) and decode");
    } else if (!std::filesystem::exists(tables_.study().root / file)) {
      try {
        find_codelist(*codelist, tables_.study());
      } catch (const base::Error& error) {
        add(error);
      }
    }
  }
  if (verb == "test") {
    const YamlValue part = *entry_of(map, "test");
    const std::vector<std::string> parts{"code", "name", "result", "unit"};
    if (part.is_text() && std::ranges::find(parts, part.text()) == parts.end())
      add("TM1007",
          "'" + part.path() + "' is '" + part.text() + "', but must be one of: " + base::join(parts, ", "),
          part.place(), base::did_you_mean(part.text(), parts));
  }
}

void MappingCheck::dates(const YamlValue& map) {
  const auto list = [&map](const char* key) {
    std::vector<std::string> out;
    const auto node = entry_of(map, key);
    for (const auto& one : node ? items_of(*node) : std::vector<YamlValue>{}) out.push_back(text_of(one));
    return out;
  };
  const auto formats = entry_of(map, "formats"), zone = entry_of(map, "zone");
  standards::RawDateSpec spec{list("formats"), list("unknown"), std::nullopt, zone ? text_of(*zone) : ""};
  if (entry_of(map, "pivot")) spec.pivot = 30;  // which one it is does not matter here
  try {
    standards::RawDateReader check(spec);
  } catch (const base::Error& error) {
    base::Place place = error.code() == "TM1401" && zone ? zone->place() : map.place();
    if (error.code() == "TM1400" && formats) {
      place = formats->place();
      for (const auto& one : items_of(*formats)) {
        if (error.message().find("'" + text_of(one) + "'") != std::string::npos) place = one.place();
      }
    }
    add(error.code(), error.message(), place, error.hint());
  }
}

}  // namespace trialmill::transform
