#include "transform/model.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "transform/dataset_builder.hpp"
#include "transform/sql_columns.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

std::string sql_list(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + sql_identifier(name);
  return text;
}

DatasetBuilder::DatasetBuilder(const Model& model, std::size_t number, const Scope& scope,
                               const Options& options, study::Context& context, base::Json& description)
    : model_(model),
      number_(number),
      scope_(scope),
      options_(options),
      context_(context),
      session_(context.session),
      description_(description),
      guide_(standards::sdtmig(context.study.sdtmig)) {
  if (model.path.extension() != ".sql") mapping_ = base::parse_yaml(model_.text, model_.name).map();
}

bool DatasetBuilder::advance() {
  if (compiled_) return false;
  const Recorded recorded(*this);
  return mapping_ ? advance_yaml() : bind_model();
}

std::map<std::string, std::string> DatasetBuilder::waiting() const {
  if (!rows_wait_for_.empty()) return {{"", rows_wait_for_}};
  return compiler_ ? compiler_->waiting() : std::map<std::string, std::string>{};
}

std::optional<std::vector<std::string>> DatasetBuilder::declared() {
  if (!mapping_ || !mapping_->has("variables")) return std::nullopt;
  std::vector<std::string> names{"DOMAIN"};
  for (const auto& [name, node] : mapping_->get("variables").map().entries()) names.push_back(name);
  return names;
}

std::int64_t DatasetBuilder::finish() {
  {
    const Recorded recorded(*this);
    mapping_ ? finish_yaml() : from_sql();
  }
  write_sql();
  measure();
  store_whole_numbers();
  duplicates();
  input_findings();
  made_ = model_.dataset;
  parts_.empty() ? write_dataset() : write_parts();
  for (const auto& numbering : numberings_)
    save_numbers(session_, model_.dataset, numbering, "tm_done", scope_.previous, scope_.folder,
                 identifies(numbering));
  for (; stored_ > 0; --stored_)
    session_.execute("DROP TABLE IF EXISTS build." +
                     sql_identifier(model_.dataset + "_" + std::to_string(stored_)));
  return measures_.rows;
}

/// Whether the keys are part of what tells the numbered records apart, and are known to be unique.
bool DatasetBuilder::identifies(const Numbering& numbering) const {
  return unique_keys_ && std::ranges::all_of(keys_, [&numbering](const std::string& key) {
           return std::ranges::find(numbering.identity, sql_identifier(key)) != numbering.identity.end();
         });
}

std::string DatasetBuilder::subject_column() const {
  return find_name(names_, "USUBJID").empty() ? "NULL" : "\"USUBJID\"";
}

/// Rows first, then variables, each as soon as what they refer to is there.
bool DatasetBuilder::advance_yaml() {
  bool any = false;
  if (!base_) {
    try {
      base_ = build_base(*mapping_, model_.dataset, number_, scope_, context_);
      rows_wait_for_.clear();
    } catch (const Waiting& other) {
      rows_wait_for_ = other.what;
      return false;
    }
    compiler_.emplace(*mapping_, model_.dataset, *base_, scope_, context_);
    any = true;
  }
  any = compiler_->advance() || any;
  compiled_ = compiler_->complete();
  return any;
}

void DatasetBuilder::show_what_there_is() {
  if (!compiler_ || compiled_) return;
  const std::string table = "build." + sql_identifier(model_.dataset + "_" + std::to_string(++stored_));
  const auto names = compiler_->store_as(table);
  session_.execute("CREATE OR REPLACE VIEW sdtm." + sql_identifier(model_.dataset) + " AS SELECT " +
                   sql_list(names) + " FROM " + table);
}

void DatasetBuilder::finish_yaml() {
  base::YamlMap& mapping = *mapping_;
  mapping.text("dataset");
  label_ = mapping.text_or("label", "");
  class_ = mapping.text_or("class", "");
  structure_ = mapping.text_or("structure", "");
  comment_ = mapping.text_or("comment", "");
  origin_source_ = mapping.choice_or("origin_source", {"Investigator", "Sponsor", "Subject", "Vendor"}, "");
  for (const char* key : {"repeating", "reference", "nonstandard"}) {
    if (const auto flag = mapping.find(key)) define_[key] = flag->boolean();
  }
  if (const auto values = mapping.find("values")) define_["values"] = base::json_of(*values);
  const auto key_nodes = mapping.get("keys").list();
  auto sort = mapping.texts_or("sort", {});
  if (const auto labels = mapping.find("labels")) {
    for (const auto& [name, text] : labels->map().entries()) labels_[name] = text.text();
  }
  std::map<std::string, std::string> comments;
  if (const auto texts = mapping.find("comments")) {
    for (const auto& [name, text] : texts->map().entries()) comments[name] = text.text();
  }
  const Compiled compiled = compiler_->result();
  const auto split = mapping.find("split");
  mapping.finish();
  variables_ = compiled.variables;
  supplements_ = compiled.supplements;
  numberings_ = compiled.numberings;
  steps_ = compiled.helpers;
  for (auto& one : variables_) {
    if (const auto text = comments.find(one.name); text != comments.end()) one.comment = text->second;
  }
  std::string select = "_set, _source, _file, _row, _entry";
  for (int i = 0; i < base_->joins; ++i) {
    for (const char* part : {"_source", "_file", "_row"}) select += ", _j" + std::to_string(i) + part;
  }
  joins_ = base_->joins;
  whole_ = base_->whole;
  if (!base_->programs.empty()) define_["programs"] = base_->programs;
  order_variables();
  for (const auto& node : key_nodes) {
    if (find_name(names_, node.text()).empty()) {
      throw base::usage_error("TM2301", "key '" + node.text() + "' is not a variable", node.place(),
                              base::did_you_mean(node.text(), names_));
    }
    keys_.push_back(node.text());
  }
  if (sort.empty()) sort = keys_;
  if (split) read_split(split->map());
  const std::string all = "(" + compiled.sql + ")";
  compiled.blame(session_, [&] { select += typed(all); });
  for (const auto& one : supplements_)
    select += ", " + clean(sql_identifier(one.name)) + " AS " + sql_identifier(one.name);
  for (const auto* group : {&variables_, &supplements_, &steps_}) {
    for (const auto& one : *group) {
      if (one.input.empty()) continue;
      if (group == &steps_) select += ", " + sql_identifier(one.name);
      // Only inputs without a result are looked at; the others would be carried along for nothing.
      const std::string name = sql_identifier(one.name), input = sql_identifier("in$" + one.name);
      select += ", CASE WHEN " + name + " IS NULL" + (one.type == "Char" ? " OR " + name + " = ''" : "") +
                " THEN " + input + " END AS " + input;
    }
  }
  compiled.blame(session_, [&] { finish_rows(select, all, sort, ", _set, _file, _row, _entry"); });
}

std::string DatasetBuilder::model_sql() const {
  std::string sql(base::trim(model_.text));
  while (!sql.empty() && (sql.back() == ';' || sql.back() == '\n')) sql.pop_back();
  return sql;
}

/// A model can be run once all datasets that it reads have the columns that it names.
bool DatasetBuilder::bind_model() {
  try {
    execute_or_wait(session_, model_sql(), scope_, {model_.name, 1, 1}, "the model");
  } catch (const Waiting& other) {
    rows_wait_for_ = other.what;
    return false;
  }
  rows_wait_for_.clear();
  compiled_ = true;
  return true;
}

void DatasetBuilder::from_sql() {
  std::vector<std::string> from;
  for (const auto& line : base::split(model_.text, '\n')) {
    const std::string_view text = base::trim(line);
    if (text.substr(0, 2) != "--") break;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string key(base::trim(text.substr(2, colon - 2))), value(base::trim(text.substr(colon + 1)));
    const auto words = [&value] {
      std::vector<std::string> all;
      for (const auto& part : base::split(value, ',')) all.emplace_back(base::trim(part));
      return all;
    };
    if (key == "label")
      label_ = value;
    else if (key == "class")
      class_ = value;
    else if (key == "keys")
      keys_ = words();
    else if (key == "from")
      from = words();
  }
  const base::Place place{model_.name, 1, 1};
  execute_at(session_, "CREATE OR REPLACE TEMP TABLE tm_model AS " + model_sql(), place, "the model");
  std::vector<std::string> all = session_.columns_of("tm_model");
  const bool located = !find_name(all, "_file").empty() && !find_name(all, "_row").empty();
  for (const auto& name : all) {
    if (name != "_file" && name != "_row") names_.push_back(name);
  }
  if (find_name(names_, "DOMAIN").empty() && has_domain(context_.study, model_.dataset)) {
    session_.execute("ALTER TABLE tm_model ADD COLUMN \"DOMAIN\" VARCHAR DEFAULT " +
                     sql_literal(model_.dataset));
    names_.insert(names_.begin() + (names_.empty() || names_[0] != "STUDYID" ? 0 : 1), "DOMAIN");
  }
  const auto known = columns_of_query(session_, model_sql());
  const std::size_t skipped = model_.text.find_first_not_of(" \t\r\n");
  for (const auto& name : names_) {
    Variable one;
    one.name = one.source_name = name;
    one.origin = "Derived";
    for (const auto& column : known) {
      if (base::to_lower(column.name) != base::to_lower(name)) continue;
      one.inputs = column.inputs;
      one.rule = column.expression;
      const auto begin = model_.text.begin();
      const auto end =
          begin + static_cast<std::ptrdiff_t>(std::min(model_.text.size(), column.position + skipped));
      one.place = {model_.name, static_cast<int>(std::count(begin, end, '\n')) + 1, 0};
    }
    variables_.push_back(one);
  }
  order_variables();
  for (const auto& key : keys_) {
    if (find_name(names_, key).empty()) {
      throw base::usage_error("TM2301", "key '" + key + "' is not a column of the model", place,
                              base::did_you_mean(key, names_));
    }
  }
  const std::string source = sql_literal(from.empty() ? "" : from[0]);
  const std::string select = "0 AS _set, " + source + " AS _source, " +
                             (located && !from.empty() ? "_file, CAST(_row AS BIGINT) AS _row"
                                                       : "NULL::VARCHAR AS _file, NULL::BIGINT AS _row") +
                             ", 0 AS _entry" + typed("tm_model");
  std::string rest;
  for (const auto& name : names_) rest += ", " + sql_identifier(name);
  finish_rows(select, "tm_model", keys_, rest);
  if (!located) whole_ = from;
}

/// Columns stand in the order of the SDTMIG and, for what its table leaves to the model, of the SDTM's class,
/// whatever order the derivations need; variables that neither knows come last, as they were written.
void DatasetBuilder::order_variables() {
  const auto* known = guide_.find_dataset(model_.dataset);
  const std::string class_name = class_.empty() && known != nullptr ? known->class_name : class_;
  const auto order = guide_.guide_variables(model_.dataset, class_name, model_.dataset);
  const auto place = [&](const Variable& one) {
    // COVAL1 stands behind COVAL.
    const std::string stem = one.name.substr(0, one.name.find_last_not_of("0123456789") + 1);
    const std::string& name = has_numbered_parts(model_.dataset, stem) ? stem : one.name;
    return std::find_if(order.begin(), order.end(), [&name](const auto& v) { return v.name == name; });
  };
  std::stable_sort(variables_.begin(), variables_.end(),
                   [&place](const Variable& a, const Variable& b) { return place(a) < place(b); });
  names_.clear();
  for (const auto& one : variables_) names_.push_back(one.name);
}

/// The variables, as text, DOUBLE or BIGINT; notes which are numbers.
std::string DatasetBuilder::typed(const std::string& relation) {
  std::string sql;
  // Only the types are asked for; the engine binds the statement and reads nothing.
  const auto types = session_.types_of(relation);
  for (auto& one : variables_) {
    const std::string& type = types.at(one.name);
    const bool whole = type.find("INT") != std::string::npos;
    const bool number = whole || type == "DOUBLE" || type == "FLOAT" || type.rfind("DECIMAL", 0) == 0;
    one.type = number ? "Num" : "Char";
    one.whole = whole;
    const std::string name = sql_identifier(one.name);
    sql += ", " +
           (number        ? "CAST(" + name + (whole ? " AS BIGINT)" : " AS DOUBLE)")
            : one.trimmed ? name
                          : clean(name)) +
           " AS " + name;
  }
  return sql;
}

void DatasetBuilder::finish_rows(const std::string& select, const std::string& relation,
                                 const std::vector<std::string>& sort, const std::string& rest) {
  std::string order;
  for (const auto& name : sort) order += (order.empty() ? "" : ", ") + sql_identifier(name) + " NULLS FIRST";
  if (order.empty()) order = "1";
  // Rows are stored in their order, so that their number is their place; a window over whole rows costs twice
  // as much.
  session_.execute("CREATE OR REPLACE TEMP TABLE tm_done AS SELECT * FROM (SELECT " + select + " FROM " +
                   relation + ") ORDER BY " + order + rest +
                   "; ALTER TABLE tm_done ADD COLUMN _record BIGINT; UPDATE tm_done SET _record = rowid + 1");
}

/// The statements as they ran, for `trialmill transform --show-sql` and whoever wants to know years later.
void DatasetBuilder::write_sql() const {
  const std::string head =
      "-- " + model_.dataset + ", from " + model_.name +
      "\n-- The statements that make the dataset, in their order. Functions trialmill_… are "
      "described in\n-- docs/mapping-language.md; raw.NAME are delivered tables, sdtm.NAME "
      "datasets.\n\n";
  base::write_file_atomically(scope_.folder / "sql" / (model_.dataset + ".sql"), head + sql_);
}

/// One query for all variables: many small ones cost more than the data they look at.
void DatasetBuilder::measure() {
  std::string sql = "SELECT count(*)";
  std::vector<std::int64_t*> targets{&measures_.rows};
  for (const auto& one : variables_) {
    const std::string name = sql_identifier(one.name);
    if (one.type == "Num") {
      sql +=
          ", count(*) FILTER (WHERE NOT (" + name + " = trunc(" + name + ") AND abs(" + name + ") < 1e15))";
      targets.push_back(&measures_.fractions[one.name]);
    } else {
      sql += ", max(strlen(" + name + "))";
      targets.push_back(&measures_.longest[one.name]);
    }
  }
  for (const auto* group : {&variables_, &supplements_, &steps_}) {
    for (const auto& one : *group) {
      if (one.input.empty()) continue;
      sql += ", count(*) FILTER (WHERE " + sql_identifier("in$" + one.name) + " IS NOT NULL AND " +
             sql_identifier(one.name) + " IS NULL)";
      targets.push_back(&measures_.unread[one.name]);
    }
  }
  const auto result = session_.query(sql + " FROM tm_done");
  for (std::size_t i = 0; i < targets.size(); ++i) *targets[i] = result.integer(0, i);
}

/// Whole numbers are stored as such, so that an age is 16 and not 16.0 wherever it is shown.
void DatasetBuilder::store_whole_numbers() {
  for (auto& one : variables_) {
    if (one.type != "Num" || one.whole || measures_.fractions[one.name] > 0) continue;
    session_.execute("ALTER TABLE tm_done ALTER " + sql_identifier(one.name) + " TYPE BIGINT");
  }
}

}  // namespace trialmill::transform
