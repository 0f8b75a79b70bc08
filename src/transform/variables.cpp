#include "transform/variables.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "standards/iso8601.hpp"
#include "transform/decimal.hpp"
#include "transform/names.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

const char* const number_pattern = "'[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?'";

std::string key_of(const std::string& expression) {
  return "upper(trim(CAST(" + expression + " AS VARCHAR)))";
}

class VariablesBuilder {
 public:
  VariablesBuilder(const std::string& dataset, const Base& base, const std::vector<std::string>& datasets,
                   study::Context& context)
      : dataset_(dataset), base_(base), datasets_(datasets), context_(context) {
    std::string list = "_set, _source, _file, _row";
    const auto present = context_.session.columns_of("tm_base");
    for (const auto& name : present) {
      const bool extra =
          name.rfind("set$", 0) == 0 || name.rfind("_test_", 0) == 0 || name == "_entry" ||
          (name.rfind("_j", 0) == 0 && name.size() > 2 && std::isdigit(static_cast<unsigned char>(name[2])));
      if (extra) list += ", " + sql_identifier(name);
      if (name == "_entry") unpivoted_ = true;
    }
    for (const auto& name : base_.columns) list += ", " + sql_identifier(name) + " AS " + raw_name(name);
    if (!unpivoted_) list += ", 0 AS _entry";
    sql_ = "SELECT " + list + " FROM tm_base";
  }

  Compiled build(YamlMap& mapping) {
    std::vector<std::pair<std::string, YamlValue>> late;
    const auto entries = mapping.get("variables").map().entries();
    for (const auto& [name, node] : entries) declared_.push_back(name);
    for (const auto& name : base_.given) {
      if (find_name(declared_, name).empty() && name != "DOMAIN") {
        throw base::usage_error("TM2301", "the row sets fill '" + name + "', which is not in `variables`",
                                mapping.place(),
                                "add `" + name + ": {given: records}` where its column belongs");
      }
    }
    if (find_name(declared_, "DOMAIN").empty()) {
      Variable domain;
      domain.name = "DOMAIN";
      domain.sql = sql_literal(dataset_);
      domain.origin = "Assigned";
      add(domain);
    }
    for (const auto& [name, node] : entries) {
      // Sequences number the finished records, so they come last however early their column stands.
      if (node.is_map() && node.node()["sequence"])
        late.emplace_back(name, node);
      else
        add(compile(name, node));
    }
    for (const auto& [name, node] : late) add(compile(name, node));
    const std::size_t count = done_.size();
    if (const auto supp = mapping.find("supp")) {
      for (const auto& [name, node] : supp->map().entries()) {
        Variable one = compile("supp$" + name, node);
        add(one);
      }
    }
    flush();
    Compiled out;
    out.sql = sql_;
    out.steps = std::move(steps_);
    if (find_name(declared_, "DOMAIN").empty()) {
      const auto study = std::find(declared_.begin(), declared_.end(), "STUDYID");
      declared_.insert(study == declared_.end() ? declared_.begin() : study + 1, "DOMAIN");
    }
    for (const auto& name : declared_) {
      for (std::size_t i = 0; i < count; ++i) {
        if (done_[i].name == name) out.variables.push_back(done_[i]);
      }
    }
    out.supplements.assign(done_.begin() + static_cast<std::ptrdiff_t>(count), done_.end());
    return out;
  }

 private:
  static std::string raw_name(const std::string& column) {
    return sql_identifier("raw$" + base::to_lower(column));
  }

  // --- names
  // -------------------------------------------------------------------------------------------------

  std::optional<std::string> variable(const std::string& name) {
    const std::string found = find_name(names_, name);
    if (found.empty()) return std::nullopt;
    used_.insert(found);
    return sql_identifier(found);
  }
  std::optional<std::string> column(const std::string& name) {
    const std::string found = find_name(base_.columns, name);
    return found.empty() ? std::nullopt : std::optional(raw_name(found));
  }

  /// DATASET.VAR by a join over USUBJID, made once.
  std::optional<std::string> reference(const std::string& dataset, const std::string& name) {
    if (dataset == dataset_) return variable(name);
    if (std::find(datasets_.begin(), datasets_.end(), dataset) == datasets_.end()) return std::nullopt;
    const std::string alias = sql_identifier(dataset + "$" + name);
    if (!joined_.insert(alias).second) return alias;
    const auto theirs = context_.session.columns_of("sdtm." + sql_identifier(dataset));
    const std::string found = find_name(theirs, name);
    if (found.empty()) {
      throw base::usage_error("TM2301", dataset + " has no variable '" + name + "'", place_,
                              base::did_you_mean(name, theirs));
    }
    if (find_name(names_, "USUBJID").empty()) {
      throw base::usage_error("TM2301", dataset + "." + name + " needs USUBJID, which does not stand above",
                              place_);
    }
    flush();
    sql_ = "SELECT l.*, r.v AS " + alias + " FROM (" + sql_ + ") l LEFT JOIN (SELECT USUBJID AS u, min(" +
           sql_identifier(found) + ") AS v FROM sdtm." + sql_identifier(dataset) +
           " GROUP BY 1) r ON r.u = l.\"USUBJID\"";
    return alias;
  }

  /// What a verb names: DM.VAR, a column or a variable; which of the latter first depends on the verb.
  std::string operand(const YamlValue& node, bool column_first) {
    const std::string name = node.text();
    if (const auto dot = name.find('.'); dot != std::string::npos) {
      const std::string first = name.substr(0, dot), second = name.substr(dot + 1);
      if (base::to_lower(first) == "raw") {
        if (const auto found = column(second)) return *found;
      } else if (const auto found = reference(first, second)) {
        return *found;
      }
    }
    const auto a = column_first ? column(name) : variable(name);
    if (a) return *a;
    if (const auto b = column_first ? variable(name) : column(name)) return *b;
    std::vector<std::string> known = names_;
    known.insert(known.end(), base_.columns.begin(), base_.columns.end());
    throw base::usage_error("TM2301", "no column or variable '" + name + "'", node.place(),
                            base::did_you_mean(name, known));
  }

  std::string expression(const std::string& sql) {
    return rename_names(
        sql, [this](const std::string& first, const std::string& second) -> std::optional<std::string> {
          if (second.empty()) {
            const auto found = variable(first);
            return found ? found : column(first);
          }
          if (base::to_lower(first) == "raw") return column(second);
          if (first == "sdtm") return std::nullopt;
          return reference(first, second);
        });
  }

  // --- layers
  // ------------------------------------------------------------------------------------------------

  /// Variables of one layer do not need each other; a variable that needs one of them starts the next layer.
  void add(Variable one) {
    for (const auto& name : used_) {
      if (std::find(layer_names_.begin(), layer_names_.end(), name) != layer_names_.end()) {
        flush();
        break;
      }
    }
    used_.clear();
    layer_ += ", " + one.sql + " AS " + sql_identifier(one.name);
    if (!one.input.empty()) layer_ += ", " + one.input + " AS " + sql_identifier("in$" + one.name);
    layer_names_.push_back(one.name);
    names_.push_back(one.name);
    if (one.place.line > 0)
      steps_.push_back({"SELECT *" + layer_ + " FROM (" + sql_ + ")", one.name, one.place});
    done_.push_back(std::move(one));
  }

  void flush() {
    if (layer_.empty()) return;
    sql_ = "SELECT *" + layer_ + " FROM (" + sql_ + ")";
    layer_.clear();
    layer_names_.clear();
  }

  // --- verbs
  // -------------------------------------------------------------------------------------------------

  std::string copy(const YamlValue& from) {
    if (!from.is_list()) return clean(operand(from, true));
    std::vector<std::string> parts;
    for (const auto& name : from.list()) parts.push_back(clean(operand(name, true)));
    return "coalesce(" + base::join(parts, ", ") + ")";
  }

  void map_terms(Variable& out, const std::string input, YamlMap terms, bool keep) {
    std::string sql = "CASE " + key_of(input);
    for (const auto& [raw, term] : terms.entries()) {
      sql += " WHEN upper(" + sql_literal(base::trim(raw)) + ") THEN " +
             (term.is_null() ? "NULL" : sql_literal(term.text()));
    }
    out.sql = sql + (keep ? " ELSE " + input : "") + " END";
    if (!keep) out.input = input, out.code = "TM2350";
  }

  void look_up(Variable& out, const YamlValue& file, const std::string& input, const std::string& on,
               const std::string& value) {
    const std::string path = (context_.study.root / file.text()).string();
    const std::string name = sql_identifier("tm_lookup_" + std::to_string(lookups_++));
    execute_at(context_.session,
               "CREATE OR REPLACE TEMP TABLE " + name + " AS SELECT " + key_of(sql_identifier(on)) +
                   " AS k, min(" + clean(sql_identifier(value)) + ") AS v FROM read_csv(" +
                   sql_literal(path) + ", all_varchar = true, header = true) GROUP BY 1",
               file.place(), "reading " + file.text());
    flush();
    const std::string column = "lookup$" + out.name;
    sql_ = "SELECT l.*, r.v AS " + sql_identifier(column) + ", r.k AS " + sql_identifier(column + "$k") +
           " FROM (" + sql_ + ") l LEFT JOIN " + name + " r ON r.k = " + key_of("l." + input);
    out.sql = sql_identifier(column);
    // A listed key without a value is an answer, not a mistake.
    out.input = "CASE WHEN " + sql_identifier(column + "$k") + " IS NULL THEN " + clean(input) + " END";
    out.code = "TM2350";
  }

  void datetime(Variable& out, const YamlValue& columns, YamlMap& verb) {
    const auto list = columns.is_list() ? columns.list() : std::vector<YamlValue>{columns};
    std::vector<std::string> inputs;
    for (const auto& name : list) inputs.push_back("CAST(" + operand(name, true) + " AS VARCHAR)");
    if (inputs.empty() || inputs.size() > 2)
      throw columns.wrong_type("list of a date and perhaps a time column");
    standards::RawDateSpec spec{verb.texts_or("formats", {}), verb.texts_or("unknown", {}), std::nullopt};
    const auto pivot = verb.find("pivot");
    if (pivot) spec.pivot = static_cast<int>(pivot->integer());
    try {
      standards::RawDateReader check(spec);
    } catch (const base::Error& error) {
      throw base::usage_error(error.code(), error.message(), verb.place(), error.hint());
    }
    const std::string text = base::join(spec.formats, "\n") + "\t" + base::join(spec.unknown, "\n") + "\t" +
                             (pivot ? pivot->text() : "");
    out.sql = "trialmill_datetime(" + inputs[0] + ", " + (inputs.size() > 1 ? inputs[1] : "NULL") + ", " +
              sql_literal(text) + ")";
    // A word for "unknown" is an answer, not a mistake.
    out.input = clean(inputs[0]);
    if (!spec.unknown.empty()) {
      std::vector<std::string> words;
      for (const auto& word : spec.unknown) words.push_back(sql_literal(base::to_upper(word)));
      out.input = "CASE WHEN upper(" + out.input + ") NOT IN (" + base::join(words, ", ") + ") THEN " +
                  out.input + " END";
    }
    out.code = "TM2351";
  }

  static std::string day(const std::string& text) {
    return "CASE WHEN length(" + text + ") >= 10 THEN try_cast(substr(" + text + ", 1, 10) AS DATE) END";
  }

  void convert(Variable& out, const YamlValue& value, YamlMap& verb) {
    const std::string input = operand(value, false), unit = operand(verb.get("from"), false),
                      to = verb.text("to");
    const auto digits = verb.find("round");
    std::string factors_sql = "CASE " + key_of(unit);
    bool itself = false;
    const auto add_unit = [&](const std::string& name, const std::string& offset, const YamlValue* factor) {
      const std::string spec = offset + "\t" + (factor ? factor->text() : "1");
      if (!convert_exactly("1", offset, factor ? factor->text() : "1", -1))
        throw factor->wrong_type("number or ratio such as 5/9");
      factors_sql += " WHEN upper(" + sql_literal(name) + ") THEN " + sql_literal(spec);
    };
    if (const auto factors = verb.find("factors")) {
      for (const auto& [name, node] : factors->map().entries()) {
        itself = itself || base::to_upper(name) == base::to_upper(to);
        if (node.is_map()) {
          YamlMap body = node.map();
          const std::string offset = body.text_or("offset", "");
          const YamlValue factor = body.get("factor");
          add_unit(name, offset, &factor);
          body.finish();
        } else {
          add_unit(name, "", &node);
        }
      }
    }
    if (!itself) add_unit(to, "", nullptr);
    out.sql = "CAST(trialmill_convert(" + clean(input) + ", " + factors_sql + " END, " +
              (digits ? sql_literal(std::to_string(digits->integer())) : "NULL") + ") AS DOUBLE)";
    out.input = clean(input);
    out.code = "TM2353";
  }

  void last_before(Variable& out, const YamlValue& reference_node, YamlMap& verb) {
    const std::string limit = operand(reference_node, false), date = operand(verb.get("of"), false);
    std::string by = "\"USUBJID\"";
    variable("USUBJID");
    if (const auto list = verb.find("by")) {
      for (const auto& name : list->list()) by += ", " + operand(name, false);
    }
    std::string condition = "(length(" + date + ") >= 10 AND length(" + limit + ") >= 10 AND left(" + date +
                            ", least(length(" + date + "), length(" + limit + "))) <= left(" + limit +
                            ", least(length(" + date + "), length(" + limit + ")))";
    if (const auto result = verb.find("result"))
      condition += " AND " + operand(*result, false) + " IS NOT NULL";
    condition += ") IS TRUE";
    out.sql = "CASE WHEN (" + condition + ") AND row_number() OVER (PARTITION BY " + by + ", (" + condition +
              ") ORDER BY " + date + " DESC, _set DESC, _file DESC, _row DESC, _entry DESC) = 1 THEN 'Y' END";
  }

  void sequence(Variable& out, const YamlValue& list) {
    std::string order;
    for (const auto& name : list.list()) order += operand(name, false) + " NULLS FIRST, ";
    variable("USUBJID");
    out.sql = "CAST(row_number() OVER (PARTITION BY \"USUBJID\" ORDER BY " + order +
              "_set, _file, _row, _entry) AS BIGINT)";
  }

  void age(Variable& out, const YamlValue& list) {
    const auto dates = list.list();
    if (dates.size() != 2) throw list.wrong_type("list of the birth and the reference date");
    out.sql = "CAST(date_sub('year', " + day(operand(dates[0], false)) + ", " +
              day(operand(dates[1], false)) + ") AS BIGINT)";
  }

  void study_day(Variable& out, const YamlValue& node) {
    const std::string date = operand(node, false);
    place_ = node.place();
    const auto reference_date = reference("DM", "RFSTDTC");
    if (!reference_date) {
      throw base::usage_error("TM2302", "a study day needs DM.RFSTDTC", node.place(),
                              "no mapping makes DM.RFSTDTC");
    }
    const std::string days = "(" + day(date) + " - " + day(*reference_date) + ")";
    out.sql = "CAST(" + days + " + CASE WHEN " + days + " >= 0 THEN 1 ELSE 0 END AS BIGINT)";
  }

  void subject(Variable& out, const YamlValue& list) {
    out.sql = sql_literal(context_.study.id);
    for (const auto& name : list.list()) out.sql += " || '-' || " + clean(operand(name, true));
    out.sql = "(" + out.sql + ")";
  }

  /// The one verb of a variable. Returns the origin that goes with it.
  std::string verb(Variable& out, YamlMap& map) {
    if (const auto v = map.find("constant"))
      return out.sql = sql_literal(expand(v->text(), context_.study)), "Assigned";
    if (const auto v = map.find("subject")) return subject(out, *v), "Assigned";
    if (const auto v = map.find("datetime")) return datetime(out, *v, map), "Collected";
    if (const auto v = map.find("study_day")) return study_day(out, *v), "Derived";
    if (const auto v = map.find("convert")) return convert(out, *v, map), "Derived";
    if (const auto v = map.find("sequence")) return sequence(out, *v), "Derived";
    if (const auto v = map.find("last_before")) return last_before(out, *v, map), "Derived";
    if (const auto v = map.find("age")) return age(out, *v), "Derived";
    if (const auto v = map.find("sql")) return out.sql = "(" + expression(v->text()) + ")", "Derived";
    if (const auto v = map.find("number")) {
      out.input = clean(operand(*v, true));
      out.code = "TM2352";
      out.sql = "CASE WHEN regexp_full_match(" + out.input + ", " + number_pattern + ") THEN try_cast(" +
                out.input + " AS DOUBLE) END";
      return "Collected";
    }
    if (const auto v = map.find("text")) {
      const std::string n = "CAST(" + operand(*v, false) + " AS DOUBLE)";
      out.sql = "CASE WHEN " + n + " = trunc(" + n + ") AND abs(" + n + ") < 1e15 THEN CAST(CAST(" + n +
                " AS BIGINT) AS VARCHAR) ELSE CAST(" + n + " AS VARCHAR) END";
      if (const auto other = map.find("else"))
        out.sql = "coalesce(" + out.sql + ", " + clean(operand(*other, false)) + ")";
      return "Derived";
    }
    if (map.has("test")) {
      const std::string part = map.choice_or("test", {"code", "name", "result", "unit"}, "");
      out.sql = unpivoted_ ? "nullif(_test_" + part + ", '')" : "NULL::VARCHAR";
      return part == "result" || part == "unit" ? "Collected" : "Assigned";
    }
    if (const auto v = map.find("decode")) {
      const std::string input = clean(operand(*v, false));
      if (const auto file = map.find("codelist"); file && !map.has("map")) {
        look_up(out, *file, operand(*v, false), "code", "decode");
      } else {
        map_terms(out, input, map.get("map").map(),
                  map.choice_or("unmapped", {"finding", "keep"}, "finding") == "keep");
      }
      return "Assigned";
    }
    if (const auto v = map.find("lookup")) {
      const YamlValue key = map.get("key");
      look_up(out, *v, operand(key, true), map.text_or("on", key.text()), map.text("value"));
      return "Assigned";
    }
    if (const auto v = map.find("from")) {
      out.sql = copy(*v);
      const bool keep = map.choice_or("unmapped", {"finding", "keep"}, "finding") == "keep";
      if (const auto terms = map.find("map")) map_terms(out, out.sql, terms->map(), keep);
      return "Collected";
    }
    if (map.find("given")) return out.sql = "NULL::VARCHAR", "Assigned";
    throw base::usage_error(
        "TM2304", "'" + out.source_name + "' has no verb", map.place(),
        "for example {from: COLUMN}, {constant: text}, {sql: \"...\"}; see docs/mapping-language.md");
  }

  Variable compile(const std::string& name, const YamlValue& node) {
    Variable out;
    out.name = name;
    out.source_name = name.rfind("supp$", 0) == 0 ? name.substr(5) : name;
    out.place = place_ = node.place();
    if (node.is_text()) {
      out.sql = copy(node);
      out.origin = "Collected";
    } else {
      YamlMap map = node.map();
      const std::string origin = verb(out, map);
      out.origin = map.text_or("origin", origin);
      out.label = map.text_or("label", "");
      out.codelist = map.text_or("codelist", "");
      out.evaluator = map.text_or("evaluator", "");
      out.type = map.choice_or("type", {"Num", "Char"}, "");
      map.find("comment");
      if (const auto when = map.find("when")) {
        const std::string condition = "(" + expression(when->text()) + ")";
        out.sql = "CASE WHEN " + condition + " THEN " + out.sql + " END";
        if (!out.input.empty()) out.input = "CASE WHEN " + condition + " THEN " + out.input + " END";
      }
      map.finish();
    }
    if (!find_name(base_.given, name).empty())
      out.sql = "coalesce(" + sql_identifier("set$" + name) + ", " + out.sql + ")";
    if (out.type == "Num") out.sql = "try_cast(" + out.sql + " AS DOUBLE)";
    if (out.type == "Char") out.sql = clean(out.sql);
    return out;
  }

  std::string dataset_;
  const Base& base_;
  const std::vector<std::string>& datasets_;
  study::Context& context_;
  bool unpivoted_ = false;
  int lookups_ = 0;
  std::string sql_, layer_;
  std::vector<std::string> declared_, names_, layer_names_;
  std::set<std::string> used_, joined_;
  std::vector<Variable> done_;
  std::vector<Compiled::Step> steps_;
  base::Place place_;
};

}  // namespace

void Compiled::blame(table::Session& session, const std::function<void()>& work) const {
  try {
    work();
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    for (const auto& step : steps)
      execute_at(session, "EXPLAIN " + step.sql, step.place, "the expression of " + step.name);
    throw;
  }
}

Compiled compile_variables(YamlMap& mapping, const std::string& dataset, const Base& base,
                           const std::vector<std::string>& datasets, study::Context& context) {
  return VariablesBuilder(dataset, base, datasets, context).build(mapping);
}

void register_date_function(table::Session& session) {
  session.register_function("trialmill_datetime", 3, [](auto arguments) -> std::optional<std::string> {
    // Formats differ by variable, not by row: the last reader of the thread nearly always fits.
    thread_local std::string known;
    thread_local std::optional<standards::RawDateReader> reader;
    if (!arguments[0] || !arguments[2]) return std::nullopt;
    if (!reader || known != *arguments[2]) {
      const auto parts = base::split(*arguments[2], '\t');
      const auto words = [](const std::string& text) {
        return text.empty() ? std::vector<std::string>{} : base::split(text, '\n');
      };
      standards::RawDateSpec spec{words(parts[0]), words(parts[1]), std::nullopt};
      if (!parts[2].empty()) spec.pivot = std::stoi(parts[2]);
      reader.emplace(std::move(spec));
      known = *arguments[2];
    }
    return reader->read(*arguments[0], arguments[1].value_or("")).iso;
  });
}

}  // namespace trialmill::transform
