#include "transform/row_sets.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "transform/records.hpp"
#include "transform/row_relations.hpp"
#include "transform/sql_columns.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

/// "VS.VSDTC" as dataset and variable.
struct Reference {
  std::string dataset, variable;
  std::string table() const { return "sdtm." + sql_identifier(dataset); }
  std::string column() const { return sql_identifier(variable); }
};

class RowMaker {
 public:
  RowMaker(const Scope& scope, study::Context& context) : scope_(scope), context_(context) {}

  std::map<std::string, std::vector<std::string>> origins;
  std::vector<findings::Finding> findings;

  /// One row for each subject and visit with the first and last day of the dates listed (SDTMIG 3.4, SV).
  std::string visits(const YamlValue& list) {
    std::vector<std::string> parts;
    for (const auto& node : list.list()) {
      const Reference one = reference(node);
      for (const char* needed : {"USUBJID", "VISITNUM"}) require(one.dataset, needed, node);
      const std::string visit = has(one.dataset, "VISIT") ? "VISIT" : "NULL::VARCHAR AS VISIT";
      parts.push_back("SELECT USUBJID, VISITNUM, " + visit + ", left(" + one.column() + ", 10) AS d FROM " +
                      one.table() + " WHERE VISITNUM IS NOT NULL AND " + one.column() + " IS NOT NULL");
      for (const char* date : {"FIRST_DATE", "LAST_DATE"}) origins[date].push_back(node.text());
      origins["VISITNUM"].push_back(one.dataset + ".VISITNUM");
      if (has(one.dataset, "VISIT")) origins["VISIT"].push_back(one.dataset + ".VISIT");
    }
    if (parts.empty()) throw list.wrong_type("list of dates such as VS.VSDTC");
    const std::string dates = base::join(parts, " UNION ALL ");
    note_visit_names(dates, list.list()[0].text());
    // A partial date is not before the days that it may be.
    return "SELECT USUBJID, VISITNUM, max(VISIT) AS VISIT, arg_min(d, " + after_its_days("d") +
           ") AS FIRST_DATE, max(d) AS LAST_DATE FROM (" + dates + ") GROUP BY USUBJID, VISITNUM";
  }

  /// One row for each subject of DM and each element that the subject began (SDTMIG 3.4, SE).
  std::string elements(const YamlValue& node) {
    std::vector<std::string> parts;
    for (const auto& [code, body] : node.map().entries()) {
      YamlMap map = body.map();
      const std::string start = date(map.get("start"), "START_DATE"),
                        end = map.has("end") ? date(map.get("end"), "END_DATE") : "NULL";
      std::string sql = "SELECT USUBJID, " + sql_literal(code) + " AS ETCD, " +
                        sql_literal(map.text("element")) + " AS ELEMENT, " +
                        sql_literal(map.text_or("epoch", "")) + " AS EPOCH, " + start + " AS START_DATE, " +
                        end + " AS END_DATE, " + std::to_string(parts.size() + 1) +
                        " AS ELEMENT_ORDER FROM sdtm.DM WHERE " + start + " IS NOT NULL";
      if (const auto when = map.find("when")) sql += " AND (" + when->text() + ")";
      map.finish();
      execute_or_wait(context_.session, sql, scope_, body.place(), "the element " + code);
      parts.push_back(sql);
    }
    if (parts.empty()) throw node.wrong_type("mapping of element codes");
    origins["USUBJID"].emplace_back("DM.USUBJID");
    return base::join(parts, " UNION ALL ");
  }

  /// Two or more rows for each set of related records (SDTMIG 3.4, section 8.2). Datasets are related by
  /// variables with equal values within a subject.
  std::string relate(const YamlValue& node, YamlMap& map) {
    std::vector<RelatedSide> sides;
    for (const auto& [dataset, variable] : node.map().entries()) {
      finished(dataset, variable);
      require(dataset, variable.text(), variable);
      sides.push_back({dataset, variable.text()});
    }
    if (sides.size() != 2) throw node.wrong_type("mapping with two datasets");
    const std::string level = map.choice_or("level", {"record", "dataset", "group"}, "record");
    const std::string id = map.text_or("id", sides[0].dataset + sides[1].dataset);
    const std::string separator = map.text_or("separator", "");
    findings = links_without_partner(context_.session, sides, separator);
    if (level == "dataset") return related_datasets(sides, id);
    if (level == "group") return related_groups(sides, id, separator);
    for (const auto& side : sides) require(side.dataset, side.dataset + "SEQ", node);
    return related_records(sides, id, separator);
  }

 private:
  /// A visit has one name in SV; those that records have beside it are a finding.
  void note_visit_names(const std::string& dates, const std::string& first) {
    const auto found = context_.session.query_text(
        "SELECT " + number_text("CAST(VISITNUM AS DOUBLE)") + ", max(VISIT), min(VISIT) FROM (" + dates +
        ") GROUP BY VISITNUM HAVING min(VISIT) <> max(VISIT) ORDER BY VISITNUM LIMIT 100");
    for (std::size_t r = 0; r < found.rows(); ++r) {
      findings::Finding one;
      one.rule = "TM2367";
      one.severity = findings::Severity::warning;
      one.stage = "transform";
      one.dataset = first.substr(0, first.find('.'));
      one.variable = "VISIT";
      one.value = found.text(r, 1);
      one.message = "visit " + found.text(r, 0) + " has several names: '" + found.text(r, 1) + "', '" +
                    found.text(r, 2) + "'; the first is taken";
      findings.push_back(std::move(one));
    }
  }

  /// Whether a dataset has the variable; one that is not finished may get it.
  bool has(const std::string& dataset, const std::string& variable) {
    const auto open = scope_.open.find(dataset);
    const bool is_open = open != scope_.open.end();
    if (is_open && (!open->second || !context_.session.has_table("sdtm", dataset))) throw Waiting{dataset};
    if (is_open && find_name(shown(dataset), variable).empty() && !find_name(*open->second, variable).empty())
      throw Waiting{dataset + "." + variable};
    return !find_name(shown(dataset), variable).empty();
  }

  void require(const std::string& dataset, const std::string& variable, const YamlValue& node) {
    if (has(dataset, variable)) return;
    throw base::usage_error("TM2301", dataset + " has no variable '" + variable + "'", node.place(),
                            base::did_you_mean(variable, shown(dataset)));
  }

  void made(const std::string& dataset, const YamlValue& node) {
    if (std::find(scope_.datasets.begin(), scope_.datasets.end(), dataset) == scope_.datasets.end()) {
      throw base::usage_error("TM2302", "no dataset '" + dataset + "'", node.place(),
                              base::did_you_mean(dataset, scope_.datasets));
    }
  }

  void finished(const std::string& dataset, const YamlValue& node) {
    made(dataset, node);
    if (scope_.is_open(dataset)) throw Waiting{dataset};
  }

  std::vector<std::string> shown(const std::string& dataset) {
    return context_.session.columns_of("sdtm." + sql_identifier(dataset));
  }

  Reference reference(const YamlValue& node) {
    const std::string text = node.text();
    const auto dot = text.find('.');
    if (dot == std::string::npos) throw node.wrong_type("date such as VS.VSDTC");
    Reference out{text.substr(0, dot), text.substr(dot + 1)};
    made(out.dataset, node);
    require(out.dataset, out.variable, node);
    return out;
  }

  /// A variable of DM, or SQL over DM.
  std::string date(const YamlValue& node, const std::string& column) {
    auto& used = origins[column];
    const auto note = [&used](const std::string& name) {
      if (std::ranges::find(used, name) == used.end()) used.push_back(name);
    };
    if (node.is_map()) {
      YamlMap map = node.map();
      const std::string sql = "(" + map.text("sql") + ")";
      map.finish();
      for (const auto& one : columns_of_query(context_.session, "SELECT " + sql + " AS d FROM sdtm.DM")) {
        for (const auto& input : one.inputs) note(input);
      }
      return sql;
    }
    const std::string text = node.text();
    if (!text.starts_with("DM.")) throw node.wrong_type("variable such as DM.RFXSTDTC, or {sql: …} over DM");
    note(text);
    return sql_identifier(text.substr(3));
  }

  const Scope& scope_;
  study::Context& context_;
};

}  // namespace

std::optional<MadeRows> made_rows(YamlMap& map, const Scope& scope, study::Context& context) {
  RowMaker maker(scope, context);
  std::string sql;
  if (const auto node = map.find("visits"))
    sql = maker.visits(*node);
  else if (const auto elements = map.find("elements"))
    sql = maker.elements(*elements);
  else if (const auto relate = map.find("relate"))
    sql = maker.relate(*relate, map);
  else
    return std::nullopt;
  return MadeRows{std::move(sql), std::move(maker.origins), std::move(maker.findings)};
}

}  // namespace trialmill::transform
