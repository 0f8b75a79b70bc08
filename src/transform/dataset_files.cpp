#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

namespace {

/// zstd takes less time than the engine's default and half the space; nobody looks for single values in a
/// staged dataset, which Bloom filters would help.
constexpr const char* parquet_options = " (FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false)";

}  // namespace

std::string DatasetBuilder::label_of(const Variable& one) const {
  if (const auto found = labels_.find(one.name); found != labels_.end()) return found->second;
  return one.label.empty() ? guide_.label_of(model_.dataset, one.name) : one.label;
}

base::Json describe_column(const std::string& name, const std::string& label, const std::string& type,
                           std::int64_t longest, const std::string& origin, const std::string& codelist) {
  base::Json json{{"name", name},
                  {"label", label.empty() ? name : label},
                  {"type", type},
                  {"length", type == "Num" ? 8 : std::max<std::int64_t>(1, longest)},
                  {"origin", origin}};
  if (!codelist.empty()) json["codelist"] = codelist;
  return json;
}

/// Where values come from, as trialmill trace and Define-XML tell it.
void describe_rule(base::Json& json, const Variable& one) {
  if (!one.rule.empty()) json["rule"] = one.rule;
  if (one.place.line > 0) json["place"] = one.place.file + ":" + std::to_string(one.place.line);
  if (!one.inputs.empty()) json["inputs"] = one.inputs;
  if (!one.reads.empty()) json["reads"] = one.reads;
  if (!one.comment.empty()) json["comment"] = one.comment;
  if (!one.method.empty() || (one.origin == "Derived" && !one.rule.empty())) {
    const std::string told = one.sentence.empty() ? "By the rule of the mapping." : one.sentence;
    const std::string& sentence = one.method.empty() ? told : one.method;
    json["method"] = {{"description", sentence}, {"expression", one.rule}};
  }
  if (!one.pages.empty()) json["pages"] = one.pages;
  for (const auto& [key, text] : one.define) {
    if (key == "mandatory")
      json[key] = text == "true";
    else
      json[key] = text;
  }
}

base::Json DatasetBuilder::columns() {
  base::Json all = base::Json::array();
  for (const auto& one : variables_) {
    base::Json json = describe_column(one.name, label_of(one), one.type, measures_.longest[one.name],
                                      one.origin, one.codelist);
    describe_rule(json, one);
    if (!origin_source_.empty() && one.origin == "Collected" && !json.contains("origin_source"))
      json["origin_source"] = origin_source_;
    all.push_back(std::move(json));
  }
  return all;
}

/// What trace needs beside the columns: steps on the way, entries of unpivots, supplemental qualifiers.
void DatasetBuilder::describe_lineage() {
  base::Json& json = description_[made_];
  json.update(define_);
  if (!keys_.empty() && !unique_keys_) json["duplicate_keys"] = true;
  for (const auto& one : steps_) {
    if (one.rule.empty()) continue;  // a check of another variable
    base::Json step = base::Json::object();
    describe_rule(step, one);
    json["steps"][one.name] = std::move(step);
  }
  if (base_) {
    for (const auto& entry : base_->entries)
      json["entries"].push_back({{"code", entry.code},
                                 {"source", entry.source},
                                 {"column", entry.column},
                                 {"set", entry.set},
                                 {"entry", entry.entry}});
    json["sets"] = base_->sets;
  } else {
    json["sets"].push_back({{"model", true}, {"tables", model_tables_}});
  }
  if (made_ != model_.dataset) json["domain"] = model_.dataset;
  if (!structure_.empty()) json["structure"] = structure_;
  if (!comment_.empty()) json["comment"] = comment_;
  if (!supp_) return;
  for (const auto& one : supplements_) {
    base::Json qualifier = base::Json::object();
    describe_rule(qualifier, one);
    description_["SUPP" + made_]["qualifiers"][one.name.substr(5)] = std::move(qualifier);
  }
  for (const auto& [qnam, one] : rests_) {
    base::Json rest = base::Json::object();
    describe_rule(rest, one);
    description_["SUPP" + made_]["rests"][qnam] = std::move(rest);
  }
}

/// tm_done and what belongs to it, as the dataset made_.
void DatasetBuilder::write_dataset() {
  supp_ = false;
  supplements();
  const std::string rows = coded_.empty() ? "tm_done" : "(" + rows_sql(false) + ")";
  write(made_, "SELECT " + sql_list(names_) + " FROM " + rows, label_, class_, keys_, measures_.rows,
        columns());
  lineage();
  describe_lineage();
}

void DatasetBuilder::write(const std::string& dataset, const std::string& sql, const std::string& label,
                           const std::string& class_name, const std::vector<std::string>& keys,
                           std::int64_t rows, const base::Json& columns) {
  const std::string file = (scope_.folder / "parquet" / (dataset + ".parquet")).string();
  session_.execute("COPY (" + sql + ") TO " + sql_literal(file) + parquet_options);
  session_.execute("CREATE OR REPLACE VIEW sdtm." + sql_identifier(dataset) +
                   " AS SELECT * FROM read_parquet(" + sql_literal(file) + ")");
  const std::string guided =
      (dataset == made_ ? "" : "SUPP") + model_.dataset;  // a part is described as its domain
  const auto* known = guide_.find_dataset(guided);
  description_[dataset] = {{"label", label.empty() ? guide_.dataset_label(guided) : label},
                           {"class", class_name.empty() && known != nullptr ? known->class_name : class_name},
                           {"keys", keys},
                           {"rows", rows},
                           {"columns", columns}};
}

void DatasetBuilder::lineage() {
  const bool by_set = literals_.count("_file") != 0 && joins_ == 0 && whole_.empty();
  std::string sql = "SELECT _record, " + (by_set ? name_of_set(false, true) : "_source") + " AS source, " +
                    (by_set ? name_of_set(true, true) + " AS _file" : "_file") +
                    ", _row, _set, _entry FROM tm_done";
  for (int i = 0; i < joins_; ++i) {
    const std::string n = "_j" + std::to_string(i);
    sql += " UNION ALL SELECT _record, " + n + "_source, " + n + "_file, " + n + "_row, _set, " +
           std::to_string(-1 - i) + " FROM tm_done WHERE " + n + "_file IS NOT NULL";
  }
  for (const auto& source : whole_) {
    if (!session_.has_table("raw", source)) {
      throw base::usage_error("TM2302", "no raw table '" + source + "'", {model_.name, 1, 1},
                              base::did_you_mean(source, session_.tables("raw")));
    }
    sql += " UNION ALL SELECT 0, " + sql_literal(source) +
           ", _file, CAST(_row AS BIGINT), NULL, NULL FROM raw." + sql_identifier(source);
  }
  store_lineage(made_, sql, joins_ == 0 && whole_.empty());
  if (supp_) {
    store_lineage("SUPP" + made_,
                  "SELECT s._record, d._source AS source, d._file, d._row, s._parent FROM tm_supp s JOIN "
                  "tm_done d ON d._record = s._parent",
                  false);
  }
}

/// Writes the rows of `sql`; `ordered`: they come in the order of the records already.
void DatasetBuilder::store_lineage(const std::string& dataset, const std::string& sql, bool ordered) {
  const std::string file = (scope_.folder / "lineage" / (dataset + ".parquet")).string();
  session_.execute("COPY (SELECT * FROM (" + sql + ")" + (ordered ? "" : " ORDER BY ALL") + ") TO " +
                   sql_literal(file) + parquet_options);
  // One file for each row set: numbers are told apart quicker than names.
  const bool by_number = ordered && literals_.count("_file") != 0;
  const std::string rows = by_number ? "SELECT " + literals_.at("_source") + ", " + literals_.at("_file") +
                                           ", _row FROM (SELECT DISTINCT _set, _row FROM tm_made)"
                                     : "SELECT DISTINCT source, _file, _row FROM read_parquet(" +
                                           sql_literal(file) + ") WHERE _file IS NOT NULL";
  session_.execute("INSERT INTO tm_lineage " + rows);
}

}  // namespace trialmill::transform
