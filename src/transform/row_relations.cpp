#include "transform/row_relations.hpp"

#include "base/text.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

namespace {

std::string table_of(const RelatedSide& side) {
  return "sdtm." + sql_identifier(side.dataset);
}

/// USUBJID, `columns` and one id of each record as v.
std::string ids_of(const RelatedSide& side, const std::string& separator, const std::string& columns = "") {
  const std::string text = "CAST(" + sql_identifier(side.variable) + " AS VARCHAR)";
  const std::string id =
      separator.empty() ? text : "unnest(string_split(" + text + ", " + sql_literal(separator) + "))";
  return "(SELECT USUBJID, " + columns + "trim(v) AS v FROM (SELECT USUBJID, " + columns + id +
         " AS v FROM " + table_of(side) + ") WHERE trim(v) <> '')";
}

/// USUBJID and the ids that both sides have as v, with their number within the subject as n.
std::string common_ids(const std::vector<RelatedSide>& sides, const std::string& separator) {
  std::string common;
  for (const auto& side : sides)
    common += (common.empty() ? "" : " INTERSECT ") + ("SELECT USUBJID, v FROM " + ids_of(side, separator));
  return "(SELECT *, row_number() OVER (PARTITION BY USUBJID ORDER BY v) AS n FROM (" + common + "))";
}

}  // namespace

std::string related_datasets(const std::vector<RelatedSide>& sides, const std::string& id) {
  std::vector<std::string> parts;
  for (const auto& side : sides) {
    const std::string column = sql_identifier(side.variable);
    const std::string many = "(SELECT count(*) > count(DISTINCT (USUBJID, " + column + ")) FROM " +
                             table_of(side) + " WHERE " + column + " IS NOT NULL)";
    parts.push_back("SELECT " + sql_literal(side.dataset) + " AS RDOMAIN, NULL::VARCHAR AS USUBJID, " +
                    sql_literal(side.variable) + " AS IDVAR, NULL::VARCHAR AS IDVARVAL, CASE WHEN " + many +
                    " THEN 'MANY' ELSE 'ONE' END AS RELTYPE, " + sql_literal(id) + " AS RELID");
  }
  return base::join(parts, " UNION ALL ");
}

std::string related_groups(const std::vector<RelatedSide>& sides, const std::string& id,
                           const std::string& separator) {
  const std::string common = common_ids(sides, separator);
  std::vector<std::string> parts;
  for (const auto& side : sides)
    parts.push_back("SELECT " + sql_literal(side.dataset) + " AS RDOMAIN, USUBJID, " +
                    sql_literal(side.variable) + " AS IDVAR, v AS IDVARVAL, NULL::VARCHAR AS RELTYPE, " +
                    sql_literal(id) + " || n AS RELID FROM " + common);
  return base::join(parts, " UNION ALL ");
}

std::string related_records(const std::vector<RelatedSide>& sides, const std::string& id,
                            const std::string& separator) {
  const std::string common = common_ids(sides, separator);
  std::vector<std::string> parts;
  for (const auto& side : sides) {
    const std::string sequence = sql_identifier(side.dataset + "SEQ");
    parts.push_back("SELECT DISTINCT " + sql_literal(side.dataset) + " AS RDOMAIN, s.USUBJID, " +
                    sql_literal(side.dataset + "SEQ") + " AS IDVAR, CAST(s." + sequence +
                    " AS VARCHAR) AS IDVARVAL, NULL::VARCHAR AS RELTYPE, " + sql_literal(id) +
                    " || c.n AS RELID FROM " + ids_of(side, separator, sequence + ", ") + " s JOIN " +
                    common + " c ON c.USUBJID = s.USUBJID AND c.v = s.v");
  }
  return base::join(parts, " UNION ALL ");
}

std::vector<findings::Finding> links_without_partner(table::Session& session,
                                                     const std::vector<RelatedSide>& sides,
                                                     const std::string& separator) {
  std::vector<findings::Finding> out;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const RelatedSide &mine = sides[i], &other = sides[1 - i];
    const std::string ids = "(SELECT DISTINCT USUBJID, v FROM " + ids_of(mine, separator) + ")";
    const auto alone =
        session.query_text("SELECT USUBJID, v, count(*) OVER () AS n FROM " + ids + " ANTI JOIN " +
                           ids_of(other, separator) + " USING (USUBJID, v) ORDER BY ALL LIMIT 1");
    if (alone.rows() == 0) continue;
    findings::Finding finding;
    finding.rule = "TM2366";
    finding.severity = findings::Severity::info;
    finding.stage = "transform";
    finding.dataset = mine.dataset;
    finding.variable = mine.variable;
    finding.subject = alone.text(0, 0);
    finding.value = alone.text(0, 1);
    finding.message = alone.text(0, 2) + " of " +
                      std::to_string(session.count("SELECT count(*) FROM " + ids)) +
                      " values have no partner in " + other.dataset + "." + other.variable +
                      "; the first is '" + finding.value + "'";
    out.push_back(std::move(finding));
  }
  return out;
}

}  // namespace trialmill::transform
