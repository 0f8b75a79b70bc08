#include <algorithm>

#include "base/text.hpp"
#include "transform/check_mapping.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

using base::YamlValue;

void MappingCheck::add(std::optional<base::Error> fault) {
  if (fault) faults_.push_back(std::move(*fault));
}

void MappingCheck::add(std::string code, std::string message, base::Place place, std::string hint) {
  faults_.push_back(
      base::usage_error(std::move(code), std::move(message), std::move(place), std::move(hint)));
}

void MappingCheck::check_mapping() {
  columns_.emplace();
  const auto records = entry_of(model_.mapping, "records");
  for (const auto& one : records ? items_of(*records) : std::vector<YamlValue>{}) {
    const Names columns = record(one);
    if (!columns) columns_.reset();
    for (const auto& name : columns.value_or(std::vector<std::string>{})) {
      if (columns_ && find_name(*columns_, name).empty()) columns_->push_back(name);
    }
  }
  const std::string rows = model_.dataset + " rows";
  needs_[model_.dataset].insert(rows);
  for (const char* part : {"variables", "supp"}) {
    const auto nodes = entry_of(model_.mapping, part);
    if (!nodes) continue;
    for (const auto& [name, node] : entries_of(*nodes)) {
      current_ = std::string(part) == "supp" ? "supp$" + name : name;
      const std::string place = model_.dataset + "." + current_;
      needs_[model_.dataset].insert(place);
      needs_[place].insert(rows);
      variable(node);
    }
  }
  current_.clear();
  names();
}

/// The rows wait for the dataset as a whole.
void MappingCheck::reads_all(const std::string& dataset) {
  const bool supplement = !tables_.makes(dataset) && dataset.starts_with("SUPP");
  needs_[model_.dataset + " rows"].insert(supplement ? dataset.substr(4) : dataset);
}

/// The rows wait for the records of the dataset, in their order, and for what the row set says about them.
void MappingCheck::reads_records(const std::string& dataset, const YamlValue& map) {
  const Names order = tables_.order_of(dataset);
  if (!order) return reads_all(dataset);
  auto& needs = needs_[model_.dataset + " rows"];
  needs.insert(dataset + " rows");
  for (const auto& name : *order) needs.insert(dataset + "." + name);
  const std::string text = base::to_lower(YAML::Dump(map.node()));
  const Names variables = tables_.dataset(dataset);
  for (const auto& name : *variables) {
    if (!name.starts_with("_") && text.find(base::to_lower(name)) != std::string::npos)
      needs.insert(dataset + "." + name);
  }
}

/// A source, a CSV file of the study or sdtm.DATASET: what there is to read, and its columns.
Names MappingCheck::rows_of(const YamlValue& name) {
  const std::string text = text_of(name);
  if (text.empty()) return std::nullopt;
  if (text.starts_with("sdtm.")) {
    const std::string dataset = text.substr(5);
    reads_all(dataset);
    add(tables_.lacks_dataset(name, dataset));
    // Numbered parts of long texts are declared by nobody.
    return dataset == "CO" || dataset == "TS" ? std::nullopt : tables_.dataset(dataset);
  }
  if (text.ends_with(".csv")) {
    add(tables_.lacks_file(name));
    add(tables_.broken_list(text_of(name)));
    return tables_.file(text);
  }
  add(tables_.lacks_source(name));
  return tables_.source(text);
}

Names MappingCheck::start(const YamlValue& map) {
  if (const auto from = entry_of(map, "from")) {
    const std::string text = text_of(*from), dataset = text.starts_with("sdtm.") ? text.substr(5) : "";
    if (!tables_.makes(dataset)) return rows_of(*from);
    reads_records(dataset, map);
    return dataset == "CO" || dataset == "TS" ? std::nullopt : tables_.dataset(dataset);
  }
  if (const auto about = entry_of(map, "program")) {
    program(*about);
  } else if (const auto visits = entry_of(map, "visits")) {
    for (const auto& date : items_of(*visits)) {
      const std::string text = text_of(date), dataset = text.substr(0, text.find('.'));
      if (text.find('.') == std::string::npos) {
        add(date.wrong_type("date such as VS.VSDTC"));
        continue;
      }
      add(tables_.lacks_dataset(date, dataset));
      reference(dataset, text.substr(dataset.size() + 1), date.place());
      if (!tables_.order_of(dataset)) reads_all(dataset);
      for (const auto& name :
           {text.substr(dataset.size() + 1), std::string("VISITNUM"), std::string("VISIT")}) {
        if (tables_.has_variable(dataset, name))
          needs_[model_.dataset + " rows"].insert(dataset + "." + name);
      }
    }
    return std::vector<std::string>{"USUBJID", "VISITNUM", "VISIT", "FIRST_DATE", "LAST_DATE"};
  } else if (const auto elements = entry_of(map, "elements")) {
    for (const auto& [code, element] : entries_of(*elements)) {
      for (const char* end : {"start", "end"}) {
        const auto date = entry_of(element, end);
        if (date && text_of(*date).starts_with("DM."))
          reference("DM", text_of(*date).substr(3), date->place());
      }
    }
    if (!tables_.makes("DM")) add(tables_.lacks_dataset(*elements, "DM"));
    return std::vector<std::string>{"USUBJID",    "ETCD",     "ELEMENT",      "EPOCH",
                                    "START_DATE", "END_DATE", "ELEMENT_ORDER"};
  } else if (const auto relate = entry_of(map, "relate")) {
    for (const auto& [dataset, name] : entries_of(*relate)) {
      reads_all(dataset);
      add(tables_.lacks_dataset(name, dataset));
      if (name.is_text()) reference(dataset, name.text(), name.place());
    }
    return std::vector<std::string>{"RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELTYPE", "RELID"};
  } else if (const auto sql = entry_of(map, "sql"); sql && sql->is_text()) {
    query(sql->text(), sql->place(), "the row set's SQL");
  }
  return std::nullopt;
}

/// Its inputs and the files that it consists of.
void MappingCheck::program(const YamlValue& map) {
  if (const auto inputs = entry_of(map, "inputs")) {
    for (const auto& input : items_of(*inputs)) {
      const std::string text = text_of(input), name = text.substr(text.find('.') + 1);
      if (text.starts_with("sdtm.")) {
        reads_all(name);
        if (!tables_.shows(name))
          add("TM2302", "no table '" + text + "'", input.place(),
              base::did_you_mean(name, tables_.datasets()));
      } else if (text.starts_with("raw.") && !tables_.is_source(name)) {
        add("TM2302", "no table '" + text + "'", input.place(), base::did_you_mean(name, tables_.sources()));
      }
    }
  }
  if (const auto files = entry_of(map, "files")) {
    for (const auto& file : items_of(*files)) {
      if (text_of(file).find('*') == std::string::npos) add(tables_.lacks_file(file));
    }
  }
  if (const auto run = entry_of(map, "run"); run && run->is_list()) {
    // A script of the study that an interpreter is given.
    for (const auto& word : run->list()) {
      const std::string text = text_of(word);
      const bool script = text.ends_with(".py") || text.ends_with(".R") || text.ends_with(".sas");
      if (script && text[0] != '/') add(tables_.lacks_file(word));
    }
  }
}

/// One row set; returns the columns that its rows have.
Names MappingCheck::record(const YamlValue& map) {
  Names columns = start(map);
  const auto from = entry_of(map, "from");
  const std::string of = from ? text_of(*from) : "the row set";
  if (const auto joins = entry_of(map, "join")) {
    for (const auto& one : items_of(*joins)) join(one, columns);
  }
  if (const auto keep = entry_of(map, "keep")) predicate(*keep, columns);
  if (const auto unique = entry_of(map, "unique")) {
    for (const char* part : {"by", "order"}) {
      const auto list = entry_of(*unique, part);
      for (const auto& name : list ? items_of(*list) : std::vector<YamlValue>{}) column(name, columns, of);
    }
  }
  if (const auto split = entry_of(map, "split")) {
    if (const auto name = entry_of(*split, "column")) column(*name, columns, of);
    const auto as = entry_of(*split, "as");
    if (as && columns && find_name(*columns, text_of(*as)).empty()) columns->push_back(text_of(*as));
  }
  if (const auto entries = entry_of(map, "unpivot")) unpivot(*entries, columns);
  if (const auto constants = entry_of(map, "constant")) {
    for (const auto& [name, text] : entries_of(*constants)) give(name, text);
  }
  return columns;
}

void MappingCheck::join(const YamlValue& map, Names& columns) {
  const auto with = entry_of(map, "with"), on = entry_of(map, "on"), taken = entry_of(map, "columns");
  if (!with) return;
  const Names theirs = rows_of(*with);
  if (on && on->is_list()) {
    for (const auto& name : on->list()) {
      column(name, theirs, text_of(*with));
      column(name, columns, "the row set");
    }
  } else if (on && on->is_text()) {
    parses("SELECT (" + on->text() + "\n)", on->place(), "the join's condition", true);
  }
  std::vector<std::string> more = theirs.value_or(std::vector<std::string>{});
  if (taken) {
    more.clear();
    const auto take = [&](const std::string& name, const YamlValue& node) {
      column(node, theirs, text_of(*with));
      if (columns && !find_name(*columns, name).empty()) add(hides_column(name, text_of(*with), node));
      more.push_back(name);
    };
    for (const auto& [name, node] : entries_of(*taken)) take(name, node);
    if (!taken->is_map()) {
      for (const auto& node : items_of(*taken)) take(text_of(node), node);
    }
  } else if (!theirs) {
    columns.reset();
  }
  for (const auto& name : more) {
    if (columns && find_name(*columns, name).empty()) columns->push_back(name);
  }
}

void MappingCheck::unpivot(const YamlValue& entries, const Names& columns) {
  unpivots_ = true;
  for (const auto& [code, entry] : entries_of(entries)) {
    if (const auto result = entry_of(entry, "result")) value(*result, columns);
    if (const auto unit = entry_of(entry, "unit_from")) column(*unit, columns, "the row set");
    const auto where = entry_of(entry, "where");
    if (!where) continue;
    for (const auto& [name, what] : entries_of(*where)) {
      give(name, what);
      value(what, columns);
    }
  }
}

/// A column, {constant: …} or {sql: …}.
void MappingCheck::value(const YamlValue& node, const Names& columns) {
  if (node.is_text()) return column(node, columns, "the row set");
  if (const auto sql = entry_of(node, "sql")) predicate(*sql, columns);
}

void MappingCheck::column(const YamlValue& name, const Names& columns, const std::string& of) {
  if (!name.is_text() || !columns || !find_name(*columns, name.text()).empty()) return;
  add("TM2301", "no column '" + name.text() + "' in " + of, name.place(),
      base::did_you_mean(name.text(), *columns));
}

/// A variable that row sets fill.
void MappingCheck::give(const std::string& variable, const YamlValue& at) {
  given_.insert(base::to_lower(variable));
  if (!model_.variables || variable == "DOMAIN" || !find_name(*model_.variables, variable).empty()) return;
  const std::string near = base::did_you_mean(variable, *model_.variables);
  add("TM2301", "the row sets fill '" + variable + "', which is not in `variables`", at.place(),
      near.empty() ? "add `" + variable + ": {given: records}` where its column belongs" : near);
}

}  // namespace trialmill::transform
