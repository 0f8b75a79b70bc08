#include "base/text.hpp"
#include "transform/sequences.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

void VariablesBuilder::study_day(Variable& out, const YamlValue& node, YamlMap& map) {
  const std::string date = operand(node, false);
  place_ = node.place();
  std::string reference_date;
  if (const auto other = map.find("reference")) {
    reference_date = operand(*other, false);
  } else if (const auto found = reference("DM", "RFSTDTC")) {
    reference_date = *found;
  } else {
    throw base::usage_error("TM2302", "a study day needs DM.RFSTDTC", node.place(),
                            "no mapping makes DM.RFSTDTC; another date can be named with `reference`");
  }
  const std::string days = "(" + day_of(date) + " - " + day_of(reference_date) + ")";
  out.sql = "CAST(" + days + " + CASE WHEN " + days + " >= 0 THEN 1 ELSE 0 END AS BIGINT)";
}

/// Y on the last record of each group that is not after the reference.
void VariablesBuilder::last_before(Variable& out, const YamlValue& reference_node, YamlMap& verb) {
  const std::string limit = operand(reference_node, false), date = operand(verb.get("of"), false);
  if (!variable("USUBJID")) throw reference_node.wrong_type("date of a dataset with USUBJID");
  std::string by = "\"USUBJID\"";
  const std::size_t before = inputs_.size();
  if (const auto list = verb.find("by")) {
    for (const auto& name : list->list()) by += ", " + operand(name, false);
  }
  note_read("last_before", "",
            {{"by", std::vector<std::string>(inputs_.begin() + static_cast<std::ptrdiff_t>(before),
                                             inputs_.end())}});
  // At the precision that both have.
  const std::string shorter = "least(strlen(" + date + "), strlen(" + limit + "))";
  std::string condition = "(strlen(" + date + ") >= 10 AND strlen(" + limit +
                          ") >= 10 AND CASE WHEN strlen(" + date + ") = strlen(" + limit + ") THEN " + date +
                          " <= " + limit + " ELSE left(" + date + ", " + shorter + ") <= left(" + limit +
                          ", " + shorter + ") END";
  if (const auto result = verb.find("result"))
    condition += " AND " + operand(*result, false) + " IS NOT NULL";
  if (const auto only = verb.find("only")) condition += " AND (" + expression(only->text()) + ")";
  condition += ") IS TRUE";
  const std::string ties = verb.choice_or("ties", {"last", "first", "all"}, "last");
  const std::string over = " OVER (PARTITION BY " + by + ", (" + condition + ") ORDER BY " + date + " DESC";
  const std::string down = ties == "last" ? " DESC" : "";
  const std::string rank = ties == "all"
                               ? "rank()" + over + ")"
                               : "row_number()" + over + ", _set" + down + ", _file" + down + ", _row" +
                                     down + ", _entry" + down + (base_.located ? "" : ", _at" + down) + ")";
  out.sql = "CASE WHEN (" + condition + ") AND " + rank + " = 1 THEN 'Y' END";
  out.only = condition;
  out.windowed = out.trimmed = true;
}

/// 1, 2, 3 … for each subject in the order of the list; by default a record keeps the number that it had in
/// the release before (sequences.hpp).
void VariablesBuilder::sequence(Variable& out, const YamlValue& node, YamlMap& map) {
  std::vector<std::string> names;
  if (node.is_list()) {
    for (const auto& one : node.list()) names.push_back(one.text());
  } else if (node.text() == "keys") {
    for (const auto& key : keys_) {
      if (key != out.name && key != "STUDYID" && key != "USUBJID") names.push_back(key);
    }
  } else {
    throw node.wrong_type("list of variables, or the word keys");
  }
  Numbering numbering;
  numbering.name = out.name;
  for (const auto& name : names)
    numbering.order += operand_named(name, false, node.place()) + " NULLS FIRST, ";
  numbering.order += std::string("_set, _file, _row, _entry") + (base_.located ? "" : ", _at");
  const auto variable_named = [&](const std::string& name) {
    if (const auto found = variable(name)) return *found;
    throw base::usage_error("TM2301", "no variable '" + name + "'", node.place(),
                            base::did_you_mean(name, names_));
  };
  const auto by = map.texts_or("by", {"USUBJID"});
  for (const auto& name : by) numbering.within.push_back(variable_named(name));
  const auto identity = map.texts_or("identity", keys_);
  for (const auto& name : identity) {
    if (name == out.name) continue;
    // What the subject says already, or is the same for all, tells no records apart.
    const std::string column = variable_named(name);
    const bool same = std::ranges::any_of(done_, [&](const Variable& one) {
      return sql_identifier(one.name) == column && is_literal(one.sql);
    });
    if (!same && std::ranges::find(numbering.within, column) == numbering.within.end())
      numbering.identity.push_back(column);
  }
  numbering.rule =
      base::join(names, ", ") + " by " + base::join(by, ", ") + "; " + base::join(identity, ", ");
  out.sort = names;
  out.whole = out.windowed = true;
  out.sql = "CAST(row_number() OVER (PARTITION BY " + numbering.by() + " ORDER BY " + numbering.order +
            ") AS BIGINT)";
  if (map.boolean_or("stable", true)) continue_from_before(out, numbering);
  // Many records: where the numbers follow the order of the dataset, the sorted records are counted.
  if (base_.rows <= rows_few || out.continued || !is_unread(out.name)) return;
  std::vector<std::string> sort = sort_;
  std::erase(sort, "STUDYID");
  names.insert(names.begin(), "USUBJID");
  out.by_place = sort == names && numbering.by() == "\"USUBJID\"";
}

/// Lets a sequence go on from the numbers of the release before.
void VariablesBuilder::continue_from_before(Variable& out, const Numbering& numbering) {
  if (!scope_.fresh_numbering) {
    flush();
    std::map<std::string, std::string> types;
    Compiled so_far;
    so_far.steps = steps_;
    so_far.blame(context_.session, [&] { types = context_.session.types_of("(" + sql_ + ")"); });
    if (const auto before = continue_numbers(context_.session, dataset_, numbering, scope_.previous, types)) {
      out.sql = before->number;
      out.continued = before;
    }
  }
  numberings_.push_back(numbering);
}

void VariablesBuilder::earliest(Variable& out, const YamlValue& list, YamlMap& map) {
  extreme(out, list, map, "min");
}
void VariablesBuilder::latest(Variable& out, const YamlValue& list, YamlMap& map) {
  extreme(out, list, map, "max");
}

/// The date itself behind its key for sorting, so that the least of several tells both.
std::string earliest_of(const std::vector<std::string>& dates) {
  std::string list;
  for (const auto& date : dates)
    list += (list.empty() ? "" : ", ") + after_its_days(date) + " || chr(31) || " + date;
  return "split_part(least(" + list + "), chr(31), 2)";
}

/// Partial dates sort behind the days that they may be: 2024 is not before 2024-01-20, nor is 2024---20.
std::string after_its_days(const std::string& date) {
  return "CASE WHEN length(" + date + ") < 10 OR contains(" + date + ", '--') THEN regexp_extract(" + date +
         ", '^[0-9]{4}(-[0-9]{2})?') || '~' ELSE " + date + " END";
}

/// The first or last of the subject's dates in several datasets, compared as ISO 8601 text.
void VariablesBuilder::extreme(Variable& out, const YamlValue& list, YamlMap& map,
                               const std::string& aggregate) {
  const std::string common = map.text_or("where", "");
  const bool day_only = map.choice_or("precision", {"day", "as-is"}, "as-is") == "day";
  std::vector<std::string> parts;
  for (const auto& node : list.is_list() ? list.list() : std::vector<YamlValue>{list}) {
    const bool own = node.is_map();  // with a condition of its own
    const std::string text = own ? node.map().text("of") : node.text();
    const std::string where = own ? node.map().text("where") : common;
    const auto dot = text.find('.');
    const std::string dataset = text.substr(0, dot);
    place_ = node.place();
    const std::size_t before = inputs_.size();
    const bool other = dot != std::string::npos && is_made(dataset) && dataset != dataset_;
    std::string part = other ? join_subject(dataset, text.substr(dot + 1),
                                            aggregate == "min" ? "first_date" : aggregate, where)
                             : clean(operand_named(text, false, node.place()));
    note_read(aggregate == "min" ? "earliest" : "latest", input_since(before),
              {{"where", other ? where : ""}});
    parts.push_back(day_only ? "left(" + part + ", 10)" : part);
  }
  if (parts.empty()) throw list.wrong_type("list of dates such as EX.EXSTDTC");
  if (parts.size() == 1)
    out.sql = parts[0];
  else if (aggregate == "max")
    out.sql = "greatest(" + base::join(parts, ", ") + ")";
  else
    out.sql = earliest_of(parts);
}

/// EPOCH of the subject element (SE) that had begun last and has not ended before the date; SDTMIG 3.4,
/// section 5.3. SE without EPOCH takes it from TA.
void VariablesBuilder::epoch(Variable& out, const YamlValue& node, YamlMap&) {
  const std::size_t before = inputs_.size();
  const std::string date = operand(node, false), date_input = input_since(before);
  if (!is_made("SE"))
    throw base::usage_error("TM2302", "an epoch needs the dataset SE", node.place(),
                            "write mappings/se.yaml");
  need("SE");
  if (!variable("USUBJID")) throw node.wrong_type("date of a dataset with USUBJID");
  const auto columns = context_.session.columns_of("sdtm.SE");
  std::string elements = "SELECT USUBJID AS u, SESTDTC AS s, SEENDTC AS e, EPOCH AS p FROM sdtm.SE";
  if (find_name(columns, "EPOCH").empty()) {
    if (!is_made("TA"))
      throw base::usage_error("TM2302", "SE has no EPOCH, and there is no TA to take it from", node.place());
    need("TA");
    elements =
        "SELECT USUBJID AS u, SESTDTC AS s, SEENDTC AS e, (SELECT min(EPOCH) FROM sdtm.TA t WHERE "
        "t.ETCD = x.ETCD) AS p FROM sdtm.SE x";
  }
  const std::string pairs = sql_identifier("tm_" + dataset_ + "_epoch_" + std::to_string(joins_++));
  // Elements are looked up once for each subject and day, not for each record; few rows are stored so that
  // they are not computed twice.
  flush();
  if (placed_) store("tm_" + dataset_ + "_rows_" + std::to_string(joins_++), "TEMP TABLE", date);
  const std::string day = "left(" + date + ", 16)";
  const auto cut = [](const std::string& text, const std::string& other) {
    return "left(" + text + ", least(length(" + text + "), length(" + other + ")))";
  };
  const std::string alias = sql_identifier(unique_name("epoch$" + out.name));
  const std::string rows = "(SELECT DISTINCT \"USUBJID\" AS u, " + day + " AS d FROM (" + sql_ +
                           ") WHERE length(" + date + ") >= 10)";
  // Of elements that began at the same time the one that has not ended counts, else the one that ends last.
  const std::string holds = "(x.e IS NULL OR " + cut("q.d", "x.e") + " <= " + cut("x.e", "q.d") + ")";
  const std::string rank = "x.s || chr(1) || " + holds + "::INT || coalesce(x.e, '9999')";
  const std::string found = "SELECT q.u, q.d, nullif(arg_max(CASE WHEN " + holds +
                            " THEN coalesce(x.p, '') ELSE '' END, " + rank + "), '') AS p FROM " + rows +
                            " q JOIN (" + elements + ") x ON x.u = q.u AND " + cut("q.d", "x.s") +
                            " >= " + cut("x.s", "q.d") + " WHERE x.s IS NOT NULL GROUP BY ALL";
  context_.session.execute("CREATE OR REPLACE TEMP TABLE " + pairs + " AS " + found);
  sql_ = "SELECT l.*, r.p AS " + alias + " FROM (" + sql_ + ") l LEFT JOIN " + pairs +
         " r ON r.u = l.\"USUBJID\" AND r.d = left(l." + date + ", 16)";
  for (const char* input : {find_name(columns, "EPOCH").empty() ? "TA.EPOCH" : "SE.EPOCH", "SE.SESTDTC"}) {
    inputs_.push_back(input);
    note_read("epoch", input, {{"date", date_input}});
  }
  out.sql = alias;
}

}  // namespace trialmill::transform
