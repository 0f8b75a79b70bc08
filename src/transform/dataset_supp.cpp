#include <algorithm>

#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using findings::Finding;
using findings::Severity;

bool has_numbered_parts(const std::string& dataset, const std::string& variable) {
  return (dataset == "CO" && variable == "COVAL") || (dataset == "TS" && variable == "TSVAL");
}

/// The value of IDVAR as text.
std::string DatasetBuilder::id_text(const std::string& variable) const {
  const std::string name = sql_identifier(variable);
  const auto found = std::ranges::find(variables_, variable, &Variable::name);
  return found != variables_.end() && found->type == "Num" ? number_text(name)
                                                           : "CAST(" + name + " AS VARCHAR)";
}

std::string DatasetBuilder::supp_row(const std::string& qnam, const std::string& label,
                                     const std::string& value, const std::string& origin,
                                     const std::string& evaluator, const std::string& sequence) const {
  const std::string idvar = model_.dataset == "DM" ? "NULL::VARCHAR" : sql_literal(sequence);
  const std::string idval = model_.dataset == "DM" ? "NULL::VARCHAR" : id_text(sequence);
  return "SELECT _record AS _parent, \"STUDYID\", " + sql_literal(model_.dataset) +
         " AS RDOMAIN, \"USUBJID\", " + idvar + " AS IDVAR, " + idval + " AS IDVARVAL, " + sql_literal(qnam) +
         " AS QNAM, " + sql_literal(label) + " AS QLABEL, " + value + " AS QVAL, " + sql_literal(origin) +
         " AS QORIG, " + (evaluator.empty() ? std::string("NULL::VARCHAR") : sql_literal(evaluator)) +
         " AS QEVAL FROM tm_done WHERE " + value + " IS NOT NULL";
}

/// Supplemental qualifiers, and what does not fit into 200 bytes.
void DatasetBuilder::supplements() {
  const std::string sequence = model_.dataset + "SEQ";
  rests_.clear();
  qualifiers_.clear();
  std::vector<std::string> parts;
  bool needs_sequence = false;
  for (const auto& one : supplements_) {
    const std::string qnam = one.name.substr(5);
    if (!one.idvar.empty() && find_name(names_, one.idvar).empty()) {
      throw base::usage_error("TM2301", "idvar '" + one.idvar + "' of " + qnam + " is not a variable",
                              one.place, base::did_you_mean(one.idvar, names_));
    }
    std::vector<std::string> columns{one.name};
    if (measures_.longest[one.name] > static_cast<std::int64_t>(text_bytes_max)) {
      note_long_texts(one, qnam + "1 and so on");
      for (const auto& more : cut_text(one, one.name + "$")) columns.push_back(more);
    }
    for (std::size_t p = 0; p < columns.size(); ++p) {
      const std::string number = p == 0 ? "" : std::to_string(p);
      const std::string name = qnam.substr(0, 8 - number.size()) + number;
      claim_qualifier(name, one);
      if (p > 0) note_rest(name, one);
      const std::string row = supp_row(name, one.label.empty() ? qnam : one.label, sql_identifier(columns[p]),
                                       one.origin, one.evaluator, one.idvar.empty() ? sequence : one.idvar);
      // Records that share the value of another IDVAR share the qualifier.
      parts.push_back(one.idvar.empty() ? row
                                        : "SELECT min(_parent) AS _parent, * EXCLUDE (_parent) FROM (" + row +
                                              ") GROUP BY ALL");
    }
    needs_sequence = needs_sequence || one.idvar.empty();
  }
  std::vector<Variable> continued;
  for (const auto& one : variables_) {
    if (one.type != "Char" || measures_.longest[one.name] <= static_cast<std::int64_t>(text_bytes_max))
      continue;
    if (has_numbered_parts(model_.dataset, one.name)) {
      for (auto& more : continue_text(one)) continued.push_back(std::move(more));
    } else {
      needs_sequence = true;
      split_text(one, parts, sequence);
    }
  }
  if (!continued.empty()) {
    for (auto& one : continued) variables_.push_back(std::move(one));
    order_variables();
  }
  if (parts.empty()) return;
  if (needs_sequence && model_.dataset != "DM" && find_name(names_, sequence).empty()) {
    throw base::usage_error("TM2308", model_.dataset + " has supplemental qualifiers but no " + sequence,
                            {model_.name, 1, 1});
  }
  session_.execute(
      "CREATE OR REPLACE TEMP TABLE tm_supp AS SELECT row_number() OVER (ORDER BY USUBJID, "
      "try_cast(IDVARVAL AS BIGINT) NULLS FIRST, QNAM, _parent) AS _record, * FROM (" +
      base::join(parts, " UNION ALL ") + ")");
  const std::string supp = "SUPP" + made_;
  const std::vector<std::string> names{"STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL",
                                       "QNAM",    "QLABEL",  "QVAL",    "QORIG", "QEVAL"};
  std::string lengths;
  for (const auto& name : names) lengths += ", max(strlen(" + sql_identifier(name) + "))";
  const auto measured = session_.query("SELECT count(*)" + lengths + " FROM tm_supp");
  base::Json columns = base::Json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    columns.push_back(describe_column(names[i], guide_.label_of("SUPP" + model_.dataset, names[i]), "Char",
                                      measured.integer(0, i + 1), "Assigned", ""));
  }
  write(supp, "SELECT " + sql_list(names) + " FROM tm_supp ORDER BY _record", "", "",
        {"STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"}, measured.integer(0, 0), columns);
  supp_ = true;
}

/// One info finding for each text that does not fit into one variable.
void DatasetBuilder::note_long_texts(const Variable& one, const std::string& rest) {
  const auto found =
      session_.query_text("SELECT _record, " + subject_column() + ", _file, _row FROM tm_done WHERE strlen(" +
                          sql_identifier(one.name) + ") > 200 ORDER BY _record");
  for (std::size_t r = 0; r < found.rows(); ++r) {
    Finding finding = make("TM2355", Severity::info, one.source_name);
    finding.subject = found.text(r, 1);
    finding.file = found.text(r, 2);
    finding.row = found.is_null(r, 3) ? 0 : std::stoll(found.text(r, 3));
    finding.message = "the text is longer than 200 bytes; the rest is in " + rest;
    context_.findings.add(finding);
  }
}

/// Stores the second, third … part of long texts as columns of the rows, and shortens the variable to the
/// first.
std::vector<std::string> DatasetBuilder::cut_text(const Variable& one, const std::string& prefix) {
  const std::string name = sql_identifier(one.name);
  std::vector<std::string> columns;
  // Cutting at blanks may need more parts than bytes / 200; empty ones are left out.
  const auto pieces = static_cast<std::size_t>(measures_.longest[one.name]) / 100 + 2;
  for (std::size_t p = 1; p < pieces; ++p) {
    const std::string number = std::to_string(p), column = sql_identifier(prefix + number);
    session_.execute("ALTER TABLE tm_made ADD COLUMN " + column + " VARCHAR; UPDATE tm_made SET " + column +
                     " = trialmill_text_part(" + name + ", '" + number + "') WHERE strlen(" + name +
                     ") > 200");
    if (session_.count("SELECT count(" + column + ") FROM tm_made") == 0) break;
    columns.push_back(prefix + number);
  }
  session_.execute("UPDATE tm_made SET " + name + " = trialmill_text_part(" + name + ", '0') WHERE strlen(" +
                   name + ") > 200");
  show_rows();
  measures_.longest[one.name] = session_.count("SELECT max(strlen(" + name + ")) FROM tm_done");
  return columns;
}

/// A record has a qualifier once: parts of long texts get names that the mapping must leave free.
void DatasetBuilder::claim_qualifier(const std::string& qnam, const Variable& one) {
  if (qualifiers_.insert(qnam).second) return;
  throw base::usage_error("TM2313", "two qualifiers of SUPP" + made_ + " are called " + qnam, one.place,
                          one.source_name +
                              " has texts over 200 bytes, whose rest is called so; give the other one "
                              "another name");
}

/// For trialmill trace: the rest of a text comes from where its beginning does.
void DatasetBuilder::note_rest(const std::string& qnam, const Variable& one) {
  Variable rest;
  rest.rule = "the rest of " + one.source_name + ", which is longer than 200 bytes";
  rest.place = one.place;
  rest.inputs = one.name.starts_with("supp$") ? one.inputs : std::vector{one.name};
  if (one.name.starts_with("supp$")) rest.reads = one.reads;
  rests_.emplace_back(qnam, std::move(rest));
}

/// The rest as supplemental qualifiers VAR1, VAR2 … (SDTMIG 3.4, section 4.5.3.2).
void DatasetBuilder::split_text(const Variable& one, std::vector<std::string>& parts,
                                const std::string& sequence) {
  note_long_texts(one, "SUPP" + made_);
  const auto columns = cut_text(one, "long$" + one.name);
  for (std::size_t p = 0; p < columns.size(); ++p) {
    const std::string number = std::to_string(p + 1);
    const std::string qnam = one.name.substr(0, 8 - number.size()) + number;
    claim_qualifier(qnam, one);
    note_rest(qnam, one);
    parts.push_back(
        supp_row(qnam, label_of(one), sql_identifier(columns[p]), one.origin, one.evaluator, sequence));
  }
}

/// The rest as variables COVAL1, TSVAL1 … of the dataset itself (SDTMIG 3.4, sections 5.1 and 7.4.2).
std::vector<Variable> DatasetBuilder::continue_text(const Variable& one) {
  note_long_texts(one, one.name + "1 and so on");
  std::vector<Variable> more;
  for (const auto& column : cut_text(one, one.name)) {
    Variable next = one;
    next.name = next.source_name = column;
    next.label = label_of(one) + " " + column.substr(one.name.size());
    next.input.clear();
    measures_.longest[column] =
        session_.count("SELECT max(strlen(" + sql_identifier(column) + ")) FROM tm_done");
    more.push_back(std::move(next));
  }
  return more;
}

}  // namespace trialmill::transform
