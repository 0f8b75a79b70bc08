#include "transform/records.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "transform/names.hpp"
#include "transform/records_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

std::string clean(const std::string& expression) {
  return "nullif(trim(CAST(" + expression + " AS VARCHAR)), '')";
}

std::string expand(const std::string& text, const study::Study& study) {
  return base::replace_all(text, "${study}", study.id);
}

std::string find_name(const std::vector<std::string>& columns, const std::string& name) {
  for (const auto& column : columns) {
    if (base::to_lower(column) == base::to_lower(name)) return column;
  }
  return "";
}

namespace {

/// The line of a SQL model that the engine names ("LINE 3: …"); the place as it is for anything else.
base::Place line_in(base::Place place, const std::string& message) {
  static const RE2 named("LINE ([0-9]+): ");
  int line = 0;
  if (place.file.ends_with(".sql") && place.line == 1 && RE2::PartialMatch(message, named, &line))
    place.line = line;
  return place;
}

/// What the engine says of a mapping's SQL, without the statement that we made of it; raw columns go by names
/// of ours there.
std::string without_statement(const std::string& message) {
  return base::replace_all(message.substr(0, message.find("\n\nLINE ")), "raw$", "");
}

}  // namespace

void execute_at(table::Session& session, const std::string& sql, const base::Place& place,
                const std::string& what) {
  try {
    session.execute(sql);
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    throw base::usage_error(
        "TM2306", what + " fails: " + without_statement(error.message()), line_in(place, error.message()),
        "names: docs/mapping-language.md; the statements: trialmill transform --show-sql");
  }
}

std::set<std::string> open_in(const std::string& sql, const Scope& scope) {
  std::set<std::string> found;
  for (const auto& name : names_in(sql, "sdtm")) {
    if (scope.is_open(name)) found.insert(name);
  }
  return found;
}

void execute_or_wait(table::Session& session, const std::string& query, const Scope& scope,
                     const base::Place& place, const std::string& what) {
  const auto open = open_in(query, scope);
  if (open.empty()) return execute_at(session, "EXPLAIN " + query, place, what);
  try {
    session.execute("EXPLAIN " + query);
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    throw Waiting{*open.begin()};
  }
}

RecordsBuilder::RecordsBuilder(YamlMap& mapping, const std::string& dataset, std::size_t number,
                               const Scope& scope, study::Context& context)
    : mapping_(mapping), dataset_(dataset), scope_(scope), context_(context), order_(number * 1000) {
  for (const char* part : {"variables", "supp"}) {
    if (const auto node = mapping.find(part)) text_ += base::to_lower(YAML::Dump(node->node())) + "\n";
  }
}

Base RecordsBuilder::build() {
  std::vector<std::string> parts;
  // A row set that had to wait is built again.
  context_.session.execute("DELETE FROM tm_excluded WHERE ord >= " + std::to_string(order_) + " AND ord < " +
                           std::to_string(order_ + 1000));
  for (const auto& value : mapping_.get("records").list()) parts.push_back(record(value.map(), parts.size()));
  for (auto& [column, inputs] : base_.origins) {
    if (plain_.count(column) != 0) inputs.push_back("raw." + column);
  }
  base_.table = sql_identifier("tm_base_" + dataset_);
  // Many rows are read when variables are computed: the engine then works on the compressed columns of the
  // files.
  base_.stored = !estimated_ || base_.rows <= rows_few;
  if (base_.stored || base_.files.size() != parts.size()) base_.files.clear();
  context_.session.execute(std::string("CREATE OR REPLACE TEMP ") + (base_.stored ? "TABLE " : "VIEW ") +
                           base_.table + " AS " + base::join(parts, " UNION ALL BY NAME "));
  if (base_.stored) put_in_order();
  return std::move(base_);
}

/// Rows that were made from others come from the engine in any order; sorted by what they hold, ties are
/// numbered the same in each run.
void RecordsBuilder::put_in_order() {
  auto& session = context_.session;
  const auto counts = session.query("SELECT count(*), count(_file) FROM " + base_.table);
  base_.rows = counts.integer(0, 0);
  base_.located = counts.integer(0, 1) == base_.rows;
  if (base_.located) return;
  const std::string sorted = sql_identifier("tm_sorted_" + dataset_);
  session.execute("CREATE OR REPLACE TEMP TABLE " + sorted + " AS FROM " + base_.table +
                  " ORDER BY ALL; DROP TABLE " + base_.table + "; ALTER TABLE " + sorted + " RENAME TO " +
                  base_.table);
}

/// Columns of the row set that the mapping mentions, and those that are not from the data.
std::string RecordsBuilder::wanted(const RowSet& set) {
  std::string list;
  for (const auto& name : context_.session.columns_of("tm_rows")) {
    const bool data = std::ranges::find(set.columns, name) != set.columns.end();
    if (data && !text_.empty() && text_.find(base::to_lower(name)) == std::string::npos) continue;
    list += (list.empty() ? "" : ", ") + sql_identifier(name);
  }
  return list;
}

/// Adds the most rows that the row set can have, where files tell them without being read.
void RecordsBuilder::estimate(const RowSet& set, YamlMap& map) {
  const auto from = map.find("from");
  estimated_ = estimated_ && from && !map.has("split") && set.joins == 0 &&
               context_.session.has_table("raw", from->text());
  if (!estimated_) return;
  const auto entries = map.find("unpivot");
  const auto copies = entries ? static_cast<std::int64_t>(entries->map().entries().size()) : 1;
  const auto rows = context_.session.query("SELECT count(*), min(_file), max(_file) FROM raw." +
                                           sql_identifier(from->text()));
  base_.rows += copies * rows.integer(0, 0);
  if (rows.text(0, 1) == rows.text(0, 2)) base_.files.emplace_back(from->text(), rows.text(0, 1));
}

std::string RecordsBuilder::record(YamlMap map, std::size_t number) {
  RowSet set = start(map);
  set.number = number;
  if (const auto joins = map.find("join")) {
    for (const auto& one : joins->list()) join(set, one.map());
  }
  keep(set, map);
  split(set, map);
  unpivot(set, map);
  std::string constants;
  if (const auto node = map.find("constant")) {
    for (const auto& [variable, text] : node->map().entries()) {
      set.about["constants"][variable] = describe_text(text);
      constants += ", " + clean(sql_literal(expand(text.text(), context_.study))) + " AS " +
                   sql_identifier("set$" + variable);
      give(variable);
    }
  }
  map.finish();
  base_.joins = std::max(base_.joins, set.joins);
  estimate(set, map);
  for (const auto& name : set.columns) {
    if (find_name(base_.columns, name).empty()) base_.columns.push_back(name);
    const bool piece = set.about.contains("split") && set.about["split"]["as"] == name;
    if (map.value().node()["from"] && !piece) plain_.insert(base::to_lower(name));
  }
  base_.sets.push_back(std::move(set.about));
  const std::string sql = "SELECT " + std::to_string(number) + " AS _set, " + sql_literal(set.source) +
                          " AS _source, *" + constants + " FROM (" + set.sql + ")";
  execute_at(context_.session, "CREATE OR REPLACE TEMP VIEW tm_rows AS " + sql, map.place(),
             "SQL of the row set");
  return "SELECT " + wanted(set) + " FROM (" + sql + ")";
}

Base build_base(YamlMap& mapping, const std::string& dataset, std::size_t number, const Scope& scope,
                study::Context& context) {
  return RecordsBuilder(mapping, dataset, number, scope, context).build();
}

}  // namespace trialmill::transform
