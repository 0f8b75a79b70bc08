#include "publish/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "formats/xpt_writer.hpp"

namespace trialmill::publish {

using base::sql_identifier;
using findings::Finding;
using findings::Severity;

std::string Dataset::file_stem() const {
  return base::to_lower(name);
}
std::string Dataset::relation() const {
  return "sdtm." + sql_identifier(name);
}

std::string Dataset::select() const {
  std::vector<std::string> parts;
  for (const auto& column : columns) {
    const auto id = sql_identifier(column.name);
    if (!column.is_text)
      parts.push_back(id);
    else
      parts.push_back("nullif(" + id + (column.needs_cast ? "::VARCHAR" : "") + ", '') AS " + id);
  }
  return "SELECT " + base::join(parts, ", ") + " FROM " + relation();
}

std::string Dataset::select_as_text() const {
  std::vector<std::string> parts;
  for (const auto& column : columns) {
    const auto id = sql_identifier(column.name);
    parts.push_back(column.is_text ? id : "regexp_replace(" + id + "::VARCHAR, '\\.0$', '') AS " + id);
  }
  return "SELECT " + base::join(parts, ", ") + " FROM (" + select() + ")";
}

const Column* Dataset::find(const std::string& column) const {
  const auto at =
      std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == column; });
  return at == columns.end() ? nullptr : &*at;
}

void Dataset::refuse_xpt(const std::string& reason) {
  xpt_possible = false;
  if (xpt_reason.empty()) xpt_reason = reason;
}

namespace {

std::string text_of(const base::Json& object, const char* key) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

void read_metadata(Dataset& dataset, const base::Json& metadata) {
  dataset.label = text_of(metadata, "label");
  if (!metadata.is_object()) return;
  if (metadata.contains("keys") && metadata["keys"].is_array()) {
    for (const auto& key : metadata["keys"]) {
      if (key.is_string()) dataset.keys.push_back(key.get<std::string>());
    }
  }
  if (!metadata.contains("columns") || !metadata["columns"].is_array()) return;
  for (const auto& entry : metadata["columns"]) {
    const std::string name = text_of(entry, "name");
    for (auto& column : dataset.columns) {
      if (column.name != name) continue;
      column.label = text_of(entry, "label");
      column.origin = text_of(entry, "origin");
      column.declared = text_of(entry, "type");
    }
  }
}

}  // namespace

Dataset survey(table::Session& session, const std::string& name, const base::Json& metadata) {
  Dataset out;
  out.name = name;
  const auto empty = session.query("SELECT * FROM " + out.relation() + " LIMIT 0");
  for (std::size_t c = 0; c < empty.columns(); ++c) {
    Column column;
    column.name = empty.name(c);
    const auto type = empty.type(c);
    column.is_text = type != table::Type::integer && type != table::Type::number;
    column.is_integer = type == table::Type::integer;
    column.needs_cast = column.is_text && type != table::Type::text;
    out.columns.push_back(std::move(column));
  }
  read_metadata(out, metadata);

  std::string sql = "SELECT count(*)";
  for (const auto& column : out.columns) {
    if (!column.is_text) continue;
    const auto id = sql_identifier(column.name);
    sql += fmt::format(
        ", max(strlen({0})), bool_or(strlen({0}) <> length({0})), bool_or(ends_with({0}, ' '))", id);
  }
  const std::string from = " FROM (" + out.select() + ")";
  const auto found = session.query(sql + from);
  out.rows = found.integer(0, 0);
  std::size_t at = 1;
  for (auto& column : out.columns) {
    if (!column.is_text) continue;
    const auto id = sql_identifier(column.name);
    // Counted only where there is something: most datasets have none of it.
    const auto count_of = [&](const std::string& condition) {
      return session.count("SELECT count(*)" + from + " WHERE " + condition);
    };
    column.bytes_max = found.integer(0, at++);
    if (found.integer(0, at++) != 0)
      column.not_ascii = count_of(fmt::format("strlen({0}) <> length({0})", id));
    if (found.integer(0, at++) != 0) column.trailing_blank = count_of(fmt::format("ends_with({}, ' ')", id));
    if (column.bytes_max > static_cast<std::int64_t>(formats::xpt_value_bytes_max))
      column.too_long = count_of(fmt::format("strlen({}) > {}", id, formats::xpt_value_bytes_max));
  }
  return out;
}

void set_xpt_lengths(std::vector<Dataset>& datasets, bool shared) {
  std::map<std::string, std::int64_t> longest;
  const auto shares = [&](const Dataset& dataset) { return shared && !dataset.name.starts_with("SUPP"); };
  for (const auto& dataset : datasets) {
    if (!shares(dataset)) continue;
    for (const auto& column : dataset.columns) {
      auto& length = longest[column.name];
      // A value over the limit keeps its own dataset out of XPT; it must not blow up the others.
      if (column.too_long == 0) length = std::max(length, column.bytes_max);
    }
  }
  for (auto& dataset : datasets) {
    for (auto& column : dataset.columns) {
      if (!column.is_text) continue;
      const auto own = shares(dataset) ? std::max(column.bytes_max, longest[column.name]) : column.bytes_max;
      column.xpt_length = static_cast<int>(std::max<std::int64_t>(1, own));
    }
  }
}

formats::XptMember xpt_member(const Dataset& dataset) {
  formats::XptMember out;
  out.name = dataset.name;
  out.label = dataset.label;
  for (const auto& column : dataset.columns) {
    formats::XptColumn xpt;
    xpt.name = column.name;
    xpt.label = column.label;
    xpt.is_text = column.is_text;
    xpt.length = column.is_text ? column.xpt_length : 8;
    out.columns.push_back(std::move(xpt));
  }
  return out;
}

namespace {

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Parentheses, brackets, braces and quotes in pairs. A lone apostrophe (Subject's) counts as unbalanced, as
/// for the FDA.
bool is_balanced(const std::string& text) {
  for (const char* pair : {"()", "[]", "{}"}) {
    if (std::count(text.begin(), text.end(), pair[0]) != std::count(text.begin(), text.end(), pair[1]))
      return false;
  }
  return std::count(text.begin(), text.end(), '"') % 2 == 0 &&
         std::count(text.begin(), text.end(), '\'') % 2 == 0;
}

class Checker {
 public:
  Checker(table::Session& session, Dataset& dataset, const Limits& limits, findings::Findings& findings)
      : session_(session), dataset_(dataset), limits_(limits), findings_(findings) {}

  void names_and_labels() {
    label("", dataset_.label);
    for (const auto& column : dataset_.columns) label(column.name, column.label);
    if (!limits_.xpt) return;
    for (const auto& problem : formats::check_xpt(xpt_member(dataset_))) {
      using Kind = formats::XptProblem::Kind;
      if (problem.kind == Kind::length) {  // values over 200 bytes: reported below with their records
        dataset_.refuse_xpt(problem.column + ": " + problem.message);
        continue;
      }
      const bool is_label = problem.kind == Kind::label;
      add(is_label ? "TM2511" : "TM2514", Severity::error, problem.column, problem.value, problem.message);
      dataset_.refuse_xpt((problem.column.empty() ? dataset_.name : problem.column) + ": " + problem.message);
    }
  }

  void values() {
    for (const auto& column : dataset_.columns) {
      if (!column.declared.empty() && (column.declared == "Num") == column.is_text) {
        add("TM2519", Severity::warning, column.name, column.declared,
            "the data have another type than declared");
      }
      if (!column.is_text) continue;
      const auto id = sql_identifier(column.name);
      if (column.not_ascii > 0) {
        rows(column, "TM2513", ascii_severity(), fmt::format("strlen({0}) <> length({0})", id),
             column.not_ascii, "characters that are not ASCII");
        if (fda()) dataset_.refuse_xpt(column.name + ": characters that are not ASCII");
      }
      if (!limits_.xpt) continue;
      if (column.too_long > 0) {
        rows(column, "TM2512", Severity::error,
             fmt::format("strlen({}) > {}", id, formats::xpt_value_bytes_max), column.too_long,
             "more than 200 bytes");
        dataset_.refuse_xpt(fmt::format("{}: {} values over 200 bytes", column.name, column.too_long));
      }
      if (column.trailing_blank > 0) {
        rows(column, "TM2518", Severity::info, fmt::format("ends_with({}, ' ')", id), column.trailing_blank,
             "blanks at the end, which the XPT file cannot keep");
      }
    }
  }

 private:
  bool fda() const { return limits_.agency == "fda"; }
  Severity ascii_severity() const { return fda() ? Severity::error : Severity::warning; }

  void add(const char* rule, Severity severity, const std::string& variable, const std::string& value,
           const std::string& message) {
    Finding finding;
    finding.rule = rule;
    finding.severity = severity;
    finding.stage = "publish";
    finding.dataset = dataset_.name;
    finding.variable = variable;
    finding.value = value;
    finding.message = message;
    findings_.add(std::move(finding));
  }

  void label(const std::string& column, const std::string& text) {
    if (!is_ascii(text)) {
      add("TM2513", ascii_severity(), column, text, "the label has characters that are not ASCII");
      if (fda()) dataset_.refuse_xpt((column.empty() ? dataset_.name : column) + ": label is not ASCII");
    }
    if (fda() && !is_balanced(text)) {
      add("TM2517", Severity::warning, column, text, "the label has unbalanced quotes or brackets");
    }
  }

  /// A finding for each offending record (up to findings_max), so that a data manager can look them up.
  void rows(const Column& column, const char* rule, Severity severity, const std::string& condition,
            std::int64_t total, const std::string& what) {
    std::string key = "''";
    for (const auto& name : dataset_.keys) {
      if (name == "STUDYID" || name == "DOMAIN" || name == "USUBJID" || !dataset_.find(name)) continue;
      key += " || CASE WHEN " + sql_identifier(name) + " IS NULL THEN '' ELSE ', ' || " +
             base::sql_literal(name + "=") + " || " + sql_identifier(name) + "::VARCHAR END";
    }
    const std::string subject = dataset_.find("USUBJID") ? "\"USUBJID\"::VARCHAR" : "''";
    const auto found = session_.query(fmt::format(
        "SELECT coalesce({}, ''), {}, substr({}, 3), tm_row FROM (SELECT *, row_number() OVER () AS tm_row "
        "FROM ({})) WHERE {} ORDER BY tm_row LIMIT {}",
        subject, sql_identifier(column.name), key, dataset_.select(), condition, limits_.findings_max));
    for (std::size_t r = 0; r < found.rows(); ++r) {
      Finding finding;
      finding.rule = rule;
      finding.severity = severity;
      finding.stage = "publish";
      finding.dataset = dataset_.name;
      finding.subject = found.text(r, 0);
      finding.variable = column.name;
      finding.value = found.text(r, 1);
      finding.message = column.name + " has " + what + ".";
      finding.record_key = found.text(r, 2);
      finding.row = found.integer(r, 3);
      findings_.add(std::move(finding));
    }
    const auto shown = static_cast<std::int64_t>(found.rows());
    if (shown < total) {
      add(rule, severity, column.name, "",
          fmt::format("{} more records: {} has {}.", total - shown, column.name, what));
    }
  }

  table::Session& session_;
  Dataset& dataset_;
  const Limits& limits_;
  findings::Findings& findings_;
};

}  // namespace

void check(table::Session& session, Dataset& dataset, const Limits& limits, findings::Findings& findings) {
  Checker checker(session, dataset, limits, findings);
  checker.names_and_labels();
  checker.values();
}

}  // namespace trialmill::publish
