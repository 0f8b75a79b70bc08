// Terms for raw words: maps and codelists.
#include "base/text.hpp"
#include "study/lists.hpp"
#include "transform/codelist.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

void VariablesBuilder::map_terms(Variable& out, YamlMap terms, bool keep) {
  const std::string input = out.sql;
  const std::string key = out.trimmed ? "upper(" + input + ")" : key_of(input);
  std::string sql = "CASE " + key, blank;
  std::map<std::string, std::string> known;
  for (const auto& [raw, term] : terms.entries()) {
    const bool none = term.is_null() || base::trim(term.text()).empty();
    const std::string value = none ? "" : term.text();
    if (const auto [other, fresh] = known.emplace(base::to_upper(base::trim(raw)), value);
        !fresh && other->second != value) {
      throw base::usage_error("TM2309", "`map` has two terms for '" + std::string(base::trim(raw)) + "'",
                              term.place(), "blanks around a value and its case do not matter");
    }
    if (base::trim(raw).empty()) {
      blank = none ? "" : sql_literal(base::trim(term.text()));
      continue;
    }
    sql += " WHEN upper(" + sql_literal(base::trim(raw)) + ") THEN " +
           (none ? "NULL" : sql_literal(base::trim(term.text())));
    // A raw value that is mapped to nothing is an answer, not a mistake.
    if (none && !keep) out.input += " WHEN upper(" + sql_literal(base::trim(raw)) + ") THEN NULL";
  }
  if (sql.find(" WHEN ") == std::string::npos) sql += " WHEN NULL THEN NULL";  // only blanks are mapped
  out.sql = sql + (keep ? " ELSE " + input : "") + " END";
  if (!blank.empty()) out.sql = "CASE WHEN " + input + " IS NULL THEN " + blank + " ELSE " + out.sql + " END";
  if (keep) return;
  out.input = out.input.empty() || out.code == "TM2356"
                  ? input
                  : "CASE " + key + out.input + " ELSE " + input + " END";
  out.code = "TM2350";
}

/// (word, term) as SQL rows. A word may be a synonym, or the decode, of two terms and the value of none: in a
/// list of the study (`own`) that is a mistake; a published codelist does not say then what the word means.
std::vector<std::string> VariablesBuilder::meant(const YamlValue& codelist, const Meanings& meanings,
                                                 bool own) {
  std::vector<std::string> rows;
  std::set<std::string> decided;
  for (const auto& [key, terms] : meanings) {
    const std::string& word = key.second;
    if (!decided.insert(word).second) continue;
    if (terms.size() == 1) rows.push_back("(" + sql_literal(word) + ", " + sql_literal(*terms.begin()) + ")");
    if (terms.size() == 1 || !own) continue;
    throw base::usage_error("TM2309",
                            "'" + word + "' of codelist " + codelist.text() + " belongs to the terms " +
                                base::join({terms.begin(), terms.end()}, " and "),
                            codelist.place(), "say in `map` which one is meant, or take it out of the list");
  }
  return rows;
}

/// Terms of a codelist: submission values first, then synonyms, then preferred terms, case ignored. The
/// codelist is codelists/NAME.csv of the study (columns term, synonyms, decode), else the imported package of
/// the study's terminology. Entries of `map` come before both.
void VariablesBuilder::terms_of(Variable& out, const YamlValue& codelist, YamlMap& map, bool keep) {
  const std::string name = codelist.text();
  Meanings meanings;
  const auto add = [&meanings](std::string_view key, std::string_view term, int priority) {
    if (base::trim(key).empty()) return;
    meanings[{priority, base::to_upper(base::trim(key))}].emplace(term);
  };
  if (const auto terms = map.find("map")) {
    for (const auto& [raw, term] : terms->map().entries()) add(raw, term.is_null() ? "" : term.text(), 0);
  }
  const bool own = std::filesystem::exists(context_.study.root / "codelists" / (name + ".csv"));
  if (own) {
    const std::string file = "codelists/" + name + ".csv";
    const auto list =
        context_.session.query_text("SELECT * FROM " + study::list_sql(context_.study.root / file, file));
    const auto term = list.find("term"), synonyms = list.find("synonyms"), decode = list.find("decode");
    if (!term) {
      throw base::usage_error("TM2310", "codelists/" + name + ".csv has no column 'term'", codelist.place(),
                              "columns are term, and if wanted synonyms (split by ;) and decode");
    }
    for (std::size_t r = 0; r < list.rows(); ++r) {
      const std::string value = list.text(r, *term);
      add(value, value, 1);
      if (synonyms) {
        for (const auto& word : base::split(list.text(r, *synonyms), ';')) add(word, value, 2);
      }
      if (decode) add(list.text(r, *decode), value, 3);
    }
    inputs_.push_back("codelists/" + name + ".csv");
    note_read("lookup", inputs_.back(), {{"table", inputs_.back()}, {"value", "term"}});
  } else {
    const auto found = find_codelist(codelist, context_.study);
    for (const auto& term : found.list->terms()) {
      add(term.submission_value, term.submission_value, 1);
      for (const auto& word : term.synonyms()) add(word, term.submission_value, 2);
      add(term.preferred_term, term.submission_value, 3);
    }
    if (out.codelist.empty()) out.codelist = name;
    inputs_.push_back("codelist " + std::string(found.list->code()));
  }
  const auto rows = meant(codelist, meanings, own);
  if (rows.empty()) throw codelist.wrong_type("codelist with terms");
  const std::string input = out.sql;
  join_keys(out,
            "(SELECT upper(k) AS k0, nullif(term, '') AS v FROM (VALUES " + base::join(rows, ", ") +
                ") t(k, term))",
            {input});
  if (keep) {
    out.sql = "coalesce(" + out.sql + ", " + input + ")";
    out.input.clear(), out.code.clear();
  }
}

}  // namespace trialmill::transform
