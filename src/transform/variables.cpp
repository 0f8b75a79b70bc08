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

std::string raw_name(const std::string& column) {
  return sql_identifier("raw$" + base::to_lower(column));
}

bool is_literal(const std::string& sql) {
  if (sql.size() < 3 || sql.size() > 200 || sql.front() != '\'' || sql.back() != '\'') return false;
  const std::string inside = sql.substr(1, sql.size() - 2);
  return base::trim(inside) == inside && base::replace_all(inside, "''", "").find('\'') == std::string::npos;
}

bool is_supplement(const std::string& name) {
  return name.starts_with("supp$");
}

std::string VariablesBuilder::cleaned(const std::string& expression) const {
  if (numeric_.count(expression) != 0) return number_text(expression);
  return trimmed_.count(expression) != 0 ? expression : clean(expression);
}

std::string number_text(const std::string& number) {
  // Nearly all are whole numbers; as such they become text ten times as fast. The engine writes small ones
  // and large ones with an exponent.
  const std::string whole = "TRY_CAST(" + number + " AS BIGINT)", text = "CAST(" + number + " AS VARCHAR)";
  return "CASE WHEN " + whole + " = " + number + " THEN CAST(" + whole + " AS VARCHAR) WHEN abs(" + number +
         ") BETWEEN 1e-4 AND 1e15 THEN " + text + " ELSE trialmill_plain_number(" + text + ") END";
}

std::string key_of(const std::string& expression) {
  return "upper(trim(CAST(" + expression + " AS VARCHAR)))";
}

std::string day_of(const std::string& text) {
  // Bytes are counted, not characters: what is no date in ASCII is no date. Nearly all are days without a
  // time.
  return "CASE WHEN strlen(" + text + ") = 10 THEN try_cast(" + text + " AS DATE) WHEN strlen(" + text +
         ") > 10 THEN try_cast(substr(" + text + ", 1, 10) AS DATE) END";
}

bool has_domain(const study::Study& study, const std::string& dataset) {
  const auto* known = standards::sdtmig(study.sdtmig).find_dataset(dataset);
  return known == nullptr || known->find("DOMAIN") != nullptr;
}

VariablesBuilder::VariablesBuilder(YamlMap& mapping, const std::string& dataset, const Base& base,
                                   const Scope& scope, study::Context& context)
    : dataset_(dataset), base_(base), scope_(scope), context_(context), keys_(mapping.texts_or("keys", {})) {
  sort_ = mapping.texts_or("sort", keys_);
  std::string list = base_.stored ? "_set, _source, _file, _row, rowid AS _at" : "_set, _source, _file, _row";
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
  if (base_.stored) tables_ = {base.table};
  placed_ = base_.stored;

  note_types(mapping);
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
      pending_.push_back({"supp$" + name, node, pending_.size(), turn_of(node) > 0});
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
    inputs_.clear();
    reads_ = base::Json::array();
    column(name);
    one.inputs = inputs_;
    one.reads = reads_;
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
bool VariablesBuilder::advance(bool windows) {
  bool any = false, again = true;
  while (again && !pending_.empty()) {
    again = false;
    waiting_.clear();
    for (const bool windowed : {false, true}) {
      if (windowed && (again || !windows)) break;
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
  reads_ = base::Json::array();
  open_read_.clear();
  reads_computed_ = reads_collected_ = false;
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
  out.tables = tables_;
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

}  // namespace trialmill::transform
