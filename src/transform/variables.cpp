#include "transform/variables.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "standards/sdtmig.hpp"
#include "transform/names.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

std::string raw_name(const std::string& column) {
  return sql_identifier("raw$" + base::to_lower(column));
}

/// Up to so many rows, carrying whole rows through a window costs less than a statement of its own.
constexpr std::int64_t rows_few = 50000;

/// With fewer variables since rows were stored, computing those again costs less than storing whole rows.
constexpr int worth_storing = 6;

bool is_supplement(const std::string& name) {
  return name.starts_with("supp$");
}

}  // namespace

std::string VariablesBuilder::cleaned(const std::string& expression) const {
  return trimmed_.count(expression) != 0 ? expression : clean(expression);
}

std::string key_of(const std::string& expression) {
  return "upper(trim(CAST(" + expression + " AS VARCHAR)))";
}

std::string day_of(const std::string& text) {
  return "CASE WHEN length(" + text + ") >= 10 THEN try_cast(substr(" + text + ", 1, 10) AS DATE) END";
}

bool has_domain(const study::Study& study, const std::string& dataset) {
  const auto* known = standards::sdtmig(study.sdtmig).find_dataset(dataset);
  return known == nullptr || known->find("DOMAIN") != nullptr;
}

VariablesBuilder::VariablesBuilder(YamlMap& mapping, const std::string& dataset, const Base& base,
                                   const Scope& scope, study::Context& context)
    : dataset_(dataset), base_(base), scope_(scope), context_(context), keys_(mapping.texts_or("keys", {})) {
  std::string list = "_set, _source, _file, _row, rowid AS _at";
  const auto stored = context_.session.columns_of(base.table);
  for (const auto& name : stored) {
    const bool extra =
        name.starts_with("set$") || name.starts_with("_test_") || name == "_entry" ||
        (name.starts_with("_j") && name.size() > 2 && std::isdigit(static_cast<unsigned char>(name[2])));
    if (extra) list += ", " + sql_identifier(name);
    if (name == "_entry") unpivoted_ = true;
  }
  for (const auto& name : base_.columns) {
    if (!find_name(stored, name).empty()) list += ", " + sql_identifier(name) + " AS " + raw_name(name);
  }
  if (!unpivoted_) list += ", 0 AS _entry";
  sql_ = "SELECT " + list + " FROM " + base.table;

  // A program may make the dataset as it is; its columns are the variables then.
  if (!base_.programs.empty() && !mapping.has("variables")) take_columns();
  const auto entries = declared_.empty() ? mapping.get("variables").map().entries()
                                         : std::vector<std::pair<std::string, YamlValue>>{};
  for (const auto& [name, node] : entries) declared_.push_back(name);
  check_given(mapping);
  if (find_name(declared_, "DOMAIN").empty() && has_domain(context_.study, dataset_)) {
    Variable domain;
    domain.name = domain.source_name = "DOMAIN";
    domain.sql = sql_literal(dataset_);
    domain.origin = "Assigned";
    domain.rule = "{constant: " + dataset_ + "}";
    add(std::move(domain));
  }
  // What looks at other records comes after what does not, and sequences number the finished records, however
  // early their column stands. (Nodes are copied into place, never assigned: assigning one yaml-cpp node to
  // another changes the document.)
  const auto turn_of = [](const YamlValue& node) {
    if (!node.is_map()) return 0;
    return node.node()["sequence"] ? 2 : node.node()["last_before"] ? 1 : 0;
  };
  for (const int turn : {0, 1, 2}) {
    std::size_t place = 0;
    for (const auto& [name, node] : entries) {
      if (turn_of(node) == turn) pending_.push_back({name, node, place, turn > 0});
      ++place;
    }
  }
  if (const auto supp = mapping.find("supp")) {
    for (const auto& [name, node] : supp->map().entries())
      pending_.push_back({"supp$" + name, node, pending_.size(), false});
  }
}

void VariablesBuilder::take_columns() {
  for (const auto& name : base_.columns) {
    declared_.push_back(name);
    Variable one;
    one.name = one.source_name = name;
    one.sql = raw_name(name);
    one.origin = "Derived";
    one.rule = "{from: " + name + "}";
    one.inputs = {"raw." + name};
    add(std::move(one));
  }
}

void VariablesBuilder::check_given(const YamlMap& mapping) const {
  for (const auto& name : base_.given) {
    if (find_name(declared_, name).empty() && name != "DOMAIN") {
      throw base::usage_error("TM2301", "the row sets fill '" + name + "', which is not in `variables`",
                              mapping.place(),
                              "add `" + name + ": {given: records}` where its column belongs");
    }
  }
}

/// As far as it goes; what looks at other records only when nothing else can be done, so that rows are not
/// carried through a sort again and again.
bool VariablesBuilder::advance() {
  bool any = false, again = true;
  while (again && !pending_.empty()) {
    again = false;
    waiting_.clear();
    for (const bool windowed : {false, true}) {
      if (windowed && again) break;
      std::vector<Pending> rest;
      for (const auto& one : pending_) {
        if (one.windowed == windowed && try_compile(one))
          again = any = true;
        else
          rest.push_back(one);
      }
      pending_ = std::move(rest);
    }
  }
  return any;
}

bool VariablesBuilder::try_compile(const Pending& one) {
  current_ = one.place;
  used_.clear();
  inputs_.clear();
  open_read_.clear();
  try {
    // `several` gives supplemental qualifiers of its own; they follow the variable.
    Variable compiled = compile(one.name, one.node);
    bind_open(compiled);
    if (!extra_.empty()) used_.insert(compiled.name);  // they look at the variable
    add(std::move(compiled));
    for (auto& more : extra_) add(std::move(more));
    extra_.clear();
    return true;
  } catch (const Waiting& other) {
    waiting_[one.name] = other.what;
    extra_.clear();
    return false;
  }
}

/// SQL that reads an unfinished dataset runs as soon as that has the variables named.
void VariablesBuilder::bind_open(const Variable& one) {
  if (open_read_.empty()) return;
  const std::string rows = layer_.empty() ? sql_ : "SELECT *" + layer_ + " FROM (" + sql_ + ")";
  try {
    context_.session.execute("EXPLAIN SELECT " + one.sql + " FROM (" + rows + ")");
  } catch (const base::Error& error) {
    if (error.code() != "TM1201") throw;
    throw Waiting{*open_read_.begin()};
  }
}

Compiled VariablesBuilder::result() {
  flush();
  Compiled out;
  out.sql = sql_;
  out.steps = std::move(steps_);
  out.numberings = numberings_;
  if (find_name(declared_, "DOMAIN").empty() && has_domain(context_.study, dataset_)) {
    const auto study = std::find(declared_.begin(), declared_.end(), "STUDYID");
    declared_.insert(study == declared_.end() ? declared_.begin() : study + 1, "DOMAIN");
  }
  for (const auto& name : declared_) {
    if (name.starts_with("_")) continue;  // a step on the way, not a variable of the dataset
    for (const auto& one : done_) {
      if (one.name == name) out.variables.push_back(one);
    }
  }
  for (const auto& one : done_) {
    if (is_supplement(one.name)) out.supplements.push_back(one);
    if (one.name.starts_with("_")) out.helpers.push_back(one);
  }
  return out;
}

/// Raw columns that no variable still to come names, as a list.
std::string VariablesBuilder::unused_columns() const {
  std::string text, list;
  for (const auto& one : pending_) text += base::to_lower(YAML::Dump(one.node.node())) + "\n";
  const auto there = context_.session.columns_of("(" + sql_ + ")");
  for (const auto& name : base_.columns) {
    const std::string column = raw_name(name);
    const bool stored =
        std::ranges::any_of(there, [&](const auto& one) { return sql_identifier(one) == column; });
    if (stored && text.find(base::to_lower(name)) == std::string::npos)
      list += (list.empty() ? "" : ", ") + column;
  }
  return list;
}

/// Computes the rows so far and goes on from there.
void VariablesBuilder::store(const std::string& table, const std::string& kind) {
  flush();
  Compiled so_far;
  so_far.steps = steps_;
  const std::string unused = unused_columns();
  so_far.blame(context_.session, [&] {
    context_.session.execute("CREATE OR REPLACE " + kind + " " + table + " AS SELECT *" +
                             (unused.empty() ? "" : " EXCLUDE (" + unused + ")") + " FROM (" + sql_ + ")");
  });
  sql_ = "SELECT * FROM " + table;
  steps_.clear();
  since_stored_ = 0;
}

std::vector<std::string> VariablesBuilder::store_as(const std::string& table) {
  store(table, "TABLE");
  std::vector<std::string> public_names;
  for (const auto& name : names_) {
    if (!is_supplement(name)) public_names.push_back(name);
  }
  return public_names;
}

// --- names
// -------------------------------------------------------------------------------------------------

bool VariablesBuilder::is_made(const std::string& dataset) const {
  return std::find(scope_.datasets.begin(), scope_.datasets.end(), dataset) != scope_.datasets.end();
}

void VariablesBuilder::need(const std::string& dataset) {
  if (scope_.is_open(dataset)) throw Waiting{dataset};
}

/// A variable of this dataset. One that is declared but not compiled yet is waited for if it stands above,
/// or if no column has its name.
std::optional<std::string> VariablesBuilder::variable(const std::string& name) {
  if (const std::string found = find_name(names_, name); !found.empty()) {
    used_.insert(found);
    inputs_.push_back(found);
    return sql_identifier(found);
  }
  for (const auto& one : pending_) {
    if (base::to_lower(one.name) != base::to_lower(name) || one.place == current_) continue;
    if (one.place < current_ || find_name(base_.columns, name).empty())
      throw Waiting{dataset_ + "." + one.name};
  }
  return std::nullopt;
}

std::optional<std::string> VariablesBuilder::column(const std::string& name) {
  const std::string found = find_name(base_.columns, name);
  if (found.empty()) return std::nullopt;
  const auto origin = base_.origins.find(base::to_lower(found));
  if (origin == base_.origins.end())
    inputs_.push_back("raw." + found);
  else
    inputs_.insert(inputs_.end(), origin->second.begin(), origin->second.end());
  return raw_name(found);
}

/// A subject's value in another dataset: the aggregate of `name` over its records, joined once.
std::string VariablesBuilder::join_subject(const std::string& dataset, const std::string& name,
                                           const std::string& aggregate, const std::string& where) {
  const std::string relation = "sdtm." + sql_identifier(dataset);
  std::string found;
  if (!scope_.is_open(dataset) || context_.session.has_table("sdtm", dataset)) {
    const auto theirs = context_.session.columns_of(relation);
    found = find_name(theirs, name);
    if (found.empty() && !scope_.is_open(dataset)) {
      throw base::usage_error("TM2301", dataset + " has no variable '" + name + "'", place_,
                              base::did_you_mean(name, theirs));
    }
  }
  if (found.empty()) {
    const auto& declared = scope_.open.at(dataset);
    if (declared && find_name(*declared, name).empty()) {
      throw base::usage_error("TM2301", dataset + " has no variable '" + name + "'", place_,
                              base::did_you_mean(name, *declared));
    }
    throw Waiting{dataset + "." + name};
  }
  if (!variable("USUBJID")) {
    throw base::usage_error("TM2301", dataset + "." + name + " needs USUBJID, which this dataset lacks",
                            place_);
  }
  inputs_.pop_back();
  inputs_.push_back(dataset + "." + found);
  const std::string what = aggregate + "|" + dataset + "|" + found + "|" + where;
  if (const auto before = joined_.find(what); before != joined_.end()) return before->second;
  const std::string query = "SELECT USUBJID AS u, " + aggregate + "(" + sql_identifier(found) +
                            ") AS v FROM " + relation + (where.empty() ? "" : " WHERE " + where) +
                            " GROUP BY 1";
  if (!where.empty()) execute_or_wait(context_.session, query, scope_, place_, "`where`");
  flush();
  const std::string alias = sql_identifier(unique_name(dataset + "$" + found));
  sql_ = "SELECT l.*, r.v AS " + alias + " FROM (" + sql_ + ") l LEFT JOIN (" + query +
         ") r ON r.u = l.\"USUBJID\"";
  return joined_[what] = alias;
}

/// DATASET.VAR: the subject's smallest value.
std::optional<std::string> VariablesBuilder::reference(const std::string& dataset, const std::string& name) {
  if (dataset == dataset_) return variable(name);
  if (!is_made(dataset)) return std::nullopt;
  return join_subject(dataset, name, "min", "");
}

std::string VariablesBuilder::operand(const YamlValue& node, bool column_first) {
  return operand_named(node.text(), column_first, node.place());
}

/// What a verb names: DM.VAR, a column or a variable; which of the latter first depends on the verb.
std::string VariablesBuilder::operand_named(const std::string& name, bool column_first,
                                            const base::Place& place) {
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
  throw base::usage_error("TM2301", "no column or variable '" + name + "'", place,
                          base::did_you_mean(name, known));
}

std::string VariablesBuilder::expression(const std::string& sql) {
  open_read_.merge(open_in(sql, scope_));
  for (const auto& name : names_in(sql, "sdtm")) {
    if (is_made(name)) inputs_.push_back(name);
  }
  return rename_names(
      sql, [this](const std::string& first, const std::string& second) -> std::optional<std::string> {
        if (second.empty()) {
          const auto found = variable(first);
          return found ? found : column(first);
        }
        if (base::to_lower(first) == "raw") return column(second);
        if (first == "sdtm") return std::nullopt;
        const auto found = reference(first, second);
        // A column whose own name holds a dot: IT.AETERM.
        return found ? found : column(first + "." + second);
      });
}

// --- layers
// ------------------------------------------------------------------------------------------------

/// Variables of one layer do not need each other; a variable that needs one of them starts the next layer.
void VariablesBuilder::add(Variable one) {
  if (one.windowed && base_.rows > rows_few) return add_windowed(std::move(one));
  if (!one.rows.empty()) {
    flush();
    sql_ = one.rows;
  }
  for (const auto& name : used_) {
    if (std::find(layer_names_.begin(), layer_names_.end(), name) != layer_names_.end()) {
      flush();
      break;
    }
  }
  layer_ += ", " + one.sql + " AS " + sql_identifier(one.name);
  // Only inputs without a result are looked at (the engine computes the same expression once).
  if (!one.input.empty())
    layer_ += ", CASE WHEN (" + one.sql + ") IS NULL THEN " + one.input + " END AS " +
              sql_identifier("in$" + one.name);
  layer_names_.push_back(one.name);
  ++since_stored_;
  if (one.trimmed && one.type != "Num") trimmed_.insert(sql_identifier(one.name));
  names_.push_back(one.name);
  if (one.place.line > 0)
    steps_.push_back({"SELECT *" + layer_ + " FROM (" + sql_ + ")", one.name, one.place});
  done_.push_back(std::move(one));
}

/// Many rows: the expression is computed over the columns that it needs, and joined to the rows by their
/// place.
void VariablesBuilder::add_windowed(Variable one) {
  flush();
  if (since_stored_ >= worth_storing && one.rows.empty())
    store("tm_" + dataset_ + "_rows_" + std::to_string(joins_++), "TEMP TABLE");
  const std::string table = sql_identifier("tm_" + dataset_ + "_over_" + std::to_string(joins_++));
  const std::string rows = one.rows.empty() ? "(" + sql_ + ")" : "(" + one.rows + ")";
  Compiled so_far;
  so_far.steps = steps_;
  so_far.steps.push_back({"SELECT " + one.sql + " FROM " + rows, one.name, one.place});
  so_far.blame(context_.session, [&] {
    context_.session.execute("CREATE OR REPLACE TEMP TABLE " + table + " AS SELECT _at AS r, " + one.sql +
                             " AS v FROM " + rows);
  });
  sql_ = "SELECT l.*, w.v AS " + sql_identifier(one.name) + " FROM (" + sql_ + ") l JOIN " + table +
         " w ON w.r = l._at";
  names_.push_back(one.name);
  done_.push_back(std::move(one));
}

void VariablesBuilder::flush() {
  if (layer_.empty()) return;
  sql_ = "SELECT *" + layer_ + " FROM (" + sql_ + ")";
  layer_.clear();
  layer_names_.clear();
}

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

}  // namespace trialmill::transform
