#include "transform/dataset.hpp"

#include "base/text.hpp"
#include "base/yaml.hpp"
#include "standards/sdtmig.hpp"
#include "transform/variables.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using findings::Finding;
using findings::Severity;

namespace {

constexpr std::size_t text_bytes_max = 200;

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + sql_identifier(name);
  return text;
}

class DatasetBuilder {
 public:
  DatasetBuilder(const Model& model, const std::vector<std::string>& datasets,
                 const std::filesystem::path& folder, const Options& options, study::Context& context,
                 base::Json& description)
      : model_(model),
        datasets_(datasets),
        folder_(folder),
        options_(options),
        context_(context),
        session_(context.session),
        description_(description),
        guide_(standards::sdtmig(context.study.sdtmig)) {}

  std::int64_t build() {
    if (model_.path.extension() == ".sql")
      from_sql();
    else
      from_yaml();
    const std::int64_t rows = session_.count("SELECT count(*) FROM tm_done");
    duplicates();
    input_findings();
    supplements();
    write(model_.dataset, "SELECT " + list_of(names_) + " FROM tm_done ORDER BY _record", label_, class_,
          keys_, rows, columns());
    lineage();
    return rows;
  }

 private:
  void from_yaml() {
    base::YamlMap mapping = base::parse_yaml(model_.text, model_.name).map();
    mapping.text("dataset");
    label_ = mapping.text_or("label", "");
    class_ = mapping.text_or("class", "");
    const auto key_nodes = mapping.get("keys").list();
    auto sort = mapping.texts_or("sort", {});
    if (const auto labels = mapping.find("labels")) {
      for (const auto& [name, text] : labels->map().entries()) labels_[name] = text.text();
    }
    mapping.find("comments");
    const Base base = build_base(mapping, context_);
    const Compiled compiled = compile_variables(mapping, model_.dataset, base, datasets_, context_);
    mapping.finish();
    variables_ = compiled.variables;
    supplements_ = compiled.supplements;
    std::string select = "_set, _source, _file, _row, _entry";
    for (int i = 0; i < base.joins; ++i) {
      for (const char* part : {"_source", "_file", "_row"}) select += ", _j" + std::to_string(i) + part;
    }
    joins_ = base.joins;
    for (const auto& one : variables_) names_.push_back(one.name);
    for (const auto& node : key_nodes) {
      if (find_name(names_, node.text()).empty()) {
        throw base::usage_error("TM2301", "key '" + node.text() + "' is not a variable", node.place(),
                                base::did_you_mean(node.text(), names_));
      }
      keys_.push_back(node.text());
    }
    if (sort.empty()) sort = keys_;
    session_.execute("CREATE OR REPLACE TEMP VIEW tm_all AS " + compiled.sql);
    select += typed("tm_all");
    for (const auto& one : supplements_)
      select += ", " + clean(sql_identifier(one.name)) + " AS " + sql_identifier(one.name);
    for (const auto* group : {&variables_, &supplements_}) {
      for (const auto& one : *group) {
        if (!one.input.empty()) select += ", " + sql_identifier("in$" + one.name);
      }
    }
    finish_rows(select, "tm_all", sort, ", _set, _file, _row, _entry");
  }

  void from_sql() {
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
    std::string sql(base::trim(model_.text));
    while (!sql.empty() && (sql.back() == ';' || sql.back() == '\n')) sql.pop_back();
    const base::Place place{model_.name, 1, 1};
    execute_at(session_, "CREATE OR REPLACE TEMP TABLE tm_model AS " + sql, place, "the model");
    std::vector<std::string> all = session_.columns_of("tm_model");
    const bool located = !find_name(all, "_file").empty() && !find_name(all, "_row").empty();
    for (const auto& name : all) {
      if (name != "_file" && name != "_row") names_.push_back(name);
    }
    if (find_name(names_, "DOMAIN").empty()) {
      session_.execute("ALTER TABLE tm_model ADD COLUMN \"DOMAIN\" VARCHAR DEFAULT " +
                       sql_literal(model_.dataset));
      names_.insert(names_.begin() + (names_.empty() || names_[0] != "STUDYID" ? 0 : 1), "DOMAIN");
    }
    for (const auto& name : names_) {
      Variable one;
      one.name = name;
      one.origin = "Derived";
      variables_.push_back(one);
    }
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

  /// The variables, as text, DOUBLE or BIGINT; notes which are numbers.
  std::string typed(const std::string& relation) {
    std::string sql;
    const auto types =
        session_.query_text("SELECT column_name, column_type FROM (DESCRIBE " + relation + ")");
    std::map<std::string, std::string> type_of;
    for (std::size_t r = 0; r < types.rows(); ++r) type_of[types.text(r, 0)] = types.text(r, 1);
    for (auto& one : variables_) {
      const std::string& type = type_of[one.name];
      const bool whole = type.find("INT") != std::string::npos;
      const bool number = whole || type == "DOUBLE" || type == "FLOAT" || type.rfind("DECIMAL", 0) == 0;
      one.type = number ? "Num" : "Char";
      const std::string name = sql_identifier(one.name);
      sql += ", " + (number ? "CAST(" + name + (whole ? " AS BIGINT)" : " AS DOUBLE)") : clean(name)) +
             " AS " + name;
    }
    return sql;
  }

  void finish_rows(const std::string& select, const std::string& relation,
                   const std::vector<std::string>& sort, const std::string& rest) {
    std::string order;
    for (const auto& name : sort)
      order += (order.empty() ? "" : ", ") + sql_identifier(name) + " NULLS FIRST";
    if (order.empty()) order = "1";
    session_.execute("CREATE OR REPLACE TEMP TABLE tm_done AS SELECT row_number() OVER (ORDER BY " + order +
                     rest + ") AS _record, * FROM (SELECT " + select + " FROM " + relation + ")");
    // Whole numbers are stored as such, so that an age is 16 and not 16.0 wherever it is shown.
    for (const auto& one : variables_) {
      if (one.type != "Num") continue;
      const std::string name = sql_identifier(one.name);
      if (session_.count("SELECT count(*) FROM tm_done WHERE NOT (" + name + " = trunc(" + name +
                         ") AND abs(" + name + ") < 1e15)") == 0) {
        session_.execute("ALTER TABLE tm_done ALTER " + name + " TYPE BIGINT");
      }
    }
  }

  std::string subject_column() const { return find_name(names_, "USUBJID").empty() ? "NULL" : "\"USUBJID\""; }

  void duplicates() {
    if (keys_.empty()) return;
    const auto result = session_.query_text("SELECT count(*), min(_record), min(" + subject_column() + "), " +
                                            list_of(keys_) + " FROM tm_done GROUP BY " + list_of(keys_) +
                                            " HAVING count(*) > 1 ORDER BY 2");
    for (std::size_t r = 0; r < result.rows(); ++r) {
      std::vector<std::string> values;
      for (std::size_t k = 0; k < keys_.size(); ++k) values.push_back(result.text(r, k + 3));
      Finding finding = make("TM2354", Severity::error, base::join(keys_, ", "));
      finding.subject = result.text(r, 2);
      finding.value = base::join(values, ", ");
      finding.message = result.text(r, 0) + " records share the same key";
      finding.row = std::stoll(result.text(r, 1));
      context_.findings.add(finding);
    }
  }

  Finding make(const std::string& rule, Severity severity, const std::string& variable) const {
    Finding finding;
    finding.rule = rule;
    finding.severity = severity;
    finding.stage = "transform";
    finding.dataset = model_.dataset;
    finding.variable = variable;
    return finding;
  }

  /// Values that a verb could not use: the input is there, the result is not.
  void input_findings() {
    static const std::map<std::string, std::string> sentences{
        {"TM2350", "the value is not in the map or list and became empty"},
        {"TM2351", "not a date that can be read without guessing; it became empty"},
        {"TM2352", "not a number; it became empty"},
        {"TM2353", "the unit is unknown or the value is no number; not converted"}};
    for (const auto* group : {&variables_, &supplements_}) {
      for (const auto& one : *group) {
        if (one.input.empty()) continue;
        const std::string where = " FROM tm_done WHERE " + sql_identifier("in$" + one.name) +
                                  " IS NOT NULL AND " + sql_identifier(one.name) + " IS NULL";
        const auto limit = options_.findings_per_variable_max;
        const auto rows = session_.query_text("SELECT " + sql_identifier("in$" + one.name) + ", " +
                                              subject_column() + ", _file, _row, _record" + where +
                                              " ORDER BY _record LIMIT " + std::to_string(limit));
        const std::string name = one.name.rfind("supp$", 0) == 0 ? one.name.substr(5) : one.name;
        for (std::size_t r = 0; r < rows.rows(); ++r) {
          Finding finding = make(one.code, Severity::warning, name);
          finding.value = rows.text(r, 0);
          finding.subject = rows.text(r, 1);
          finding.file = rows.text(r, 2);
          finding.row = rows.is_null(r, 3) ? 0 : std::stoll(rows.text(r, 3));
          finding.message = "'" + finding.value + "': " + sentences.at(one.code);
          context_.findings.add(finding);
        }
        if (static_cast<std::int64_t>(rows.rows()) < limit) continue;
        const std::int64_t all = session_.count("SELECT count(*)" + where);
        if (all == limit) continue;
        Finding finding = make(one.code, Severity::warning, name);
        finding.message = base::thousands(all - limit) + " more values like these are not listed one by one";
        context_.findings.add(finding);
      }
    }
  }

  std::string supp_row(const std::string& qnam, const std::string& label, const std::string& value,
                       const std::string& origin, const std::string& evaluator,
                       const std::string& sequence) const {
    const std::string idvar = model_.dataset == "DM" ? "NULL::VARCHAR" : sql_literal(sequence);
    const std::string idval =
        model_.dataset == "DM" ? "NULL::VARCHAR" : "CAST(" + sql_identifier(sequence) + " AS VARCHAR)";
    return "SELECT _record AS _parent, \"STUDYID\", " + sql_literal(model_.dataset) +
           " AS RDOMAIN, \"USUBJID\", " + idvar + " AS IDVAR, " + idval + " AS IDVARVAL, " +
           sql_literal(qnam) + " AS QNAM, " + sql_literal(label) + " AS QLABEL, " + value + " AS QVAL, " +
           sql_literal(origin) + " AS QORIG, " +
           (evaluator.empty() ? std::string("NULL::VARCHAR") : sql_literal(evaluator)) +
           " AS QEVAL FROM tm_done WHERE " + value + " IS NOT NULL";
  }

  std::string label_of(const Variable& one) const {
    if (const auto found = labels_.find(one.name); found != labels_.end()) return found->second;
    return one.label.empty() ? guide_.label_of(model_.dataset, one.name) : one.label;
  }

  /// Supplemental qualifiers, and what does not fit into 200 bytes.
  void supplements() {
    const std::string sequence = model_.dataset + "SEQ";
    std::vector<std::string> parts;
    for (const auto& one : supplements_) {
      const std::string qnam = one.name.substr(5);
      parts.push_back(supp_row(qnam, one.label.empty() ? qnam : one.label, sql_identifier(one.name),
                               one.origin, one.evaluator, sequence));
    }
    for (const auto& one : variables_) {
      if (one.type != "Char") continue;
      const std::string name = sql_identifier(one.name);
      const auto longest = session_.count("SELECT max(strlen(" + name + ")) FROM tm_done");
      if (longest <= static_cast<std::int64_t>(text_bytes_max)) continue;
      split_text(one, static_cast<std::size_t>(longest), parts, sequence);
    }
    if (parts.empty()) return;
    if (model_.dataset != "DM" && find_name(names_, sequence).empty()) {
      throw base::usage_error("TM2308", model_.dataset + " has supplemental qualifiers but no " + sequence,
                              {model_.name, 1, 1});
    }
    session_.execute(
        "CREATE OR REPLACE TEMP TABLE tm_supp AS SELECT row_number() OVER (ORDER BY USUBJID, "
        "try_cast(IDVARVAL AS BIGINT) NULLS FIRST, QNAM, _parent) AS _record, * FROM (" +
        base::join(parts, " UNION ALL ") + ")");
    const std::string supp = "SUPP" + model_.dataset;
    base::Json columns = base::Json::array();
    const std::vector<std::string> names{"STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL",
                                         "QNAM",    "QLABEL",  "QVAL",    "QORIG", "QEVAL"};
    for (const auto& name : names)
      columns.push_back(column("tm_supp", name, guide_.label_of(supp, name), "Char", "Assigned", ""));
    write(supp, "SELECT " + list_of(names) + " FROM tm_supp ORDER BY _record", "", "",
          {"STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"},
          session_.count("SELECT count(*) FROM tm_supp"), columns);
    supp_ = true;
  }

  void split_text(const Variable& one, std::size_t longest, std::vector<std::string>& parts,
                  const std::string& sequence) {
    const std::string name = sql_identifier(one.name);
    const auto found =
        session_.query_text("SELECT _record, " + subject_column() +
                            ", _file, _row FROM tm_done WHERE strlen(" + name + ") > 200 ORDER BY _record");
    for (std::size_t r = 0; r < found.rows(); ++r) {
      Finding finding = make("TM2355", Severity::info, one.name);
      finding.subject = found.text(r, 1);
      finding.file = found.text(r, 2);
      finding.row = found.is_null(r, 3) ? 0 : std::stoll(found.text(r, 3));
      finding.message = "the text is longer than 200 bytes; the rest is in SUPP" + model_.dataset;
      context_.findings.add(finding);
    }
    // Cutting at blanks may need more parts than bytes / 200; empty ones give no record.
    const std::size_t pieces = longest / 100 + 2;
    for (std::size_t p = 1; p < pieces; ++p) {
      const std::string qnam = one.name.substr(0, 8 - std::to_string(p).size()) + std::to_string(p);
      const std::string column = "long$" + one.name + std::to_string(p);
      session_.execute("ALTER TABLE tm_done ADD COLUMN " + sql_identifier(column) +
                       " VARCHAR; UPDATE tm_done SET " + sql_identifier(column) + " = trialmill_text_part(" +
                       name + ", '" + std::to_string(p) + "') WHERE strlen(" + name + ") > 200");
      if (session_.count("SELECT count(" + sql_identifier(column) + ") FROM tm_done") == 0) break;
      parts.push_back(
          supp_row(qnam, label_of(one), sql_identifier(column), one.origin, one.evaluator, sequence));
    }
    session_.execute("UPDATE tm_done SET " + name + " = trialmill_text_part(" + name +
                     ", '0') WHERE strlen(" + name + ") > 200");
  }

  base::Json column(const std::string& table, const std::string& name, const std::string& label,
                    const std::string& type, const std::string& origin, const std::string& codelist) {
    const auto length =
        type == "Num"
            ? 8
            : std::max<std::int64_t>(
                  1, session_.count("SELECT max(strlen(" + sql_identifier(name) + ")) FROM " + table));
    base::Json json{{"name", name},
                    {"label", label.empty() ? name : label},
                    {"type", type},
                    {"length", length},
                    {"origin", origin}};
    if (!codelist.empty()) json["codelist"] = codelist;
    return json;
  }

  base::Json columns() {
    base::Json all = base::Json::array();
    for (const auto& one : variables_)
      all.push_back(column("tm_done", one.name, label_of(one), one.type, one.origin, one.codelist));
    return all;
  }

  void write(const std::string& dataset, const std::string& sql, const std::string& label,
             const std::string& class_name, const std::vector<std::string>& keys, std::int64_t rows,
             const base::Json& columns) {
    const std::string file = (folder_ / "parquet" / (dataset + ".parquet")).string();
    session_.execute("COPY (" + sql + ") TO " + sql_literal(file) + " (FORMAT parquet)");
    session_.execute("CREATE OR REPLACE VIEW sdtm." + sql_identifier(dataset) +
                     " AS SELECT * FROM read_parquet(" + sql_literal(file) + ")");
    const auto* known = guide_.find_dataset(dataset);
    description_[dataset] = {
        {"label", label.empty() ? guide_.dataset_label(dataset) : label},
        {"class", class_name.empty() && known != nullptr ? known->class_name : class_name},
        {"keys", keys},
        {"rows", rows},
        {"columns", columns}};
  }

  void lineage() {
    std::string sql = "SELECT _record, _source AS source, _file, _row FROM tm_done WHERE _file IS NOT NULL";
    for (int i = 0; i < joins_; ++i) {
      const std::string n = "_j" + std::to_string(i);
      sql += " UNION ALL SELECT _record, " + n + "_source, " + n + "_file, " + n +
             "_row FROM tm_done WHERE " + n + "_file IS NOT NULL";
    }
    for (const auto& source : whole_) {
      if (!session_.has_table("raw", source)) {
        throw base::usage_error("TM2302", "no raw table '" + source + "'", {model_.name, 1, 1},
                                base::did_you_mean(source, session_.tables("raw")));
      }
      sql += " UNION ALL SELECT 0, " + sql_literal(source) + ", _file, CAST(_row AS BIGINT) FROM raw." +
             sql_identifier(source);
    }
    store_lineage(model_.dataset, sql);
    if (supp_) {
      store_lineage("SUPP" + model_.dataset,
                    "SELECT s._record, d._source AS source, d._file, d._row FROM tm_supp s JOIN tm_done d ON "
                    "d._record = s._parent WHERE d._file IS NOT NULL");
    }
  }

  void store_lineage(const std::string& dataset, const std::string& sql) {
    const std::string file = (folder_ / "lineage" / (dataset + ".parquet")).string();
    session_.execute("COPY (SELECT * FROM (" + sql + ") ORDER BY ALL) TO " + sql_literal(file) +
                     " (FORMAT parquet)");
    session_.execute("INSERT INTO tm_lineage SELECT DISTINCT source, _file, _row FROM read_parquet(" +
                     sql_literal(file) + ")");
  }

  const Model& model_;
  const std::vector<std::string>& datasets_;
  const std::filesystem::path& folder_;
  const Options& options_;
  study::Context& context_;
  table::Session& session_;
  base::Json& description_;
  const standards::SdtmIg& guide_;
  std::string label_, class_;
  std::vector<std::string> keys_, names_, whole_;
  std::map<std::string, std::string> labels_;
  std::vector<Variable> variables_, supplements_;
  int joins_ = 0;
  bool supp_ = false;
};

}  // namespace

std::int64_t build_dataset(const Model& model, const std::vector<std::string>& datasets,
                           const std::filesystem::path& folder, const Options& options,
                           study::Context& context, base::Json& description) {
  return DatasetBuilder(model, datasets, folder, options, context, description).build();
}

}  // namespace trialmill::transform
