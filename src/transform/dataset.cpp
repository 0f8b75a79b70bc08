#include "transform/model.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "transform/dataset_builder.hpp"

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

bool DatasetBuilder::advance(bool windows) {
  if (compiled_) return false;
  const Recorded recorded(*this);
  return mapping_ ? advance_yaml(windows) : bind_model();
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
  note_whole_numbers();
  show_rows();
  duplicates();
  unknown_variables();
  input_findings();
  made_ = model_.dataset;
  // Before long texts are cut: what tells records apart must be the same in the next release.
  for (const auto& numbering : numberings_)
    save_numbers(session_, model_.dataset, numbering, "tm_done", scope_.previous, scope_.folder,
                 shows_numbers(numbering));
  parts_.empty() ? write_dataset() : write_parts();
  for (; stored_ > 0; --stored_)
    session_.execute("DROP TABLE IF EXISTS build." +
                     sql_identifier(model_.dataset + "_" + std::to_string(stored_)));
  return measures_.rows;
}

/// Whether the published dataset tells which record has which number: no two records share an identity, and
/// all variables of it are there as they are.
bool DatasetBuilder::shows_numbers(const Numbering& numbering) const {
  if (find_name(names_, numbering.name).empty()) return false;
  if (!unique_keys_ || !parts_.empty()) return false;
  auto columns = numbering.within;
  columns.insert(columns.end(), numbering.identity.begin(), numbering.identity.end());
  const bool identified = std::ranges::all_of(keys_, [&](const std::string& key) {
    return literals_.count(key) != 0 || std::ranges::find(columns, sql_identifier(key)) != columns.end();
  });
  return identified && std::ranges::all_of(columns, [&](const std::string& column) {
           const auto found = std::ranges::find_if(
               names_, [&](const std::string& name) { return sql_identifier(name) == column; });
           if (found == names_.end()) return false;
           const auto longest = measures_.longest.find(*found);
           return longest == measures_.longest.end() ||
                  longest->second <= static_cast<std::int64_t>(text_bytes_max);
         });
}

std::string DatasetBuilder::subject_column() const {
  return find_name(names_, "USUBJID").empty() ? "NULL" : "\"USUBJID\"";
}

/// Rows first, then variables, each as soon as what they refer to is there.
bool DatasetBuilder::advance_yaml(bool windows) {
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
  any = compiler_->advance(windows) || any;
  compiled_ = compiler_->complete();
  return any;
}

void DatasetBuilder::show_what_there_is() {
  std::vector<std::string> names;
  if (compiler_ && !compiled_) show(names);
}

/// What is compiled, as SQL and as view sdtm.DS; rows that were stored before are no longer there.
std::string DatasetBuilder::show(std::vector<std::string>& names) {
  const std::string table = "build." + sql_identifier(model_.dataset + "_" + std::to_string(++stored_));
  const std::string rows = compiler_->show_as(table, names);
  session_.execute("CREATE OR REPLACE VIEW sdtm." + sql_identifier(model_.dataset) + " AS SELECT " +
                   sql_list(names) + " FROM " + rows);
  return rows;
}

std::optional<Scope::Draft> DatasetBuilder::draft() {
  if (!compiler_ || compiled_ || mapping_->has("split")) return std::nullopt;
  Scope::Draft out;
  const std::string rows = show(out.ready);
  std::erase_if(out.ready, [](const std::string& name) { return name.starts_with("_"); });
  std::string list, order;
  for (const auto& [name, type] : session_.types_of(rows)) {
    if (find_name(out.ready, name).empty()) continue;
    const std::string column = sql_identifier(name);
    list += ", " + (type == "VARCHAR" ? clean(column) + " AS " + column : column);
  }
  for (const auto& name : mapping_->texts_or("sort", mapping_->texts_or("keys", {}))) {
    if (find_name(out.ready, name).empty()) return std::nullopt;
    order += "r." + sql_identifier(find_name(out.ready, name)) + " NULLS FIRST, ";
  }
  const std::string places = std::string("_set, _file, _row, _entry") + (base_->located ? "" : ", _at");
  out.table = "build." + sql_identifier(model_.dataset + "_rows");
  session_.execute("CREATE OR REPLACE TABLE " + out.table + " AS SELECT " + sql_list(out.ready) + ", " +
                   sql_literal(model_.dataset) + " AS _file, row_number() OVER (ORDER BY " + order + places +
                   ") AS _row FROM (SELECT " + places + list + " FROM " + rows + ") r");
  return out;
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
  for (const auto& one : supplements_) {
    const std::string name = sql_identifier(one.name);
    select += ", " + (one.numeric || one.type == "Num" ? number_text(name) : clean(name)) + " AS " + name;
  }
  for (const auto& one : numberings_) {
    const std::string name = sql_identifier(one.name);
    if (one.name.starts_with("_")) select += ", CAST(" + name + " AS BIGINT) AS " + name;
  }
  const std::string unread = unread_inputs_of();
  has_inputs_ = !unread.empty();
  select += unread;
  note_literals();
  select += columns_for_late(all);
  if (!base_->located) select += ", _at";
  compiled.blame(session_, [&] { finish_rows(select, all, sort); });
  compiled.blame(session_, [&] { compute_late(); });
  for (const auto& table : compiled.tables) session_.execute("DROP TABLE IF EXISTS " + table);
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

}  // namespace trialmill::transform
