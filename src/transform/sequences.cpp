#include "transform/sequences.hpp"

#include "base/files.hpp"
#include "base/text.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

namespace {

namespace fs = std::filesystem;

/// A dataset may have several numbers. Releases of before had one file for each dataset.
fs::path file_of(const fs::path& folder, const std::string& dataset, const std::string& name) {
  const fs::path file = folder / "sequences" / (dataset + "." + name + ".parquet"),
                 before = folder / "sequences" / (dataset + ".parquet");
  return !fs::exists(file) && fs::exists(before) ? before : file;
}

std::string text_of(const std::string& list) {
  return "concat_ws(chr(31), " + list + ")";
}

using Types = std::map<std::string, std::string>;

std::string identity_of(const Numbering& numbering, const Types& types) {
  std::string list = "''";
  for (const auto& name : numbering.identity) {
    const auto type = types.find(base::replace_all(name.substr(1, name.size() - 2), "\"\"", "\""));
    std::string text = "CAST(" + name + " AS VARCHAR)";
    // Whole numbers are not stored as such before the dataset is finished: 815.0 is 815.
    if (type != types.end() && type->second == "DOUBLE") text = number_text(name);
    list += ", coalesce(" + text + ", '')";
  }
  return text_of(list);
}

/// Records of one identity are told apart by their place in the raw data.
std::string with_identity(const Numbering& numbering, const Types& types, const std::string& rows) {
  const std::string by = text_of(numbering.by()), identity = identity_of(numbering, types);
  return "SELECT *, " + by + " AS seq$by, " + identity + " AS seq$id, row_number() OVER (PARTITION BY " + by +
         ", " + identity + " ORDER BY _set, _file, _row, _entry) AS seq$nth FROM " + rows;
}

std::string numbered(const fs::path& file, const Numbering& numbering) {
  return "read_parquet(" + sql_literal(file.string()) + ") WHERE name = " + sql_literal(numbering.name) +
         " AND rule = " + sql_literal(numbering.rule);
}

/// The numbers of a release: subject, identity, nth, number; empty text if it has none by this rule. A row
/// without an identity says that the numbers of the records that are there are those of the dataset.
std::string old_numbers(table::Session& session, const fs::path& release, const std::string& dataset,
                        const Numbering& numbering) {
  const fs::path file = file_of(release, dataset, numbering.name);
  if (!fs::exists(file)) return "";
  const auto found =
      session.query("SELECT count(*), count(*) - count(identity) FROM " + numbered(file, numbering));
  if (found.integer(0, 0) == 0) return "";
  const std::string listed =
      "SELECT subject, identity, nth, number FROM " + numbered(file, numbering) + " AND identity IS NOT NULL";
  if (found.integer(0, 1) == 0) return "(" + listed + ")";
  const std::string records =
      "read_parquet(" + sql_literal((release / "parquet" / (dataset + ".parquet")).string()) + ")";
  return "(SELECT " + text_of(numbering.by()) + " AS subject, " +
         identity_of(numbering, session.types_of(records)) + " AS identity, 1 AS nth, CAST(" +
         sql_identifier(numbering.name) + " AS BIGINT) AS number FROM " + records + " UNION ALL " + listed +
         ")";
}

}  // namespace

std::optional<ContinuedNumbers> continue_numbers(table::Session& session, const std::string& dataset,
                                                 const Numbering& numbering, const fs::path& previous,
                                                 const Types& types) {
  const std::string old = old_numbers(session, previous, dataset, numbering);
  if (old.empty()) return std::nullopt;
  ContinuedNumbers out;
  out.before =
      "SELECT l.* EXCLUDE (seq$by, seq$id, seq$nth), r.number AS seq$old, coalesce(m.most, 0) AS "
      "seq$most FROM (" +
      with_identity(numbering, types, "");
  out.after = ") l LEFT JOIN " + old +
              " r ON r.subject = l.seq$by AND r.identity = l.seq$id AND r.nth = l.seq$nth LEFT JOIN (SELECT "
              "subject, max(number) AS most FROM " +
              old + " GROUP BY 1) m ON m.subject = l.seq$by";
  out.number =
      "CAST(CASE WHEN seq$old IS NOT NULL THEN seq$old ELSE seq$most + row_number() OVER (PARTITION BY " +
      numbering.by() + ", seq$old IS NULL ORDER BY " + numbering.order + ") END AS BIGINT)";
  return out;
}

void save_numbers(table::Session& session, const std::string& dataset, const Numbering& numbering,
                  const std::string& table, const fs::path& previous, const fs::path& folder,
                  bool in_dataset) {
  base::make_folders(folder / "sequences");
  // Supplemental qualifiers are texts.
  const std::string number = "CAST(" + sql_identifier(numbering.name) + " AS BIGINT)";
  const std::string head =
      "SELECT " + sql_literal(numbering.name) + " AS name, " + sql_literal(numbering.rule) + " AS rule, ";
  std::string sql = in_dataset ? head +
                                     "NULL::VARCHAR AS subject, NULL::VARCHAR AS identity, NULL::BIGINT AS "
                                     "nth, NULL::BIGINT AS number"
                               : head + "seq$by AS subject, seq$id AS identity, seq$nth AS nth, " + number +
                                     " AS number FROM (" +
                                     with_identity(numbering, session.types_of(table), table) + ")";
  if (const std::string old = old_numbers(session, previous, dataset, numbering); !old.empty()) {
    // A number that the subject still has is the record's that had it.
    sql += " UNION ALL (" + head + "subject, identity, nth, number FROM " + old + " ANTI JOIN (SELECT " +
           text_of(numbering.by()) + " AS subject, " + number + " AS number FROM " + table +
           ") USING (subject, number) ORDER BY ALL)";
  }
  // The table is in the order of its keys; only what is added from before needs one.
  session.execute("COPY (" + sql + ") TO " + sql_literal(file_of(folder, dataset, numbering.name).string()) +
                  " (FORMAT parquet)");
}

}  // namespace trialmill::transform
